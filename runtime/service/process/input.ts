// Standard input of a process: a pipe that stays open while the process lives, and that clients can write to. What the
// process does not read at once is kept in memory, up to a limit.

import { closeSync } from 'node:fs'
import { Socket } from 'node:net'

const QUEUE_LIMIT_BYTES = 1024 * 1024

/** Result of a write: `closed` when the process has no open input, `full` when too much unread input waits. */
export type InputOutcome = 'written' | 'closed' | 'full'

/** The standard input of the processes of one service, one after the other. */
export class ProcessInput {
  #fd: number | undefined
  #socket: Socket | undefined

  /** Takes the write end of the pipe of a new process. */
  open(fd: number | undefined): void {
    this.close()
    this.#fd = fd
  }

  /** Writes text. Resolves when it is in the pipe, or waits in memory. */
  write(text: string): Promise<InputOutcome> {
    const socket = this.#writer()
    if (socket === undefined || socket.destroyed) return Promise.resolve('closed')
    if (socket.writableLength > QUEUE_LIMIT_BYTES) return Promise.resolve('full')
    return new Promise((resolve) => {
      socket.write(text, (error) => resolve(error ? 'closed' : 'written'))
      if (socket.writableLength > 0) resolve('written')
    })
  }

  /** The process has ended. */
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
