// Compresses rotated logs, `.1` to `.1.gz` and so on, while the program continues to write. The file may be rotated
// again meanwhile, so at the end its current name is found by its inode. The directory may belong to the user of the
// service, so files are opened, checked and changed through descriptors. Loaded at the first use.

import { constants, lstatSync, renameSync, unlinkSync } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { holdPlace, isOnlyName } from '../system/guarded.ts'
import { unfinishedName } from './names.ts'

/**
 * Larger files are left alone, unless the log may have half their size: a service's user can put a file of any size there, and
 * a file with holes costs that user nothing.
 */
const LARGEST_BYTES = 1024 * 1024 * 1024

/** A log and its rotated files. */
export interface Rotated {
  readonly path: string
  readonly backups: number
  readonly maxBytes: number
}

/**
 * Compresses all rotated files that are not compressed yet, the oldest first. Rejects with the first error after it has
 * tried all: that of the system, EMLINK for a file with several names, EFBIG for one that is too large.
 */
export async function compressRotated({ path, backups, maxBytes }: Rotated): Promise<void> {
  const place = holdPlace(path)
  const failed = new Map<number, unknown>()
  try {
    const log = { path: place.path, backups, maxBytes }
    await removeUnfinished(log.path)
    for (let old = firstPlain(log, failed); old !== undefined; old = firstPlain(log, failed)) {
      const { inode } = old
      await compressOne(old.name, log).catch((error: unknown) => failed.set(inode, error))
    }
  } finally {
    place.close()
  }
  for (const error of failed.values()) throw error
}

async function compressOne(name: string, log: Rotated): Promise<void> {
  const temporary = unfinishedName(log.path)
  const source = await open(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { ino, mode, uid, gid, size } = await source.stat()
    if (!isOnlyName(source.fd, name)) throw failure('EMLINK', `${name} has other names`)
    if (size > Math.max(LARGEST_BYTES, 2 * log.maxBytes)) throw failure('EFBIG', `${name} is too large`)
    await removeUnfinished(log.path)
    const target = await open(temporary, 'wx', 0o600)
    const made = await target.stat()
    try {
      await target.chown(uid, gid).catch(() => {})
      await target.chmod(mode & 0o777)
      // the file may grow meanwhile, but not what is read of it
      const bytes = size === 0 ? Readable.from([]) : source.createReadStream({ start: 0, end: size - 1 })
      await pipeline(bytes, createGzip(), target.createWriteStream())
    } finally {
      await target.close()
    }
    const now = nameOf(ino, log)
    if (now === undefined || inodeOf(temporary) !== made.ino) return
    // synchronous, so that no rotation comes in between
    renameSync(temporary, `${now}.gz`)
    unlinkSync(now)
  } finally {
    await source.close()
    await removeUnfinished(log.path)
  }
}

/** A directory there is left alone: its owner could exchange what is in it while it is removed. */
async function removeUnfinished(path: string): Promise<void> {
  await unlink(unfinishedName(path)).catch(() => {})
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

function firstPlain(
  { path, backups }: Rotated,
  failed: ReadonlyMap<number, unknown>,
): { readonly name: string; readonly inode: number } | undefined {
  for (let number = backups; number >= 1; number -= 1) {
    const name = `${path}.${number}`
    const inode = inodeOf(name)
    if (inode !== undefined && !failed.has(inode)) return { name, inode }
  }
  return undefined
}

/** The current name of a rotated file; undefined when it was removed. */
function nameOf(inode: number, { path, backups }: Rotated): string | undefined {
  for (let number = 1; number <= backups; number += 1) {
    if (inodeOf(`${path}.${number}`) === inode) return `${path}.${number}`
  }
  return undefined
}

function inodeOf(path: string): number | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true ? stat.ino : undefined
}
