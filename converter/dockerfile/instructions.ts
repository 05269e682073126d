// A Dockerfile as steps in stages: what every instruction says, with values of variables, and where. The package
// dockerfile-ast finds the instructions; words, quotes and values are read here, because places in the file are needed
// for each of them. Source: BuildKit 0.16, the Dockerfile reference of Docker 27.

import { ConfigError, type Diagnostic, type Place } from '../../config/model/diagnostic.ts'
import { nearest } from '../../config/values/nearest.ts'
import { expandWord, type Expanded } from './expand.ts'
import { parse, type Found } from './parse.ts'
import { Scope } from './scope.ts'
import { type ShellCommand, splitCommands } from './shell.ts'
import { join, type Span, type Token, tokenize } from './words.ts'

/** A word with its value. */
export interface Word extends Token, Expanded {}

/** A command of RUN, CMD, ENTRYPOINT or HEALTHCHECK in shell form. */
export interface Command extends Omit<ShellCommand, 'words' | 'targets'> {
  readonly words: readonly Word[]
  readonly targets: readonly Word[]
}

/** The text of a heredoc. */
export interface Heredoc extends Span {
  readonly name: string
}

/** One instruction. */
export interface Step extends Span {
  /** In capitals; for ONBUILD that of the instruction behind it. */
  readonly keyword: string
  readonly isOnbuild: boolean
  readonly place: Place
  /** Options: `--from=x` is from → x; without a value it is empty. */
  readonly flags: ReadonlyMap<string, string>
  /** The words after the options; those of JSON form are in `json` only. */
  readonly words: readonly Word[]
  /** The words of the JSON form; undefined for the shell form. */
  readonly json: readonly string[] | undefined
  /** The commands of the shell form. */
  readonly commands: readonly Command[]
  /** The words and signs that the commands are made of. */
  readonly tokens: readonly Token[]
  readonly heredocs: readonly Heredoc[]
  /** The working directory before the instruction. */
  readonly directory: string
}

/** A stage of a build. */
export interface Stage {
  readonly index: number
  readonly name: string | undefined
  /** The image or stage it begins with, with values. */
  readonly from: string
  /** The stage it begins with, when that is one of the file. */
  readonly parent: Stage | undefined
  readonly head: Step
  readonly steps: readonly Step[]
}

/** A Dockerfile. */
export interface Build {
  readonly file: string
  readonly text: string
  /** The end of its lines. */
  readonly eol: '\n' | '\r\n'
  readonly escape: string
  readonly stages: readonly Stage[]
  readonly diagnostics: readonly Diagnostic[]
  placeOf(offset: number): Place
}

const KNOWN =
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  )
/** A shell that reads its commands from standard input. */
const SHELL = /^(?:(?:\/usr)?\/bin\/)?(?:ba|da|a)?sh(?: -[aefuvx]+| -o pipefail| -euo pipefail)*$/
/** Values of values could double with each line of a Dockerfile. */
const MOST_VALUE_CHARACTERS = 16 * 1024 * 1024
/** Linux has no longer paths: PATH_MAX. */
const LONGEST_PATH = 4096
/** More stages than any build has: stages are compared with one another. */
const MOST_STAGES = 1000
const WITH_COMMANDS = ['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK']

/** Reads a Dockerfile; `given` are values of ARG. Throws ConfigError with all errors. */
export async function readBuild(
  file: string,
  text: string,
  given: ReadonlyMap<string, string> = new Map(),
): Promise<Build> {
  const reader = new Reader(file, text, given)
  const found = await parse(text)
  reader.escape = found.escape
  for (const one of found.instructions) reader.read(one)
  return reader.finish()
}

class Reader {
  escape = '\\'
  private charactersLeft = MOST_VALUE_CHARACTERS
  private readonly file: string
  private readonly text: string
  private readonly lineStarts: readonly number[]
  private readonly stages: (Stage & { steps: Step[]; scope: Scope })[] = []
  private readonly diagnostics: Diagnostic[] = []
  private readonly globals: Scope
  private readonly given: ReadonlyMap<string, string>

