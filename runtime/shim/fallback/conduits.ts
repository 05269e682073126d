// Pipes from the output of services to the input of another service, without the native helper: FIFOs whose both ends
// are open in the daemon process, so they are lost when it ends. protocol.md, "Conduits", says what they are for.

import { closeSync, constants, readSync, writeSync } from 'node:fs'
import { type FifoPool, openEnd } from './fifo-pool.ts'
import type { SpawnRequest } from '../shim.ts'

/** Capacity of a FIFO in bytes. Source: Linux 6.1, pipe(7). */
const LARGEST_PIPE = 65_536

/** All such pipes, by name. */
export class Conduits {
  readonly #fifos: FifoPool
  readonly #pipes = new Map<string, Promise<number>>()
  /** Pipes of which only the read end is open, until the next process of either side is started. */
  readonly #ended = new Set<string>()
  /** Slot → names of the pipes that its last process was connected to. */
  readonly #users = new Map<string, readonly (string | undefined)[]>()

  constructor(fifos: FifoPool) {
    this.#fifos = fifos
  }

  /** Notes which pipes the slot uses from now on: those that its new process names. */
  use({ id, reads, writes }: SpawnRequest): void {
    this.forget(id)
    this.#users.set(id, [reads, writes])
  }

  /** Opens one end for a process. The caller closes it. */
  async end(name: string, way: 'read' | 'write'): Promise<number> {
    const known = this.#pipes.get(name) ?? this.#fifos.take()
    const pipe = this.#ended.delete(name) ? reopened(known, constants.O_RDWR) : known
    this.#pipes.set(name, pipe)
    pipe.catch(() => this.#pipes.delete(name))
    return openEnd(await pipe, way === 'read' ? constants.O_RDONLY : constants.O_WRONLY)
  }

  /** Closes the write end here: the reader gets end of file when all writers have ended. */
  endInput(id: string): void {
    const [name] = this.#users.get(id) ?? []
    const pipe = name === undefined ? undefined : this.#pipes.get(name)
    if (name === undefined || pipe === undefined || this.#ended.has(name)) return
    this.#ended.add(name)
    this.#pipes.set(name, reopened(pipe, constants.O_RDONLY | constants.O_NONBLOCK))
  }

  /** The slot is removed. */
  forget(id: string): void {
    const names = this.#users.get(id) ?? []
    this.#users.delete(id)
    for (const name of names) if (name !== undefined) this.#closeUnused(name)
  }

  close(): void {
    for (const pipe of this.#pipes.values()) pipe.then(closeSync, () => {})
    this.#pipes.clear()
  }

  /** Closes a pipe that no slot uses. One with unread data is kept for the next reader of that name. */
  #closeUnused(name: string): void {
    const pipe = this.#pipes.get(name)
    const isUsed = (): boolean => [...this.#users.values()].some((names) => names.includes(name))
    const look = (fd: number): void => {
      if (this.#pipes.get(name) !== pipe || isUsed() || hasUnread(fd)) return
      this.#pipes.delete(name)
      this.#ended.delete(name)
      closeSync(fd)
    }
    pipe?.then(look, () => {})
  }
}

/**
 * Whether a pipe contains data. Only reading shows it; no other process uses the pipe at this time, so what was read
 * can be written back.
 */
function hasUnread(fd: number): boolean {
  const bytes = Buffer.alloc(LARGEST_PIPE)
  const both = openEnd(fd, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    const count = readSync(both, bytes)
    writeSync(both, bytes, 0, count)
    return true
  } catch {
    return false
  } finally {
    closeSync(both)
  }
}

/** Opens the same pipe with other flags and closes the old descriptor. */
function reopened(pipe: Promise<number>, flags: number): Promise<number> {
  const other = pipe.then((fd) => {
    const end = openEnd(fd, flags)
    closeSync(fd)
    return end
  })
  other.catch(() => {})
  return other
}
