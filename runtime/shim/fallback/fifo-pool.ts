// Makes pipes without native code. The program mkfifo makes FIFOs in a private directory. Each is opened for reading
// and writing at once, which keeps both ends open, and unlinked before it is used. FIFOs are made in batches, because
// starting mkfifo costs much more than making a FIFO.

import { spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpawnError } from '../shim.ts'

const LEAST = 16
const MOST = 256

interface Waiter {
  resolve(fd: number): void
  reject(error: SpawnError): void
}

/** A supply of FIFOs. */
export class FifoPool {
  readonly #free: number[] = []
  readonly #waiting: Waiter[] = []
  #making = false
  #closed = false

  /** A descriptor with both ends of a new FIFO; the caller closes it. Rejects with SpawnError, step `pipe`. */
  take(): Promise<number> {
    const fd = this.#free.pop()
    if (fd !== undefined) return Promise.resolve(fd)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#make()
    })
  }

  /** Closes the FIFOs that were not used. */
  close(): void {
    this.#closed = true
    for (const fd of this.#free.splice(0)) closeSync(fd)
  }

  #make(): void {
    if (this.#making || this.#waiting.length === 0) return
    this.#making = true
    makeFifos(Math.min(MOST, Math.max(LEAST, this.#waiting.length)))
      .then((fds) => this.#hand(fds))
      .catch((error: unknown) => this.#refuse(error))
      .finally(() => {
        this.#making = false
        this.#make()
      })
  }

  #hand(fds: readonly number[]): void {
    for (const fd of fds) {
      const waiter = this.#waiting.shift()
      if (waiter !== undefined) waiter.resolve(fd)
      else if (this.#closed) closeSync(fd)
      else this.#free.push(fd)
    }
  }

  #refuse(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO'
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new SpawnError('pipe', code))
  }
}

/** Opens the FIFO behind `fd` once more, so that flags set by other processes do not apply to the new descriptor. */
export function openEnd(fd: number, flags: number): number {
  return openSync(`/proc/self/fd/${fd}`, flags)
}

async function makeFifos(count: number): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kahi-'))
  const fds: number[] = []
  try {
    const paths = Array.from({ length: count }, (_, index) => join(directory, `${index}`))
    await runMkfifo(paths)
    for (const path of paths) fds.push(openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
    return fds
  } catch (error) {
    for (const fd of fds) closeSync(fd)
    throw error
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The mode lets every user open the FIFO again by its /proc name, so /dev/stdout works for every user. */
function runMkfifo(paths: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const mkfifo = spawn('mkfifo', ['-m', '666', ...paths], { stdio: ['ignore', 'ignore', 'inherit'] })
    mkfifo.once('error', reject)
    mkfifo.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`mkfifo ended with ${code}`))))
  })
}
