// The syntax of execline commands: how many words and blocks each takes before the rest of the line, which it then
// runs. With it a script is read as a chain of commands. Source: execline 2.9, s6 2.15, s6-overlay 3.2; their
// documentation pages.

import { append } from '../../config/model/append.ts'
import type { Block, Item, Word } from './lexer.ts'

/** The arguments of a command: w a word, b a block, = all words with that sign; options come before them. */
interface Shape {
  readonly takes: string
  /** Letters of options with a value. */
  readonly valued?: string
  /** An option with which the last argument is left out. */
  readonly without?: string
}

/** One command of a chain with its arguments. */
export interface Step {
  readonly command: Word
  /** Letters of options without value, such as `u`. */
  readonly options: string
  /** Values of options, by letter; the last one counts. */
  readonly values: ReadonlyMap<string, string>
  readonly words: readonly Word[]
  readonly blocks: readonly Block[]
  /** Everything after the command, including options. */
  readonly all: readonly Item[]
  /** Whether the command is in the table; an unknown one ends the chain. */
  readonly isKnown: boolean
}

/** A command and the rest of the chain. */
export interface Read {
  readonly step: Step
  readonly after: readonly Item[]
}

/** Directories in which execline and s6 are installed. */
const FOLDER = /^\/(?:command|(?:usr\/)?bin|usr\/lib\/execline\/bin|package\/.*\/command)\/(?=[^/]+$)/

const SHAPES: Readonly<Record<string, Shape>> = {
  foreground: { takes: 'b' },
  background: { takes: 'b' },
  if: { takes: 'b', valued: 'x' },
  ifelse: { takes: 'bb' },
  ifte: { takes: 'bb' },
  ifthenelse: { takes: 'bbb' },
  backtick: { takes: 'wb', valued: 'D' },
  importas: { takes: 'ww', valued: 'Dd', without: 'S' },
  define: { takes: 'ww', valued: 'd' },
  multisubstitute: { takes: 'b' },
  multidefine: { takes: 'wb', valued: 'd' },
  elgetpositionals: { takes: '', valued: 'P' },
  elgetopt: { takes: 'w' },
  export: { takes: 'ww' },
  unexport: { takes: 'w' },
  cd: { takes: 'w' },
  umask: { takes: 'w' },
  exec: { takes: '', valued: 'a' },
  redirfd: { takes: 'ww' },
  fdmove: { takes: 'ww' },
  fdclose: { takes: 'w' },
  pipeline: { takes: 'b', valued: 'd' },
  piperw: { takes: 'ww' },
  heredoc: { takes: 'ww' },
  emptyenv: { takes: '' },
  exit: { takes: 'w' },
  wait: { takes: 'b', valued: 't' },
  forx: { takes: 'wb', valued: 'xo' },
  forstdin: { takes: 'w', valued: 'xd' },
  forbacktickx: { takes: 'wb', valued: 'xod' },
  loopwhilex: { takes: '', valued: 'xo' },
  case: { takes: 'wb' },
  getpid: { takes: 'w' },
  getcwd: { takes: 'w' },
  fdswap: { takes: 'ww' },
  fdreserve: { takes: 'w' },
  shift: { takes: '', valued: 'nb' },
  trap: { takes: 'b', valued: 't' },
  tryexec: { takes: 'b', valued: 'a' },
  dollarat: { takes: '', valued: 'd' },
  runblock: { takes: 'w', valued: 'n' },
  envfile: { takes: 'w' },
  'execline-cd': { takes: 'w' },
  'execline-umask': { takes: 'w' },
  'posix-cd': { takes: 'w' },
  'posix-umask': { takes: 'w' },
  withstdinas: { takes: 'w' },
  elglob: { takes: 'ww' },
  'with-contenv': { takes: '' },
  's6-setuidgid': { takes: 'w' },
  's6-applyuidgid': { takes: '', valued: 'ugG' },
  's6-envdir': { takes: 'w', valued: 'c' },
  's6-envuidgid': { takes: 'w' },
  's6-softlimit': { takes: '', valued: 'adfmlnoprst' },
  's6-notifyoncheck': { takes: '', valued: '3stTwnc' },
  's6-env': { takes: '=' },
  's6-setlock': { takes: 'w', valued: 't' },
}

/** The commands of a chain; the last one is a program that is not in the table. */
function readChain(items: readonly Item[]): readonly Step[] {
  const steps: Step[] = []
  for (let read = readStep(items); read !== undefined; read = readStep(read.after)) steps.push(read.step)
  return steps
}

/** The first command of a chain and the rest; undefined when there is none. */
export function readStep(items: readonly Item[]): Read | undefined {
  const [command, ...behind] = items
  if (command === undefined || 'items' in command) return undefined
  const shape = isCommand(command) ? SHAPES[nameOf(command)] : undefined
  if (shape !== undefined) return take(command, behind, shape)
  const words = behind.filter((item): item is Word => !('items' in item))
  const step = { command, options: '', values: new Map(), words, blocks: [], all: behind, isKnown: false }
  return { step, after: [] }
}

/** Whether the word is the name of a command of execline or s6. */
export function isCommand(word: Word): boolean {
  return Object.hasOwn(SHAPES, nameOf(word))
}

/** All chains: that of the items, and those in all their blocks. */
export function readChains(items: readonly Item[]): readonly (readonly Step[])[] {
  const chain = readChain(items)
  const inner = items.flatMap((item) => ('items' in item ? readChains(item.items) : []))
  return [chain, ...inner]
}

/** `cd` for `/command/cd`. A program in another directory is never one of these, whatever its name is. */
export function nameOf({ text }: Word): string {
  return text.replace(FOLDER, '')
}

function take(command: Word, behind: readonly Item[], { takes, valued = '', without = '-' }: Shape): Read {
  let at = 0
  let options = ''
  const values = new Map<string, string>()
  for (; ; at += 1) {
    const item = behind[at]
    if (item === undefined || 'items' in item || !/^-./.test(item.text)) break
    if (item.text === '--') {
      at += 1
      break
    }
    const letters = item.text.slice(1)
    const withValue = [...letters].findIndex((letter) => valued.includes(letter))
    options += withValue < 0 ? letters : letters.slice(0, withValue)
    if (withValue < 0) continue
    const next = behind[at + 1]
    const isApart = withValue === letters.length - 1
    const value = isApart ? next !== undefined && !('items' in next) && next.text : letters.slice(withValue + 1)
    if (value !== false) values.set(letters[withValue] ?? '', value)
    if (isApart) at += 1
  }
  const words: Word[] = []
  const blocks: Block[] = []
  for (const kind of options.includes(without) ? takes.slice(0, -1) : takes) {
    const item = behind[at]
    if (kind === '=') {
      append(words, assignments(behind.slice(at)))
      at += words.length
      break
    }
    if (item === undefined || 'items' in item !== (kind === 'b')) break
    if ('items' in item) blocks.push(item)
    else words.push(item)
    at += 1
  }
  return { step: { command, options, values, words, blocks, all: behind, isKnown: true }, after: behind.slice(at) }
}

function assignments(items: readonly Item[]): readonly Word[] {
  const end = items.findIndex((item) => 'items' in item || !item.text.includes('='))
  return items.slice(0, end < 0 ? undefined : end).filter((item): item is Word => !('items' in item))
}
