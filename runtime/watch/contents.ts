// The content of files as short texts that are compared. A file is read again only when the kernel says that it may
// have changed; modification times, which everyone can set, are not enough for that.

import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { errnoCode } from '../system/files.ts'
import { readGuarded } from '../system/guarded.ts'

/** Of a larger file size, inode and times are compared. */
const LARGEST = 16 * 1024 ** 2

/** Files of /proc and /sys say that they are empty. */
const LEAST = 65_536

/**
 * Two changes within one tick of the kernel's clock have the same change time, so what was read so soon after a change
 * is read again.
 */
const RACY_NS = 2_000_000_000n

interface Known {
  readonly stamp: string
  readonly digest: string
}

/** Reads contents and remembers them by path. */
export class Contents {
  readonly #known = new Map<string, Known>()
  readonly #wallMs: () => number

  /** `wallMs` gives the wall-clock time. */
  constructor(wallMs: () => number) {
    this.#wallMs = wallMs
  }

  /** The content of the file at a path without links; its kind where it is not a regular file. */
  of(path: string, stats: BigIntStats): string {
    if (stats.isDirectory()) return 'directory'
    if (!stats.isFile()) return `special file ${stats.rdev}`
    const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':')
    if (stats.size > LARGEST) return stamp
    const known = this.#known.get(path)
    if (known?.stamp === stamp) return known.digest
    const digest = read(path, Math.max(Number(stats.size), LEAST))
    const isRacy = BigInt(Math.floor(this.#wallMs())) * 1_000_000n - stats.ctimeNs < RACY_NS
    if (isRacy) this.#known.delete(path)
    else this.#known.set(path, { stamp, digest })
    return digest
  }

  /** Forgets all files but those. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path)
  }
}

function read(path: string, most: number): string {
  try {
    return createHash('sha256').update(readGuarded(path, most)).digest('base64')
  } catch (error) {
    return `unreadable: ${errnoCode(error)}`
  }
}
