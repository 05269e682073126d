// Reads lines from a standard input that is no terminal.

import { createInterface } from 'node:readline'

/** Gives one line for each question. */
export class PipedLines {
  readonly #reader = createInterface({ input: process.stdin })
  readonly #lines = this.#reader[Symbol.asyncIterator]()

  /** The next line; undefined at the end. */
  async ask(question: string): Promise<string | undefined> {
    process.stdout.write(question)
    const next: IteratorResult<string, unknown> = await this.#lines.next()
    return next.done === true ? undefined : next.value
  }

  /** As ask(): input from a pipe is not shown anyway. */
  askHidden(question: string): Promise<string | undefined> {
    return this.ask(question)
  }

  /** Ends reading. */
  close(): void {
    this.#reader.close()
  }
}
