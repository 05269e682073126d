// Writes files so that no reader sees half of one: to a temporary file beside the target, which is then renamed.

import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoCode } from '../runtime/system/files.ts'

/** Why a file was not written. */
export class WriteError extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** Options of writing. */
export interface WriteOptions {
  /** Replace an existing file. */
  readonly force: boolean
  /** Permissions, less the umask; 0666 when absent. */
  readonly mode?: number
}

/** Writes the whole text or nothing. An existing file is replaced only with `force`. Throws WriteError. */
export function writeWhole(path: string, text: string, { force, mode = 0o666 }: WriteOptions): void {
  if (!force && existsSync(path)) throw new WriteError(`${path} exists`, 'use --force to replace it')
  const beside = join(dirname(path), `.kahi-${process.pid}.tmp`)
  try {
    const fd = openSync(beside, 'wx', mode)
    try {
      writeFileSync(fd, text)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    if (force) renameSync(beside, path)
    else linkSync(beside, path)
  } catch (error) {
    throw new WriteError(`Cannot write ${path}: ${reasonOf(error)}`)
  } finally {
    if (existsSync(beside)) unlinkSync(beside)
  }
}

/** The path and reason of a system error: `/usr/bin/x: permission denied`. */
export function refusalOf(error: unknown): string {
  const { dest, path } = error as NodeJS.ErrnoException & { readonly dest?: string }
  const where = dest ?? path
  return where === undefined ? reasonOf(error) : `${where}: ${reasonOf(error)}`
}

function reasonOf(error: unknown): string {
  const code = errnoCode(error)
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'its directory does not exist',
    EACCES: 'permission denied',
    EEXIST: 'it exists',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of the path is no directory',
  }
  return known[code] ?? code
}
