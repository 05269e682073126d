// Compresses rotated logs, `.1` to `.1.gz` and so on, while the program continues to write. The file may be rotated
// again meanwhile, so at the end its current name is found by its inode. The directory may belong to the user of the
// service, so files are opened, checked and changed through descriptors. Loaded at the first use.

import { constants, lstatSync, renameSync, unlinkSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { holdPlace } from '../system/guarded.ts'

/**
 * Compresses all rotated files of `path` that are not compressed yet, the oldest first. Rejects with the error of the
 * system.
 */
export async function compressRotated(path: string, backups: number): Promise<void> {
  const place = holdPlace(path)
  try {
    const old = () => firstPlain(place.path, backups)
    for (let name = old(); name !== undefined; name = old()) await compressOne(name, place.path, backups)
  } finally {
    place.close()
  }
}

async function compressOne(name: string, path: string, backups: number): Promise<void> {
  const temporary = `${path}.gz.tmp`
  const source = await open(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { ino, mode, uid, gid, nlink } = await source.stat()
    if (nlink > 1) throw Object.assign(new Error(`${name} has other names`), { code: 'EMLINK' })
    await rm(temporary, { force: true })
    const target = await open(temporary, 'wx', 0o600)
    try {
      await target.chown(uid, gid).catch(() => {})
      await target.chmod(mode & 0o777)
      await pipeline(source.createReadStream(), createGzip(), target.createWriteStream())
    } finally {
      await target.close()
    }
    const now = nameOf(ino, path, backups)
    if (now === undefined) return
    // synchronous, so that no rotation comes in between
    renameSync(temporary, `${now}.gz`)
    unlinkSync(now)
  } finally {
    await source.close()
    await rm(temporary, { force: true })
  }
}

function firstPlain(path: string, backups: number): string | undefined {
  for (let number = backups; number >= 1; number -= 1) {
    if (inodeOf(`${path}.${number}`) !== undefined) return `${path}.${number}`
  }
  return undefined
}

/** The current name of a rotated file; undefined when it was removed. */
function nameOf(inode: number, path: string, backups: number): string | undefined {
  for (let number = 1; number <= backups; number += 1) {
    if (inodeOf(`${path}.${number}`) === inode) return `${path}.${number}`
  }
  return undefined
}

function inodeOf(path: string): number | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true ? stat.ino : undefined
}
