// The variables and the working directory of a stage while it is read. Source: BuildKit 0.16, dockerfile2llb.

import { posix } from 'node:path'

/** Variables that BuildKit sets, if the stage declares them. */
const AUTOMATIC = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/

/** What is known at one point of a stage. */
export class Scope {
  /** The working directory. */
  directory = '/'
  private readonly given: ReadonlyMap<string, string>
  private readonly globals: Scope | undefined
  private readonly args = new Map<string, string>()
  private readonly variables: Map<string, string>
  private characters: number

  /** `given` are values of --build-arg, `globals` the ARGs before the first FROM, `parent` is the stage it begins with. */
  constructor(given: ReadonlyMap<string, string>, globals?: Scope, parent?: Scope) {
    this.given = given
    this.globals = globals
    this.variables = new Map(parent?.variables)
    this.characters = parent?.characters ?? 0
    if (parent !== undefined) this.directory = parent.directory
  }

  /** About how many characters a stage that begins with this one copies, with the names. */
  get size(): number {
    return this.characters + this.directory.length
  }

  /** The value of a variable: ENV before ARG. */
  get(name: string): string | undefined {
    return this.variables.get(name) ?? this.args.get(name)
  }

  /** ARG: `NAME` or `NAME=value`. */
  declare(text: string): void {
    const [name = '', ...rest] = text.split('=')
    const fallback = rest.length > 0 ? rest.join('=') : AUTOMATIC.test(name) ? undefined : this.globals?.get(name)
    const value = this.given.get(name) ?? fallback
    if (value !== undefined) this.args.set(name, value)
  }

  /** ENV: `NAME=value`. */
  set(text: string): void {
    const at = text.indexOf('=')
    if (at <= 0) return
    this.variables.set(text.slice(0, at), text.slice(at + 1))
    this.characters += text.length
  }

  /** WORKDIR. */
  enter(path: string): void {
    this.directory = posix.resolve(this.directory, path)
  }
}
