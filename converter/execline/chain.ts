// Translates a chain of execline commands to lines of a POSIX shell. Each command changes the process and then becomes
// the rest of the chain, so its line is before the lines of the rest. The program at the end is started with `exec` and
// keeps the pid. Blocks are child processes: a single program is written as it is, anything more in parentheses.

import { append } from '../../config/model/append.ts'
import { nameOf, type Read, readStep, type Step } from './shapes.ts'
import type { Block, Item, Word } from './lexer.ts'
import { around, indent, quoteValue } from './shell.ts'
import {
  isStatic,
  mapWords,
  piecesOf,
  type Reference,
  type References,
  substitute,
  textsOf,
  Untranslatable,
  type Values,
} from './words.ts'

/** Writes the lines of one command. Gives `ends` when nothing of its chain is left to write. */
export type Handler = (chain: Chain, step: Step) => 'ends' | undefined

/** How a program is run: in place of the shell, or as its child. */
export type Manner = 'exec' | 'run'

/** Writes the programs at the ends of chains. */
export interface Programs {
  /** The lines of a program. When it replaces the shell, they end the process. */
  write(chain: Chain, step: Step, after: readonly Item[], manner: Manner): readonly string[]
  /** The only line of a chain that runs as a child, if it needs no parentheses. */
  writeAlone(line: string): { readonly lines: readonly string[]; readonly isSafe: boolean } | undefined
  /** Whether the shell does it without starting a process. */
  isBuiltin(step: Step): boolean
}

/** What all chains of one script have in common. */
export interface Surroundings {
  readonly commands: ReadonlyMap<string, Handler>
  readonly programs: Programs
  readonly references: References
  /** Whether the process must become the program: then no shell may stay in its place. */
  readonly isSupervised: boolean
  /** Why `with-contenv` cannot be left out; undefined when it can. */
  readonly contenv: string | undefined
  /** The values of elgetpositionals, when there are arguments. */
  readonly positionals: ((least: number) => Values) | undefined
  /** Comment lines by number; removed when they are written. */
  readonly comments: Map<number, string>
}

/** A chain as a single command. */
export interface Child {
  readonly lines: readonly string[]
  /** It consists only of shell builtins: no signal can end it. */
  readonly isSafe: boolean
  /** One command, several connected by pipes, or lines in parentheses. */
  readonly kind: 'program' | 'pipeline' | 'group'
}

/** A chain during its translation. */
export class Chain {
  readonly surroundings: Surroundings
  readonly lines: string[] = []
  /** Environment variables whose state is known; others may be set or not. */
  readonly variables: Map<string, 'set' | 'unset'>
  /** The environment was changed other than by name. */
  isChanged = false
  rest: readonly Item[]
  readonly #isChild: boolean

  constructor(
    surroundings: Surroundings,
    items: readonly Item[],
    above?: Partial<Pick<Chain, 'variables' | 'isChanged'>>,
    isChild = above !== undefined,
  ) {
    this.surroundings = surroundings
    this.rest = items
    this.variables = new Map(above?.variables)
    this.isChanged = above?.isChanged ?? false
    this.#isChild = isChild
  }

  /** Whether it runs as a child: then a shell may stay. */
  get isWithin(): boolean {
    return this.#isChild || !this.surroundings.isSupervised
  }

  /** Whether it runs as a child: then a shell stays, and `$$` is not its own pid. */
  get isChild(): boolean {
    return this.#isChild
  }

  get references(): References {
    return this.surroundings.references
  }

  /** The lines of the whole chain, which ends the process; a plain `exit` at the end is left out. */
  write(): readonly string[] {
    for (let isOpen = true; isOpen;) isOpen = this.#next()
    if (this.lines.at(-1) === 'exit') this.lines.pop()
    return this.lines.length === 0 ? [':'] : this.lines
  }

