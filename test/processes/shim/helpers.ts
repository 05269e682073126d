// Functions for the tests of the shim: they open each implementation, put its events into queues for `await`, and read pipes.

import { closeSync, constants, mkdtempSync, readSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNativeShim } from '../../../runtime/shim/client/client.ts'
import { openFallbackShim } from '../../../runtime/shim/fallback/fallback.ts'
import type { Child, ExitStatus, Shim, SpawnRequest } from '../../../runtime/shim/shim.ts'
import { withinLimit } from '../../helpers/wait.ts'

export { closeSync, constants }

/** A request to run a shell script. */
export function request(id: string, script: string, more: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    id,
    file: '/bin/sh',
    argv: ['sh', '-c', script],
    environment: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    directory: undefined,
    umask: undefined,
    user: undefined,
    isolation: 'process-group',
    stdin: 'null',
    stdout: 'pipe',
    stderr: 'pipe',
    ...more,
  }
}

/** A shim under test, with its events. */
export class Harness {
  shim!: Shim
  readonly orphans: number[] = []
  lostReason: string | undefined
  readonly #ends = new Map<number, ExitStatus>()
  readonly #watchers = new Set<() => void>()
  readonly readers: PipeReader[] = []

  readonly events = {
    exited: (_id: string, pid: number, status: ExitStatus) => this.#tell(() => this.#ends.set(pid, status)),
    orphan: (pid: number) => this.#tell(() => this.orphans.push(pid)),
    lost: (reason: string) => this.#tell(() => (this.lostReason = reason)),
  }

  /** Resolves when the condition is true; it is checked after each event. */
  until(condition: () => boolean): Promise<void> {
    const coming = new Promise<void>((resolve) => {
      const look = () => {
        if (!condition()) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
    return withinLimit(coming, () => String(condition))
  }

  async ended(pid: number): Promise<ExitStatus> {
    await this.until(() => this.#ends.has(pid))
    return this.#ends.get(pid) as ExitStatus
  }

  read(fd: number | undefined): PipeReader {
    if (fd === undefined) throw new Error('no descriptor')
    const reader = new PipeReader(fd)
    this.readers.push(reader)
    return reader
  }

  /** Runs a process to its end; gives its output and its exit status. */
  async run(asked: SpawnRequest): Promise<{ out: string; status: ExitStatus; child: Child }> {
    const child = await this.shim.spawn(asked)
    const reader = this.read(child.stdout)
    const status = await this.ended(child.pid)
    this.shim.forget(asked.id)
    await reader.end
    return { out: reader.text, status, child }
  }

  async close(): Promise<void> {
    await this.shim.close()
    for (const reader of this.readers) reader.close()
  }

  #tell(note: () => void): void {
    note()
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** Reads a pipe. */
export class PipeReader {
  text = ''
  readonly end: Promise<void>
  readonly #socket: Socket
  readonly #watchers = new Set<() => void>()

  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: true, writable: false })
    this.end = new Promise((resolve) => this.#socket.on('close', () => resolve()))
    this.#socket.on('data', (chunk) => {
      this.text += chunk.toString()
      for (const watcher of [...this.#watchers]) watcher()
    })
  }

  has(part: string): Promise<void> {
    const coming = new Promise<void>((resolve) => {
      const look = () => {
        if (!this.text.includes(part)) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
    return withinLimit(coming, () => `${part} after ${this.text}`)
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** The data that a pipe contains now. */
export function drain(fd: number): string {
  const bytes = Buffer.alloc(65536)
  let text = ''
  for (;;) {
    try {
      const count = readSync(fd, bytes)
      if (count === 0) return text
      text += bytes.toString('utf8', 0, count)
    } catch {
      return text
    }
  }
}

/** A directory for the tests of one file. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kahi-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Opens one implementation: a helper's path, or the fallback. */
export async function open(path: string | undefined): Promise<Harness> {
  const harness = new Harness()
  harness.shim =
    path === undefined
      ? openFallbackShim(harness.events, 'the test says so')
      : await openNativeShim(path, harness.events)
  return harness
}
