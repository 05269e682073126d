// The second reader of s6-rc: what s6-rc would run, read directly from the files, without definitions, mapping and
// Document. Source: s6-rc 0.7 source definition directories; s6 2.15 servicedir.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import type { Document, Table } from '../../config/keys/document.ts'
import { readSignal } from '../../config/values/signal.ts'
import type { ConvertOptions, Expected, Witness } from '../format.ts'
import { argvOf, lexExecline } from '../execline/lexer.ts'
import { findSource } from './load.ts'

/** The second reader of source directories. */
export function witnessS6Rc(path: string, _machine: Machine, options: ConvertOptions): Witness {
  const [first = path, ...others] = [path, ...(options.sources ?? [])].map((one) => findSource(one) ?? one)
  const below = (options.bases ?? []).map((one) => findSource(one) ?? one)
  const reader = new Reader([first, ...below.reverse()], options)
  const readers = [reader, ...others.map((other) => new Reader([other], options))]
  return {
    texts: [],
    expect: (_other, { tables }: Document) =>
      tables.flatMap((table) => readers.filter((one) => one.has(table.name)).flatMap((one) => one.expect(table))),
  }
}

class Reader {
  /** The uppermost layer first. */
  readonly #roots: readonly string[]
  readonly #options: ConvertOptions

  constructor(roots: readonly string[], options: ConvertOptions) {
    this.#roots = roots.map((root) => resolvePath(root))
    this.#options = options
  }

  has(name: string): boolean {
    return name !== '' && this.#file(name, 'type') !== undefined
  }

  /** Bundles are only names, so there is nothing to compare. */
  expect({ kind, name, place }: Table): readonly Expected[] {
    const type = this.#read(name, 'type')?.replace(/\n.*/s, '')
    if ((type !== 'longrun' && type !== 'oneshot') || kind === 'bundles') return []
    const values = {
      depends_on: this.#needs(name).map((other) => ({ name: other, reached: undefined })),
      ...(type === 'longrun' ? this.#longrun(name) : this.#oneshot(name)),
    }
    return [{ group: name, name, values, place: () => place }]
  }

  #longrun(name: string): Readonly<Record<string, unknown>> {
    const [fd, signal] = [this.#number(name, 'notification-fd'), this.#read(name, 'down-signal')?.split('\n')[0]]
    const ready = { check: { kind: 'fd', fd }, interval: 1, timeout: 5, deadline: 0 }
    const isTranslated = this.#isTranslated(name, 'run')
    const isExact = signal !== undefined && !/\s/.test(signal)
    return {
      ...(this.#options.inline === true || isTranslated ? {} : { argv: this.#run(name) }),
      log_to: this.#consumers(name).map((other) => `${other}:${other}`)[0],
      ...this.#timeouts(name),
      max_deaths: this.#number(name, 'max-death-tally') ?? 100,
      ready: fd === undefined ? undefined : ready,
      stopsignal: (isExact ? readSignal(signal) : undefined) ?? 15,
      autorestart: 'true',
      ...(isTranslated ? {} : { uid: null }),
    }
  }

  #oneshot(name: string): Readonly<Record<string, unknown>> {
    const line = (file: string): readonly string[] | null => {
      if (this.#isTranslated(name, file)) return null
      const path = this.#file(name, file)
      const text = this.#read(name, file)
      const lexed = lexExecline(text ?? '', '')
      const words = 'words' in lexed ? lexed.words : []
      if (path === undefined || words.length === 0 || (this.#options.inline === true && words.length === 1)) return null
      return words.some(({ level, isEnd }) => level > 0 || isEnd) ? null : argvOf(words)
    }
    const ofLines = Object.fromEntries(
      ['up', 'down'].flatMap((file) => (line(file) === null ? [] : [[file, line(file)]])),
    )
    return { ...ofLines, ...this.#timeouts(name) }
  }

  #timeouts(name: string): Readonly<Record<string, number>> {
    const seconds = (file: string): number => (this.#number(name, file) ?? 0) / 1000
    return { timeout_up: seconds('timeout-up'), timeout_down: seconds('timeout-down') }
  }

  /** Scripts that --translate may change are compared by their effects, in the tests of the translation. */
  #isTranslated(name: string, file: string): boolean {
    if (this.#options.translate !== true) return false
    return file !== 'run' || /^#!.*(?:execlineb|with-contenv)/.test(this.#read(name, file) ?? '')
  }

  /** The command that runs the file: by its path when the kernel can run it, else by its interpreter. */
  #run(name: string): readonly string[] {
    const path = this.#file(name, 'run') ?? ''
    const { at } = this.#options
    const shown = at === undefined ? path : join(at, name, basename(path))
    const line = /^#![ \t]*(.*?)[ \t]*$/m.exec(this.#read(name, 'run')?.split('\n')[0] ?? '')?.[1]
    if (line === undefined || (statSync(path).mode & 0o111) !== 0) return [shown, name]
    const [interpreter = '', ...rest] = line.split(/[ \t]+/)
    return rest.length === 0
      ? [interpreter, shown, name]
      : [interpreter, line.slice(interpreter.length).trim(), shown, name]
  }

  #needs(name: string): readonly string[] {
    const folders = this.#roots.map((root) => join(root, name, 'dependencies.d')).filter((folder) => existsSync(folder))
    const entries = [...new Set(folders.flatMap((folder) => readdirSync(folder)))]
      .filter((one) => !one.startsWith('.'))
      .sort()
    const needs = folders.length > 0 ? entries : this.#listed(name, 'dependencies')
    return [...new Set([...needs, ...this.#consumers(name)])]
  }

  #consumers(name: string): readonly string[] {
    return this.#read(name, 'type')?.startsWith('longrun') === true ? this.#listed(name, 'producer-for') : []
  }

  #listed(name: string, file: string): readonly string[] {
    const lines = (this.#read(name, file) ?? '').split('\n').map((line) => line.replace(/^[ \t]+/, ''))
    return lines.filter((line) => line !== '' && !line.startsWith('#'))
  }

  #file(name: string, file: string): string | undefined {
    return this.#roots.map((root) => join(root, name, file)).find((path) => existsSync(path))
  }

  #read(name: string, file: string): string | undefined {
    const path = this.#file(name, file)
    return path === undefined || !statSync(path).isFile() ? undefined : readFileSync(path, 'utf8')
  }

  #number(name: string, file: string): number | undefined {
    const text = this.#read(name, file)
    return text === undefined ? undefined : Number.parseInt(text, 10)
  }
}
