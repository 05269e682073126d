// Reads text files that users name, and reports clearly when a file is no text. Every read is limited: in bytes for all
// files, and in time for pipes.

import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { ConfigError } from '../model/diagnostic.ts'

const LONGEST_FILE = 16 * 1024 ** 2
const TOO_LONG = 'it is longer than 16 MB'
const FIRST_READ = 65_536
/** The longest total time to wait for the writer of a pipe, in milliseconds. */
const LONGEST_WAIT = 10_000
const BETWEEN_READS = 10

/** Reads a text file as UTF-8. Throws ConfigError when it is missing, unreadable, longer than 16 MB, or no text. */
export function readText(file: string): string {
  return decodeText(readBytes(file), file)
}

/** Reads standard input to its end, as UTF-8. Throws ConfigError when it is longer than 16 MB, or no text. */
export function readStandardInput(name: string): string {
  try {
    return decodeText(readAll(0, 'wait'), name)
  } catch (error) {
    throw error instanceof ConfigError ? error : cannotRead(name, error)
  }
}

/** Reads a file. Throws ConfigError when it is missing, unreadable or longer than 16 MB. */
export function readBytes(file: string): Buffer {
  try {
    const stat = statSync(file)
    if (stat.isCharacterDevice() || stat.isBlockDevice()) throw new Error('it is a device')
    // Without O_NONBLOCK, opening a pipe waits until a program opens it for writing.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return fstatSync(fd).isFIFO() ? readPipe(fd) : readAll(fd, 'never')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw cannotRead(file, error)
  }
}

function decodeText(content: Buffer, file: string): string {
  const fail = (message: string, hint: string): never => {
    throw new ConfigError([{ severity: 'error', message, place: { file, line: 1, column: 1 }, hint }])
  }
  if (content.includes(0)) fail('Cannot read the file: it is binary', 'give a text file')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return fail('Cannot read the file: it is not valid UTF-8', 'convert it to UTF-8')
  }
}

function readPipe(fd: number): Buffer {
  const content = readAll(fd, LONGEST_WAIT)
  if (content.length === 0) throw new Error('it is a pipe, and no program writes to it; start the writer first')
  return content
}

/**
 * Reads to the end. `patience` is the total time in milliseconds that reads may wait, for a descriptor that does not
 * block; `wait` is for one that may block, and `never` is for a file, also one that the kernel makes up. Throws when there are more than 16 MB, or when the time is over.
 */
function readAll(fd: number, patience: number | 'wait' | 'never'): Buffer {
  let content = Buffer.allocUnsafe(FIRST_READ)
  let length = 0
  for (let waited = 0; ;) {
    const count = readOnce(fd, content, length)
    if (count === 0) return content.subarray(0, length)
    if (count === undefined) {
      if (patience === 'never') throw new Error('it is a file of the kernel that waits for more')
      if (patience !== 'wait' && waited >= patience)
        throw new Error('it is a pipe, and its writer has not ended after 10 seconds')
      pause()
      waited += BETWEEN_READS
      continue
    }
    length += count
    if (length > LONGEST_FILE) throw new Error(TOO_LONG)
    if (length === content.length) content = Buffer.concat([content, Buffer.allocUnsafe(length)])
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN_READS)
}

/** The number of bytes that were read: 0 at the end, undefined when none have come yet. */
function readOnce(fd: number, into: Buffer, at: number): number | undefined {
  try {
    return readSync(fd, into, at, into.length - at, null)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EAGAIN') return undefined
    if (code === 'EOF') return 0
    throw error
  }
}

function cannotRead(file: string, error: unknown): ConfigError {
  const reason = reasonOf(error)
  const hint = reason === TOO_LONG ? 'is it the right file?' : undefined
  return new ConfigError([{ severity: 'error', message: `Cannot read ${file}: ${reason}`, hint }])
}

function reasonOf(error: unknown): string {
  const code =
    error instanceof Error && 'code' in error
      ? String(error.code)
      : error instanceof Error
        ? error.message
        : String(error)
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of the path is no directory',
    ENXIO: 'it is a socket',
  }
  return known[code] ?? code
}
