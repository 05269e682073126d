// Opens the text files that users name, and says plainly what is wrong with those that are none.

import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from './diagnostic.ts'

const LONGEST_FILE = 16 * 1024 ** 2

/** Reads a text file as UTF-8. Throws ConfigError when it is missing, unreadable, longer than 16 MB or no text. */
export function readText(file: string): string {
  return decodeText(readBytes(file), file)
}

/** The bytes as UTF-8; `file` names them in messages. Throws ConfigError as readText does. */
export function decodeText(content: Buffer, file: string): string {
  const fail = (message: string, hint: string): never => {
    throw new ConfigError([{ severity: 'error', message, place: { file, line: 1, column: 1 }, hint }])
  }
  if (content.length > LONGEST_FILE) fail('Cannot read the file: it is longer than 16 MB', 'is it the right file?')
  if (content.includes(0)) fail('Cannot read the file: it is binary', 'give a text file')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return fail('Cannot read the file: it is not valid UTF-8', 'convert it to UTF-8')
  }
}

function readBytes(file: string): Buffer {
  try {
    const stat = statSync(file)
    if (stat.isCharacterDevice() || stat.isBlockDevice()) throw new Error('it is a device')
    return readFileSync(file)
  } catch (error) {
    throw new ConfigError([{ severity: 'error', message: `Cannot read ${file}: ${reasonOf(error)}` }])
  }
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
  }
  return known[code] ?? code
}
