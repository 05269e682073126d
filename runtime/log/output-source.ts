// Where the output of one stream comes from: the pipe of the process, or the journal that the helper fills from that pipe. The
// pipe and its reader stay over restarts of the program.

import { closeSync } from 'node:fs'
import { type JournaledFile, type JournalOptions, JournalReader } from './journal.ts'
import { PipeReader } from './pipe.ts'
import type { Sink } from './sink.ts'

/** Capacity of the pipe of a program that writes much: the most that an ordinary user may have. */
const LARGE_PIPE_BYTES = 1024 * 1024

/** What an OutputSource needs. */
export interface OutputSourceOptions extends Omit<JournalOptions, 'onBusy'> {
  /** Enlarges the pipe; rejects where that is not possible. */
  readonly enlargePipe: (bytes: number) => Promise<void>
}

/** Reads the output of one process at a time, and passes it to `take`. */
export class OutputSource {
  readonly #options: OutputSourceOptions
  #reader: PipeReader | undefined
  #journal: JournalReader | undefined
  #isHeld = false

  constructor(options: OutputSourceOptions) {
    this.#options = options
  }

  /** Reads a new pipe from now on; with a journal the helper reads the pipe. */
  attach(fd: number, journal?: number): void {
    this.close()
    if (journal !== undefined) {
      closeSync(fd)
      this.#journal = new JournalReader(journal, { ...this.#options, onBusy: () => void this.#enlargePipe() })
      if (this.#isHeld) this.#journal.pause()
      return
    }
    const { take, clock } = this.#options
    const onBusy = (): void => void this.#enlargePipe((bytes) => reader.enlarged(bytes))
    const reader = new PipeReader(fd, take, { clock, onBusy })
    if (this.#isHeld) reader.pause()
    this.#reader = reader
  }

  /** Leaves what is written from now on in the pipe, a new pipe too, until release() or drain(). */
  hold(): void {
    this.#isHeld = true
    this.#reader?.pause()
    this.#journal?.pause()
  }

  release(): void {
    this.#isHeld = false
    this.#reader?.resume()
    this.#journal?.resume()
  }

  /** Reads the rest of the pipe. */
  drain(): void {
    this.#reader?.drain()
    this.#journal?.drain()
  }

  close(): void {
    this.#reader?.close()
    this.#journal?.close()
    this.#reader = this.#journal = undefined
  }

  /** Writes a part of the log; a journal notes first what it is made of. */
  write(chunk: Buffer, sink: Sink & JournaledFile): void {
    if (this.#journal === undefined) sink.write(chunk)
    else this.#journal.write(chunk, sink)
  }

  /** Where the pipe cannot be enlarged, the small one is used. */
  async #enlargePipe(enlarged?: (bytes: number) => void): Promise<void> {
    try {
      await this.#options.enlargePipe(LARGE_PIPE_BYTES)
      enlarged?.(LARGE_PIPE_BYTES)
    } catch {
      // the same bytes come in smaller pieces
    }
  }
}
