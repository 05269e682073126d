// Pipes from the output of some services to the input of another, without the native helper: FIFOs of which the brain holds
// both ends, so they end with it. Protocol.md, Conduits, says what they are for.

import { closeSync, constants, readSync, writeSync } from 'node:fs'
import { type FifoPool, openEnd } from './fifo-pool.ts'
import type { SpawnRequest } from './shim.ts'

/** What a FIFO holds. Source: Linux 6.1, pipe(7). */
const LARGEST_PIPE = 65_536

/** All pipes of that kind, by name. */
export class Conduits {
  readonly #fifos: FifoPool
  readonly #pipes = new Map<string, Promise<number>>()
  /** Those of which only the read end is held, until the next process of either side. */
  readonly #ended = new Set<string>()
  /** Slot → what its last process was connected to. */
  readonly #users = new Map<string, readonly (string | undefined)[]>()

  constructor(fifos: FifoPool) {
    this.#fifos = fifos
  }

  /** The slot uses what its new process names, and nothing else. */
  use({ id, reads, writes }: SpawnRequest): void {
    this.forget(id)
    this.#users.set(id, [reads, writes])
  }

  /** An end for a process, to be closed by the caller. */
  async end(name: string, way: 'read' | 'write'): Promise<number> {
    const known = this.#pipes.get(name) ?? this.#fifos.take()
    const pipe = this.#ended.delete(name) ? reopened(known, constants.O_RDWR) : known
    this.#pipes.set(name, pipe)
    pipe.catch(() => this.#pipes.delete(name))
    return openEnd(await pipe, way === 'read' ? constants.O_RDONLY : constants.O_WRONLY)
  }

  /** The reader comes to the end of its input when all writers have ended. */
  endInput(id: string): void {
    const [name] = this.#users.get(id) ?? []
    const pipe = name === undefined ? undefined : this.#pipes.get(name)
    if (name === undefined || pipe === undefined || this.#ended.has(name)) return
    this.#ended.add(name)
    this.#pipes.set(name, reopened(pipe, constants.O_RDONLY | constants.O_NONBLOCK))
  }

  /** The slot is no more. */
  forget(id: string): void {
    const names = this.#users.get(id) ?? []
    this.#users.delete(id)
    for (const name of names) if (name !== undefined) this.#closeUnused(name)
  }

  close(): void {
    for (const pipe of this.#pipes.values()) pipe.then(closeSync, () => {})
    this.#pipes.clear()
  }

  /** What nobody has read yet waits for the next reader of that name. */
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

/** Nothing but reading tells; nobody else is at the pipe meanwhile, so that what was in it can be put back. */
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

/** The same pipe by another end, which takes the place of the one before. */
function reopened(pipe: Promise<number>, flags: number): Promise<number> {
  const other = pipe.then((fd) => {
    const end = openEnd(fd, flags)
    closeSync(fd)
    return end
  })
  other.catch(() => {})
  return other
}
