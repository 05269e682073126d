// Pipes from the output of some services to the input of another, without the native helper: FIFOs of which the brain holds
// both ends, so they end with it. Protocol.md, Conduits, says what they are for.

import { closeSync, constants } from 'node:fs'
import { type FifoPool, openEnd } from './fifo-pool.ts'
import type { SpawnRequest } from './shim.ts'

/** All pipes of that kind, by name. */
export class Conduits {
  readonly #fifos: FifoPool
  readonly #pipes = new Map<string, Promise<number>>()
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
    const pipe = this.#pipes.get(name) ?? this.#fifos.take()
    this.#pipes.set(name, pipe)
    return openEnd(await pipe, way === 'read' ? constants.O_RDONLY : constants.O_WRONLY)
  }

  /** The slot is no more. */
  forget(id: string): void {
    const names = this.#users.get(id) ?? []
    this.#users.delete(id)
    const used = new Set([...this.#users.values()].flat())
    for (const name of names) if (name !== undefined && !used.has(name)) this.#close(name)
  }

  close(): void {
    for (const name of [...this.#pipes.keys()]) this.#close(name)
  }

  #close(name: string): void {
    this.#pipes.get(name)?.then(closeSync, () => {})
    this.#pipes.delete(name)
  }
}
