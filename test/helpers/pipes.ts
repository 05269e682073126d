// Real pipes for tests: a FIFO that is opened at both ends and then unlinked.

import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A fresh directory under the system's temporary one. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'kahi-test-'))
}

/** Makes a FIFO. */
export function makeFifo(path: string): string {
  execFileSync('mkfifo', [path])
  return path
}

/** Both ends of a pipe, opened without waiting for each other. */
export function openPipe(): { readonly read: number; readonly write: number } {
  const directory = temporaryDirectory()
  const path = makeFifo(join(directory, 'pipe'))
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const write = openSync(path, constants.O_WRONLY)
  rmSync(directory, { recursive: true })
  return { read, write }
}

/** All data that can be read without waiting. */
export function readAvailable(fd: number): Buffer {
  const chunks: Buffer[] = []
  for (;;) {
    const buffer = Buffer.alloc(64 * 1024)
    try {
      const bytes = readSync(fd, buffer)
      if (bytes === 0) return Buffer.concat(chunks)
      chunks.push(buffer.subarray(0, bytes))
    } catch {
      return Buffer.concat(chunks)
    }
  }
}

/** Closes descriptors. */
export function closeAll(...fds: readonly number[]): void {
  for (const fd of fds) closeSync(fd)
}
