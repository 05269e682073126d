// The commands that execline scripts are made of: how many words and blocks each takes before the rest of the line, which it
// then becomes. With them a script is read as the chain that it is.
// Source: execline 2.9, s6 2.15, s6-overlay 3.2; their documentation pages.

import type { Block, Item, Word } from './execline.ts'

/** What a command takes: w a word, b a block; options go before. */
interface Shape {
  readonly takes: string
  /** Letters of options that have a value. */
  readonly valued?: string
}

/** One command of a chain with what it took. */
export interface Step {
  readonly command: Word
  /** Letters of options without value, such as `u`. */
  readonly options: string
  readonly words: readonly Word[]
  readonly blocks: readonly Block[]
  /** Everything behind the command, options included. */
  readonly all: readonly Item[]
  /** Whether the table knows it; an unknown one ends the chain. */
  readonly isKnown: boolean
}

const SHAPES: Readonly<Record<string, Shape>> = {
  foreground: { takes: 'b' },
  background: { takes: 'b' },
  if: { takes: 'b', valued: 'x' },
  ifelse: { takes: 'bb' },
  ifte: { takes: 'bb' },
  ifthenelse: { takes: 'bbb' },
  backtick: { takes: 'wb', valued: 'D' },
  importas: { takes: 'ww', valued: 'Dd' },
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
  exit: { takes: '' },
  wait: { takes: 'b', valued: 't' },
  forx: { takes: 'wb', valued: 'xd' },
  forbacktickx: { takes: 'wb', valued: 'xd' },
  loopwhilex: { takes: '', valued: 'x' },
  getpid: { takes: 'w' },
  withstdinas: { takes: 'w' },
  elglob: { takes: 'ww' },
  'with-contenv': { takes: '' },
  's6-setuidgid': { takes: 'w' },
  's6-applyuidgid': { takes: '', valued: 'ugG' },
  's6-envdir': { takes: 'w', valued: 'c' },
  's6-envuidgid': { takes: 'w' },
  's6-softlimit': { takes: '', valued: 'adfmlnoprst' },
  's6-notifyoncheck': { takes: '', valued: '3stTwnc' },
  's6-setlock': { takes: 'w', valued: 't' },
}

/** The commands of a chain, the last one being a program that is not in the table. */
export function readChain(items: readonly Item[]): readonly Step[] {
  const steps: Step[] = []
  for (let rest = items; rest.length > 0;) {
    const [first, ...behind] = rest
    if (first === undefined || 'items' in first) return steps
    const shape = SHAPES[nameOf(first)]
    if (shape === undefined) {
      const words = behind.filter((item): item is Word => !('items' in item))
      steps.push({ command: first, options: '', words, blocks: [], all: behind, isKnown: false })
      return steps
    }
    const { step, after } = take(first, behind, shape)
    steps.push(step)
    rest = after
  }
  return steps
}

/** Every chain: that of the items and those in all their blocks. */
export function readChains(items: readonly Item[]): readonly (readonly Step[])[] {
  const chain = readChain(items)
  const inner = items.flatMap((item) => ('items' in item ? readChains(item.items) : []))
  return [chain, ...inner]
}

/** `cd` of `/command/cd`. */
export function nameOf({ text }: Word): string {
  return text.slice(text.lastIndexOf('/') + 1)
}

function take(
  command: Word,
  behind: readonly Item[],
  { takes, valued = '' }: Shape,
): { step: Step; after: readonly Item[] } {
  let at = 0
  let options = ''
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
    if (withValue === letters.length - 1) at += 1
  }
  const words: Word[] = []
  const blocks: Block[] = []
  for (const kind of takes) {
    const item = behind[at]
    if (item === undefined || 'items' in item !== (kind === 'b')) break
    if ('items' in item) blocks.push(item)
    else words.push(item)
    at += 1
  }
  return { step: { command, options, words, blocks, all: behind, isKnown: true }, after: behind.slice(at) }
}