  constructor(file: string, text: string, given: ReadonlyMap<string, string>) {
    this.file = file
    this.text = text
    this.given = given
    this.globals = new Scope(given)
    this.lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  }

  finish(): Build {
    const { file, text, escape, diagnostics } = this
    if (this.stages.length === 0)
      this.report(0, 'error', 'There is no FROM: this is no Dockerfile', 'is it the right file?')
    if (diagnostics.some(({ severity }) => severity === 'error')) throw new ConfigError(diagnostics)
    const eol = text.includes('\r\n') ? '\r\n' : '\n'
    return { file, text, eol, escape, stages: this.stages, diagnostics, placeOf: (offset) => this.placeOf(offset) }
  }

  read(found: Found): void {
    // FROM sees the ARGs before the first FROM alone.
    const isFrom = found.keyword === 'FROM'
    const scope = (isFrom ? undefined : this.stages.at(-1)?.scope) ?? this.globals
    const step = this.stepOf(found, scope)
    if (!KNOWN.includes(step.keyword)) {
      const close = nearest(step.keyword, KNOWN)
      this.report(step.start, 'error', `There is no instruction ${step.keyword}`, close && `did you mean ${close}?`)
    } else if (step.keyword === 'FROM' && !step.isOnbuild) this.open(step)
    else if (this.stages.length === 0 && step.keyword !== 'ARG')
      this.report(step.start, 'error', `${step.keyword} stands before the first FROM`, 'only ARG may stand there')
    else {
      this.stages.at(-1)?.steps.push(step)
      if (!step.isOnbuild) this.follow(step, scope)
    }
  }

  private open(head: Step): void {
    const [image, as, name] = head.words
    if (image === undefined) return this.report(head.start, 'error', 'FROM names no image', 'FROM IMAGE [AS NAME]')
    const lower = as?.text.toLowerCase() === 'as' ? name?.text.toLowerCase() : undefined
    const parent = this.stages.find((stage) => stage.name === image.text.toLowerCase())
    if (this.stages.length === MOST_STAGES)
      return this.refuseWhole(head.start, `There are more than ${MOST_STAGES} stages`)
    if (!this.charge(parent?.scope.size ?? 0, head.start)) throw new ConfigError(this.diagnostics)
    const scope = new Scope(this.given, this.globals, parent?.scope)
    this.stages.push({ index: this.stages.length, name: lower, from: image.text, parent, head, steps: [], scope })
  }

  /** Takes in what an instruction means for those behind it. */
  private follow({ keyword, words, start }: Step, scope: Scope): void {
    const [first] = words
    if (keyword === 'WORKDIR' && first !== undefined) {
      scope.enter(first.text)
      if (scope.directory.length > LONGEST_PATH)
        this.refuseWhole(start, `The working directory is longer than ${LONGEST_PATH} characters`)
    }
    if (keyword === 'ARG') for (const { text } of words) scope.declare(text)
    if (keyword !== 'ENV' || first === undefined) return
    if (first.raw.includes('=')) for (const { text } of words) scope.set(text)
    else
      scope.set(
        `${first.text}=${words
          .slice(1)
          .map(({ text }) => text)
          .join(' ')}`,
      )
  }