  #next(): boolean {
    const [first] = this.rest
    if (first === undefined) {
      this.lines.push('exit 0')
      return false
    }
    const read = readStep(this.rest)
    if (read === undefined) throw new Untranslatable('a block stands where a command is expected', first.place)
    this.#writeComments(read.step.command.place.line)
    return this.#translate(read)
  }

  #translate({ step, after }: Read): boolean {
    const name = this.only(step.command)
    const handler = isStatic(name) ? this.surroundings.commands.get(nameOf(step.command)) : undefined
    if (handler === undefined) {
      append(this.lines, this.surroundings.programs.write(this, step, after, 'exec'))
      return false
    }
    this.rest = after
    return handler(this, step) !== 'ends'
  }

  #writeComments(line: number): void {
    for (const [number, text] of this.surroundings.comments) {
      if (number > line) continue
      this.surroundings.comments.delete(number)
      this.lines.push(`# ${text}`.trimEnd())
    }
  }

  /** The rest of this chain, or a block of it, as a single command. */
  child(part: Block | readonly Item[]): Child {
    const items = 'items' in part ? part.items : part
    const { commands, programs } = this.surroundings
    const read = readStep(items)
    if (read === undefined && items.length === 0) return { lines: [':'], isSafe: true, kind: 'program' }
    if (read !== undefined && !commands.has(nameOf(read.step.command))) {
      const within = new Chain(this.surroundings, items, this)
      const lines = programs.write(within, read.step, read.after, 'run')
      return { lines, isSafe: programs.isBuiltin(read.step), kind: 'program' }
    }
    const chain = new Chain(this.surroundings, items, this)
    const lines = chain.write()
    const isPipeline = read !== undefined && nameOf(read.step.command) === 'pipeline'
    const plain = lines.length > 1 || isPipeline ? undefined : programs.writeAlone(lines[0] ?? '')
    if (plain !== undefined) return { ...plain, kind: 'program' }
    if (lines.length > 1) return { lines: ['(', ...indent(lines), ')'], isSafe: false, kind: 'group' }
    if (isPipeline) return { lines, isSafe: false, kind: 'pipeline' }
    return { lines: around('(', lines, ')'), isSafe: false, kind: 'group' }
  }

  /** A block, or the rest, as lines that end this process. */
  branch(part: Block | readonly Item[]): readonly string[] {
    const items = 'items' in part ? part.items : part
    const chain = new Chain(this.surroundings, items, this, this.#isChild)
    for (let isOpen = true; isOpen;) isOpen = chain.#next()
    return indent(chain.lines)
  }

  /** Replaces names in all following words. */
  substitute(values: Values): void {
    this.rest = substitute(this.rest, values)
  }

  /** The places in the rest that use the current value of a variable. */
  usesOf(variable: string): readonly Reference[] {
    const used = textsOf(this.rest).flatMap((text) => this.references.in(text))
    return used.filter(({ name, isLive }) => isLive && name === variable)
  }

  /** Copies the value of a variable that the rest uses, before the variable is changed. */
  keep(variable: string, place: Word['place']): void {
    if (this.usesOf(variable).length === 0) return
    const known = new Map<string, string>()
    const swap = (sign: string): string => {
      const found = this.references.get(sign)
      if (found === undefined) return sign
      const isSame = found.isLive && found.name === variable
      const inner = found.fallback === undefined ? [] : this.references.in(found.fallback)
      if (inner.some(({ name, isLive }) => isLive && name === variable))
        throw new Untranslatable(`the value of ${variable} is still needed after this`, place)
      return isSame ? (known.get(sign) ?? this.#copy(found, known, sign)) : sign
    }
    this.rest = mapWords(this.rest, (text) => text.replaceAll(/[\ue000-\uf8ff]/g, swap))
  }

  #copy(found: Reference, known: Map<string, string>, sign: string): string {
    const name = this.references.nameCopy(found.name)
    if (found.mayBeGone) this.lines.push(`unset ${name}; [ -z "\${${found.name}+set}" ] || ${name}=$${found.name}`)
    else
      this.lines.push(`${name}=${found.fallback === undefined ? `$${found.name}` : quoteValue(sign, this.references)}`)
    const copy = this.references.add({ ...found, name, isLive: false, fallback: undefined })
    known.set(sign, copy)
    return copy
  }

  /** The text of a word that is part of a command: it must have exactly one value. */
  only(word: Word | undefined, place?: Word['place']): string {
    if (word === undefined)
      throw new Untranslatable('words are missing here', place ?? { file: '', line: 1, column: 1 })
    const loose = this.references
      .in(word.text)
      .find(({ mayBeGone, name, isSplit }) => mayBeGone || name === '@' || isSplit)
    if (loose === undefined) return word.text
    const why = loose.isSplit === true ? 'is split' : 'may be unset'
    const what = loose.name === '@' ? 'all arguments make' : `${loose.name} ${why}, which makes`
    throw new Untranslatable(`${what} another number of words`, word.place)
  }

  /** Refuses a word that would be repeated for each of several values. */
  checkList({ text, place }: Word): void {
    const list = this.references.in(text).find(({ name, isSplit }) => name === '@' || isSplit)
    if (list === undefined || piecesOf(text).length === 1) return
    const each = list.name === '@' ? 'each argument' : `each word of ${list.name}`
    throw new Untranslatable(`a word is repeated for ${each}`, place)
  }

  /** The text of a word whose value is known. */
  fixed(word: Word | undefined, step: Step): string {
    const text = this.only(word, step.command.place)
    if (isStatic(text)) return text
    throw new Untranslatable('it depends on a value that is known only when it runs', step.command.place)
  }

  /** A variable name that is valid in a shell and has no special meaning there. */
  variable(word: Word | undefined, step: Step): string {
    const name = this.fixed(word, step)
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new Untranslatable(`a shell has no variable called ${JSON.stringify(name)}`, step.command.place)
    if (/^(?:IFS|LINENO|OLDPWD|OPTIND|PPID|PS[124]|PWD|_)$/.test(name))
      throw new Untranslatable(`${name} is the shell's own`, step.command.place)
    return name
  }

  /** Refuses options other than these. */
  options(step: Step, allowed: string): string {
    const other = [...step.options, ...step.values.keys()].find((letter) => !allowed.includes(letter))
    if (other !== undefined) this.refuse(step, `with -${other}`)
    return step.options
  }

  /** The default that an option gives: it must be a single word. */
  fallback(step: Step): string | undefined {
    const text = step.values.get('D')
    if (text !== undefined && /[$\\]/.test(text))
      this.refuse(step, 'with a default that the commands behind it may change')
    return text === undefined ? undefined : this.only({ ...step.command, text })
  }

  /** Refuses the translation. */
  refuse({ command }: Step, why: string): never {
    throw new Untranslatable(`${nameOf(command)} ${why}`.trim(), command.place)
  }
}

/** Writes `if` or a similar command around lines. */
export function wrap(before: string, child: Child, behind: string): readonly string[] {
  return around(before, child.lines, behind)
}
