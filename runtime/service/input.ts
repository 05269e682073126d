// Standard input of a process: a pipe that stays open while the process lives and that clients may write into. What the
// process does not read at once waits in memory, up to a limit.

import { closeSync } from 'node:fs'
import { Socket } from 'node:net'

const QUEUE_LIMIT_BYTES = 1024 * 1024

/** How a write went: `closed` when the process does not take input, `full` when it does not read what it was sent. */
export type InputOutcome = 'written' | 'closed' | 'full'

/** The way into one process after the other. */
export class ProcessInput {
  #fd: number | undefined
  #socket: Socket | undefined

  /** Takes over the write end of the pipe of a new process. */
  open(fd: number | undefined): void {
    this.close()
    this.#fd = fd
  }

  /** Sends text; resolves when it is in the pipe, or waits for the process to read. */
  write(text: string): Promise<InputOutcome> {
    const socket = this.#writer()
    if (socket === undefined || socket.destroyed) return Promise.resolve('closed')
    if (socket.writableLength > QUEUE_LIMIT_BYTES) return Promise.resolve('full')
    return new Promise((resolve) => {
      socket.write(text, (error) => resolve(error ? 'closed' : 'written'))
      if (socket.writableLength > 0) resolve('written')
    })
  }

  /** To be called when the process has ended. */
  close(): void {
    if (this.#socket !== undefined) this.#socket.destroy()
    else if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#socket = undefined
  }

  #writer(): Socket | undefined {
    if (this.#socket !== undefined || this.#fd === undefined) return this.#socket
    this.#socket = new Socket({ fd: this.#fd, readable: false, writable: true })
    this.#socket.on('error', () => {})
    return this.#socket
  }
}