  private stepOf(found: Found, scope: Scope): Step {
    const { escape } = this
    const isOnbuild = found.keyword === 'ONBUILD'
    const inner = isOnbuild ? innerOf(this.text, found, escape) : found
    const heredocs = found.heredocs
    const body: Span = { start: inner.body.start, end: Math.min(inner.body.end, heredocs[0]?.head ?? Infinity) }
    const lookup = (name: string): string | undefined => this.valueOf(name, scope, found.start)
    const word = (token: Token): Word => ({ ...token, ...expandWord(token.raw, lookup) })
    const plain = tokenize(this.text, body, { escape, isPlain: true })
    const isFlag = ({ raw }: Token): boolean => raw.startsWith('--')
    const count = plain.findIndex((token) => !isFlag(token))
    const flags = plain.slice(0, count < 0 ? plain.length : count).map((token) => flagOf(word(token).text))
    const rest = plain.slice(flags.length)
    const isCheck = inner.keyword === 'HEALTHCHECK' && /^cmd$/i.test(rest[0]?.raw ?? '')
    const own = isCheck ? rest.slice(1) : rest
    const span = { start: own[0]?.start ?? body.end, end: body.end }
    const json = this.jsonOf(inner.keyword, span)
    const tokens = json === undefined && WITH_COMMANDS.includes(inner.keyword) ? this.tokensOf(span, heredocs) : []
    const commands = splitCommands(tokens)
    return {
      keyword: inner.keyword,
      isOnbuild,
      place: this.placeOf(found.start),
      start: found.start,
      end: found.end,
      flags: new Map(flags),
      words: own.map(word),
      json,
      commands: commands.map((one) => ({ ...one, words: one.words.map(word), targets: one.targets.map(word) })),
      tokens,
      heredocs,
      directory: scope.directory,
    }
  }

  /** Without a command before its heredoc, RUN runs the text of it; with one, that command reads it. */
  private tokensOf(span: Span, heredocs: readonly Heredoc[]): readonly Token[] {
    const own = tokenize(this.text, span, { escape: this.escape })
    const names = new Set(heredocs.map(({ name }) => name))
    const words = own.filter(({ kind, raw }) => kind === 'word' && !names.has(raw.replaceAll(/["']/g, '')))
    const isShell = words.length === 0 || SHELL.test(words.map(({ raw }) => raw).join(' '))
    if (heredocs.length === 0 || !isShell) return own
    return heredocs.flatMap((one) => tokenize(this.text, one, { escape: '\\', isScript: true }))
  }

  private valueOf(name: string, scope: Scope, at: number): string | undefined {
    if (this.charactersLeft < 0) return undefined
    const value = scope.get(name)
    return this.charge(value?.length ?? 0, at) ? value : undefined
  }

  /** Counts characters of values, also those that a stage copies. False with an error when there are too many. */
  private charge(count: number, at: number): boolean {
    this.charactersLeft -= count
    if (this.charactersLeft < 0)
      this.report(at, 'error', `The values of variables are longer than ${MOST_VALUE_CHARACTERS} characters in all`)
    return this.charactersLeft >= 0
  }

  private jsonOf(keyword: string, span: Span): readonly string[] | undefined {
    const text = join(this.text.slice(span.start, span.end), { escape: this.escape }).trim()
    if (!text.startsWith('[') || ![...WITH_COMMANDS, 'COPY', 'ADD', 'SHELL', 'VOLUME'].includes(keyword))
      return undefined
    try {
      const value: unknown = JSON.parse(text)
      if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    } catch {
      // reported below
    }
    if (/^\[\s*["']/.test(text))
      this.report(
        span.start,
        'warning',
        `This is no JSON, so Docker reads it as the text of a shell`,
        'JSON has double quotes and no comma at the end',
      )
    return undefined
  }

  private placeOf(offset: number): Place {
    let [low, high] = [0, this.lineStarts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.file, line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 }
  }

  /** Ends the reading: what follows would take too long. */
  private refuseWhole(offset: number, message: string): never {
    this.report(offset, 'error', message, 'is it the right file?')
    throw new ConfigError(this.diagnostics)
  }

  private report(offset: number, severity: 'error' | 'warning', message: string, hint?: string): void {
    this.diagnostics.push({ severity, message, place: this.placeOf(offset), ...(hint === undefined ? {} : { hint }) })
  }
}

/** The instruction behind ONBUILD. */
function innerOf(text: string, found: Found, escape: string): Pick<Found, 'keyword' | 'body'> {
  const [word] = tokenize(text, found.body, { escape, isPlain: true })
  if (word === undefined) return found
  return { keyword: word.raw.toUpperCase(), body: { start: word.end, end: found.body.end } }
}

function flagOf(text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^--([^=]*)=?(.*)$/s.exec(text) ?? []
  return [name, value]
}
