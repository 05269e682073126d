// Lines of a standard input that is no terminal.

import { createInterface } from 'node:readline'

/** Gives one line after the other. */
export class PipedLines {
  readonly #reader = createInterface({ input: process.stdin })
  readonly #lines = this.#reader[Symbol.asyncIterator]()

  /** The next line; undefined at the end. */
  async ask(question: string): Promise<string | undefined> {
    process.stdout.write(question)
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : value
  }

  /** As ask(): nothing shows what is read. */
  askHidden(question: string): Promise<string | undefined> {
    return this.ask(question)
  }

  /** Ends reading. */
  close(): void {
    this.#reader.close()
  }
}
