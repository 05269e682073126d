// The fenced blocks of a page. The words after the language control what the test does with a block. `file=PATH`: the test writes
// the file before it runs the next commands of the page. `elsewhere`: only another machine can run the block (Docker, systemd), so
// the test parses it.

import { textOf } from './pages.ts'

/** A fenced block. */
export interface Block {
  readonly page: string
  /** Line of its first line of text, from 1. */
  readonly line: number
  readonly language: string
  readonly file: string | undefined
  readonly isElsewhere: boolean
  readonly text: string
}

/** A command of a `console` block, and the lines below it. */
export interface Step {
  readonly line: number
  readonly command: string
  readonly output: string
}

/** All blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(({ 1: info = '', 2: inner = '', index }) => {
    const [language = '', ...marks] = info.split(' ')
    return {
      page,
      line: text.slice(0, index).split('\n').length + 1,
      language,
      file: marks.find((mark) => mark.startsWith('file='))?.slice('file='.length),
      isElsewhere: marks.includes('elsewhere'),
      text: inner,
    }
  })
}

/** The commands of a `console` block: lines that begin with `$ `, continued by lines that begin with `> `. */
export function stepsOf({ text, line }: Block): readonly Step[] {
  const steps: { line: number; command: string; output: string }[] = []
  for (const [index, one] of text.trimEnd().split('\n').entries()) {
    const last = steps.at(-1)
    if (one.startsWith('$ ')) steps.push({ line: line + index, command: one.slice(2), output: '' })
    else if (last === undefined) throw new Error(`line ${line + index}: output without a command`)
    else if (one.startsWith('> ') && last.output === '') last.command += `\n${one.slice(2)}`
    else last.output += `${one}\n`
  }
  return steps
}

/** The commands of an `sh` block: its lines without comments. A line that ends with a backslash continues on the next line. */
export function commandsOf({ text }: Block): readonly string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  return lines.map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim()).filter((line) => line !== '')
}
