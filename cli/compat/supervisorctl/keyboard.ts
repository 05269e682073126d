// The person at the keyboard, or whatever standard input is: lines one after the other, with editing, completion and
// history where it is a terminal.

import type { Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { onSignals } from '../../../runtime/system/signals.ts'
import type { Person } from './session.ts'

/** How lines are read at a terminal. */
export interface LineOptions {
  /** The oldest first. */
  readonly history: readonly string[]
  /** What the word that is being typed could become; `line` is all that was typed. */
  complete(line: string): Promise<readonly [readonly string[], string]>
}

/** Reads standard input when something is asked. */
export class Keyboard implements Person {
  #options: LineOptions | undefined
  #lines: Interface | undefined
  #waiting: string[] = []
  #asking: ((line: string | undefined) => void) | undefined
  #isAtEnd = false
  #isHidden = false

  /** From now on lines are read so. */
  use(options: LineOptions): void {
    this.#options = options
  }

  async ask(question: string): Promise<string | undefined> {
    const lines = await this.#open()
    lines.setPrompt(question)
    if (!this.#isAtEnd) lines.prompt()
    else process.stdout.write(question)
    const next = this.#waiting.shift()
    if (next !== undefined || this.#isAtEnd) return next
    return new Promise((resolve) => {
      this.#asking = resolve
    })
  }

  async askHidden(question: string): Promise<string | undefined> {
    process.stdout.write(question)
    this.#isHidden = process.stdin.isTTY
    try {
      return await this.ask('')
    } finally {
      this.#isHidden = false
    }
  }

  onInterrupt(callback: () => void): () => void {
    const undo = onSignals({ SIGINT: callback })
    this.#lines?.on('SIGINT', callback)
    return () => {
      undo()
      this.#lines?.off('SIGINT', callback)
    }
  }

  /** What was typed at a terminal, the oldest first. */
  history(): readonly string[] {
    const { history = [] } = (this.#lines ?? {}) as { history?: readonly string[] }
    return [...history].reverse()
  }

  /** Ends reading. */
  close(): void {
    this.#lines?.close()
  }

  async #open(): Promise<Interface> {
    if (this.#lines !== undefined) return this.#lines
    const { createInterface } = await import('node:readline')
    const options = this.#options
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#isHidden) process.stdout.write(chunk)
        done()
      },
    })
    const lines = createInterface({
      input: process.stdin,
      output: Object.assign(output, { columns: process.stdout.columns ?? 80 }),
      terminal: process.stdin.isTTY && process.stdout.isTTY,
      history: [...(options?.history ?? [])].reverse(),
      ...(options === undefined ? {} : { completer: completerOf(options) }),
    })
    lines.on('line', (line) => this.#give(line))
    lines.on('close', () => {
      this.#isAtEnd = true
      this.#tell(undefined)
    })
    this.#lines = lines
    return lines
  }

  #give(line: string): void {
    if (this.#asking === undefined) this.#waiting.push(line)
    else this.#tell(line)
  }

  #tell(line: string | undefined): void {
    const asking = this.#asking
    this.#asking = undefined
    asking?.(line)
  }
}

type Done = (error: null, result: [string[], string]) => void

function completerOf(options: LineOptions): (line: string, done: Done) => void {
  return (line, done) => {
    options.complete(line).then(
      ([found, word]) => done(null, [[...found], word]),
      () => done(null, [[], line]),
    )
  }
}
