// Standard input, which may be a terminal: gives one line for each question. Ctrl-C calls the function that was
// registered last.

import { onSignals } from '../../../runtime/system/signals.ts'
import type { Person } from './session.ts'
import { Terminal, type Word } from './terminal.ts'

/** A source of lines. */
interface Lines {
  ask(question: string): Promise<string | undefined>
  askHidden(question: string): Promise<string | undefined>
  close(): void
}

/** Options for reading lines from a terminal. */
export interface LineOptions {
  /** The oldest line first. */
  readonly history: readonly string[]
  /** The possible completions of the last word of a line. */
  complete(line: string): Promise<Word>
}

/** Reads standard input when a question is asked. */
export class Keyboard implements Person {
  readonly #told: (() => void)[] = []
  #options: LineOptions | undefined
  #lines: Lines | undefined

  /** Uses these options from now on. */
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

  /** Lines that were typed at a terminal, the oldest first. */
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
