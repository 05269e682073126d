// Translates a script of execline into keys and a command, or says why it cannot. Commands at its beginning that only
// set up the process become keys; the rest becomes the argv of a program, or a script of the POSIX shell.
// docs/decisions/0013-execline.md explains the translation.

import type { Place } from '../../config/model/diagnostic.ts'
import { type Item, lexExecline, nestBlocks } from './lexer.ts'
import { Chain, type Surroundings } from './chain.ts'
import { commands } from './commands.ts'
import { type Keys, readHead } from './head.ts'
import { isProgram, programs } from './programs.ts'
import { isStatic, References, substitute, Untranslatable, type Values } from './words.ts'

/** What is to be translated. */
export interface Source {
  readonly text: string
  readonly file: string
  /** Options of execlineb, as in its `#!` line: `-S0`. */
  readonly options: string
  /** The arguments of the script; undefined for those that are known only when it runs. */
  readonly args: readonly (string | undefined)[]
  /** Whether the process must become the program. */
  readonly isSupervised: boolean
  /** Which commands at the beginning may become keys. */
  readonly keys: 'all' | 'none'
  /** Why `with-contenv` cannot be left out. */
  readonly contenv?: string | undefined
}

/** The result of a translation. */
export interface Translation {
  readonly keys: Keys
  /** The words of a program, when nothing else is left. */
  readonly argv?: readonly string[]
  /** The text for `sh -c`, with a line end at its end. */
  readonly script?: string
  /** Comments of the source that are not in the script, by line. */
  readonly comments: ReadonlyMap<number, string>
}

/** Why a script cannot be translated, and the place. */
export interface Refusal {
  readonly reason: string
  readonly place: Place
}

/** Translates the whole script, or nothing of it. */
export function translate(source: Source): Translation | Refusal {
  try {
    return new Translator(source).translate()
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    return { reason: error.message, place: error.place }
  }
}

/** Of execlineb -s and -S. */
const MOST_POSITIONALS = 1000

class Translator {
  readonly #source: Source
  readonly #place: Place
  readonly #references = new References()

  constructor(source: Source) {
    this.#source = source
    this.#place = { file: source.file, line: 1, column: 1 }
  }

  translate(): Translation {
    const { keys: allowed, args } = this.#source
    const comments = this.#comments()
    const { keys, rest, line: head } = readHead(this.#read(), allowed === 'all', this.#source.contenv)
    const argv = args.every((arg) => arg !== undefined) ? plainArgv(rest) : undefined
    if (argv !== undefined && allowed === 'all') return { keys, argv, comments }
    const above = new Map([...comments].filter(([line]) => line < head))
    for (const line of above.keys()) comments.delete(line)
    const surroundings: Surroundings = {
      commands,
      programs,
      references: this.#references,
      isSupervised: this.#source.isSupervised,
      contenv: this.#source.contenv,
      positionals: /^-?[sSP]/.test(this.#source.options) ? undefined : (least) => this.#positionals(least, false),
      comments,
    }
    const variables = new Map(Object.keys(keys.environment ?? {}).map((name) => [name, 'set'] as const))
    const lines = new Chain(surroundings, rest, { variables }, false).write()
    return { keys, script: `${lines.join('\n')}\n`, comments: new Map([...above, ...comments]) }
  }

  #read(): readonly Item[] {
    const { text, file, options } = this.#source
    if (/[\ue000-\uf8ff]/.test(text))
      throw new Untranslatable('there are characters for private use in it', this.#place)
    const lexed = lexExecline(text, file)
    if ('error' in lexed) throw new Untranslatable(`execline cannot read it: ${lexed.error}`, lexed.place)
    const items = nestBlocks(lexed.words)
    const [, letter, least] = /^-([sS])\s*(\d+)$/.exec(options) ?? []
    if (Number(least) > MOST_POSITIONALS)
      throw new Untranslatable(
        `execlineb has the options ${options}: kahi knows ${MOST_POSITIONALS} arguments`,
        this.#place,
      )
    if (letter !== undefined) return substitute(items, this.#positionals(Number(least), letter === 's'))
    if (options === '' || options === '-P' || options === '-p') return items
    throw new Untranslatable(`execlineb has the options ${options}`, this.#place)
  }

  /** Source: execline 2.9.3, execlineb.c, myexlp. */
  #positionals(least: number, isShifted: boolean): Values {
    const { args } = this.#source
    const count = Math.max(args.length, least)
    const numbered = Array.from({ length: count }, (_, index) => {
      const known = index < args.length ? args[index] : ''
      return [String(index + 1), [known ?? this.#argument(String(index + 1))]] as const
    })
    const all = numbered.slice(isShifted ? least : 0, args.length).map(([, [value = '']]) => value)
    return new Map<string, readonly string[]>([['#', [String(args.length)]], ['@', all], ...numbered])
  }

  /** The arguments of finish: exit code, signal, name and pid. */
  #argument(name: string): string {
    return this.#references.add({ name, isLive: false, mayBeGone: false, isNumber: name !== '3' })
  }

  /** Comment lines. When a word contains a line end, comments cannot be assigned to lines. */
  #comments(): Map<number, string> {
    const found = this.#source.text.split('\n').flatMap((line, index) => {
      const text = /^[ \t]*#(?!!)[ \t]?(.*)$/.exec(line)?.[1]
      return text === undefined ? [] : [[index + 1, text] as const]
    })
    return /"[^"\n]*\n/.test(this.#source.text.replaceAll(/^[ \t]*#.*$|"[^"\n]*"/gm, ''))
      ? new Map<number, string>()
      : new Map(found)
  }
}

/** The words of a chain that is a single program. One with a relative path would be looked up in another directory. */
function plainArgv(items: readonly Item[]): readonly string[] | undefined {
  const words = items.flatMap((item) => ('items' in item ? [] : [item.text]))
  const [program = ''] = words
  const isFound = program.startsWith('/') || !program.includes('/')
  return isProgram(items) && isFound && words.length === items.length && words.every(isStatic) ? words : undefined
}
