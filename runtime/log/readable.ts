// Reads from log files: their size, and bytes at any position. Only regular files can be read.

import { closeSync, constants, fstatSync, readSync } from 'node:fs'
import { openGuarded } from '../system/guarded.ts'

/** Size of the file in bytes; undefined when it is missing or no regular file. */
export function fileSize(path: string): number | undefined {
  return withFile(path, (_fd, size) => size)
}

/** At most `count` bytes from `start` on; fewer at the end of the file. */
export function readFileRange(path: string, start: number, count: number): Buffer {
  const bytes = withFile(path, (fd, size) => {
    const buffer = Buffer.alloc(Math.max(0, Math.min(count, size - start)))
    return buffer.subarray(0, buffer.length === 0 ? 0 : readSync(fd, buffer, 0, buffer.length, start))
  })
  return bytes ?? Buffer.alloc(0)
}

/** The last `count` bytes of a regular file; empty when it is missing or no regular file. */
export function readFileTail(path: string, count: number): Buffer {
  const size = fileSize(path) ?? 0
  return readFileRange(path, Math.max(0, size - count), count)
}

function withFile<Result>(path: string, use: (fd: number, size: number) => Result): Result | undefined {
  let fd: number
  try {
    fd = openGuarded(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    const stat = fstatSync(fd)
    return stat.isFile() ? use(fd, stat.size) : undefined
  } finally {
    closeSync(fd)
  }
}
