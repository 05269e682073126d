// Compresses rotated logs, `.1` to `.1.gz` and so on, while the program goes on writing. The file may be rotated
// further meanwhile: at the end its name is looked for by its inode. Loaded on first use.

import { createReadStream, createWriteStream, renameSync, statSync, unlinkSync } from 'node:fs'
import { chmod, chown, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Compresses every old log of `path` that is not yet, the oldest first. Rejects with the error of the system. */
export async function compressRotated(path: string, backups: number): Promise<void> {
  for (let name = firstPlain(path, backups); name !== undefined; name = firstPlain(path, backups)) {
    await compressOne(name, path, backups)
  }
}

async function compressOne(name: string, path: string, backups: number): Promise<void> {
  const temporary = `${path}.gz.tmp`
  try {
    const { ino, mode, uid, gid } = await stat(name)
    await pipeline(createReadStream(name), createGzip(), createWriteStream(temporary, { mode: mode & 0o777 }))
    await chmod(temporary, mode & 0o777)
    await chown(temporary, uid, gid).catch(() => {})
    const now = nameOf(ino, path, backups)
    if (now === undefined) return
    // without a pause, so that no rotation comes in between
    renameSync(temporary, `${now}.gz`)
    unlinkSync(now)
  } finally {
    await rm(temporary, { force: true })
  }
}

function firstPlain(path: string, backups: number): string | undefined {
  for (let number = backups; number >= 1; number -= 1) {
    if (inodeOf(`${path}.${number}`) !== undefined) return `${path}.${number}`
  }
  return undefined
}

/** The name that a rotated file has now; undefined when it has been dropped. */
function nameOf(inode: number, path: string, backups: number): string | undefined {
  for (let number = 1; number <= backups; number += 1) {
    if (inodeOf(`${path}.${number}`) === inode) return `${path}.${number}`
  }
  return undefined
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}
