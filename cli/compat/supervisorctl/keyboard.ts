// The person at the keyboard, or whatever standard input is: who asks gets one line after the other, and Ctrl-C goes to
// whoever asked last to be told.

import { onSignals } from '../../../runtime/system/signals.ts'
import type { Person } from './session.ts'
import { Terminal, type Word } from './terminal.ts'

/** Where lines come from. */
interface Lines {
  ask(question: string): Promise<string | undefined>
  askHidden(question: string): Promise<string | undefined>
  close(): void
}

/** How lines are read at a terminal. */
export interface LineOptions {
  /** The oldest first. */
  readonly history: readonly string[]
  /** What the last word of a line could become. */
  complete(line: string): Promise<Word>
}

/** Reads standard input when something is asked. */
export class Keyboard implements Person {
  readonly #told: (() => void)[] = []
  #options: LineOptions | undefined
  #lines: Lines | undefined

  /** From now on lines are read so. */
  use(options: LineOptions): void {
    this.#options = options
  }

  async ask(question: string): Promise<string | undefined> {
    return (await this.#open()).ask(question)
  }

  async askHidden(question: string): Promise<string | undefined> {
    return (await this.#open()).askHidden(question)
  }

  onInterrupt(callback: () => void): () => void {
    const undo = onSignals({ SIGINT: () => this.#told.at(-1) === callback && callback() })
    this.#told.push(callback)
    return () => {
      undo()
      this.#told.splice(this.#told.indexOf(callback), 1)
    }
  }

  /** What was typed at a terminal, the oldest first. */
  history(): readonly string[] {
    return this.#lines instanceof Terminal ? this.#lines.history() : (this.#options?.history ?? [])
  }

  /** Ends reading. */
  close(): void {
    this.#lines?.close()
  }

  async #open(): Promise<Lines> {
    const isTerminal = process.stdin.isTTY && process.stdout.isTTY
    this.#lines ??= isTerminal
      ? new Terminal({ ...(this.#options ?? NOTHING), interrupt: () => this.#interrupt() })
      : new (await import('./piped-lines.ts')).PipedLines()
    return this.#lines
  }

  #interrupt(): boolean {
    const callback = this.#told.at(-1)
    callback?.()
    return callback !== undefined
  }
}

const NOTHING: LineOptions = { history: [], complete: () => Promise.resolve([[], '']) }
