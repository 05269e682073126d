// The commands of a shell text: enough of the shell's grammar to know where each command begins and ends, how it is joined
// to the one before, and whether it is inside `if`, `for`, a group or the like. Source: POSIX.1-2017, 2.9 and 2.10.

import type { Token } from './words.ts'

/** A simple command. */
export interface ShellCommand {
  /** Its words, without redirections. */
  readonly words: readonly Token[]
  /** The files and descriptors of its redirections. */
  readonly targets: readonly Token[]
  readonly start: number
  readonly end: number
  /** The sign before it: `&&`, `;`, `|` …; undefined for the first command. */
  readonly joint: Token | undefined
  /** The sign behind it; undefined for the last command. */
  readonly next: Token | undefined
  /** How many compound commands are around it. */
  readonly depth: number
  /** It is the head of a compound command: `for x in a b`, `case $x in`, a pattern. */
  readonly isHead: boolean
}

const OPENING = ['if', 'while', 'until', 'for', 'case', 'select', '{', 'function']
const CLOSING = ['fi', 'done', 'esac', '}']
const INNER = ['then', 'do', 'else', 'elif', '!', 'time', 'in']
/** Words after which the words up to the next sign belong to the head. */
const HEADS = ['for', 'case', 'select', 'function']

/** Splits tokens into commands. */
export function splitCommands(tokens: readonly Token[]): readonly ShellCommand[] {
  const splitter = new Splitter()
  for (const token of tokens) splitter.take(token)
  splitter.finish(undefined)
  return splitter.commands
}

class Splitter {
  readonly commands: ShellCommand[] = []
  private readonly open: string[] = []
  private words: Token[] = []
  private targets: Token[] = []
  private joint: Token | undefined
  private isTarget = false
  private isHead = false

  take(token: Token): void {
    if (token.kind === 'redirect') this.isTarget = true
    else if (token.kind === 'sign') this.takeSign(token)
    else if (this.isTarget) {
      this.targets.push(token)
      this.isTarget = false
    } else if (this.words.length === 0 && this.takeKeyword(token)) return
    else this.takeWord(token)
  }

  finish(next: Token | undefined): void {
    const all = [...this.words, ...this.targets]
    const [first] = all
    if (first !== undefined) {
      const start = all.reduce((least, word) => Math.min(least, word.start), first.start)
      const end = all.reduce((most, word) => Math.max(most, word.end), first.end)
      const { words, targets, joint, isHead } = this
      this.commands.push({ words, targets, start, end, joint, next, depth: this.open.length, isHead })
    }
    this.words = []
    this.targets = []
    this.isTarget = false
    this.isHead = false
  }

  private takeWord(token: Token): void {
    this.words.push(token)
    if (token.raw !== 'in' || this.words[0]?.raw !== 'case') return
    this.finish(token)
    this.joint = token
  }

  private takeSign(token: Token): void {
    const isPattern = token.raw === ')' && this.open.at(-1) === 'case'
    if (isPattern) this.isHead = true
    this.finish(token)
    this.joint = token
    if (token.raw === '(' && this.open.at(-1) !== 'case') this.open.push('(')
    if (token.raw === ')' && !isPattern && this.open.at(-1) === '(') this.open.pop()
  }

  /** Whether the first word of a command is a word of the shell and is used up. */
  private takeKeyword(token: Token): boolean {
    const { raw } = token
    if (OPENING.includes(raw)) {
      this.open.push(raw === 'case' ? 'case' : raw)
      if (HEADS.includes(raw)) {
        this.words.push(token)
        this.isHead = true
      } else this.joint = token
      return true
    }
    if (CLOSING.includes(raw)) this.open.pop()
    else if (!INNER.includes(raw)) return false
    this.joint = token
    return true
  }
}
