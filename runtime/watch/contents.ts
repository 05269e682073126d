// The content of files as short forms that are compared. A file is read again only when the kernel says that it may
// have changed; modification times, which everyone can set, are not enough for that.

import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { errnoCode } from '../system/files.ts'
import { readGuarded } from '../system/guarded.ts'

/** Of a larger file size, inode and times are compared. */
const LARGEST = 16 * 1024 ** 2
/** So many bytes are read in one look: others may own the files, and the daemon process does nothing else meanwhile. */
const MOST_BYTES = 32 * 1024 ** 2

/** Files of /proc and /sys say that they are empty. */
const LEAST = 65_536

/**
 * Two changes within one tick of the kernel's clock have the same change time, so what was read so soon after a change
 * is read again.
 */
const RACY_NS = 2_000_000_000n

/** What a file contains. */
export interface Content {
  /** Size, inode and times; the kind, where it is not a regular file. */
  readonly stamp: string
  /** Undefined where the content was not read. */
  readonly digest?: string
}

/** Whether both are the same content. Where one was not read, the stamps decide. */
export function isSame(left: Content, right: Content): boolean {
  if (left.digest === undefined || right.digest === undefined) return left.stamp === right.stamp
  return left.digest === right.digest
}

/** Reads contents and remembers them by path. */
export class Contents {
  readonly #known = new Map<string, Content>()
  #bytesLeft = MOST_BYTES
  readonly #wallMs: () => number

  /** `wallMs` gives the wall-clock time. */
  constructor(wallMs: () => number) {
    this.#wallMs = wallMs
  }

  /** The content of the file at a path without links. */
  of(path: string, stats: BigIntStats): Content {
    if (stats.isDirectory()) return { stamp: 'directory' }
    if (!stats.isFile()) return { stamp: `special file ${stats.rdev}` }
    const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':')
    const known = this.#known.get(path)
    if (known?.stamp === stamp) return known
    const most = Math.max(Number(stats.size), LEAST)
    if (stats.size > LARGEST || most > this.#bytesLeft) return { stamp }
    this.#bytesLeft -= most
    const content = { stamp, digest: read(path, most) }
    const isRacy = BigInt(Math.floor(this.#wallMs())) * 1_000_000n - stats.ctimeNs < RACY_NS
    if (isRacy) this.#known.delete(path)
    else this.#known.set(path, content)
    return content
  }

  /** A look has ended: forgets all files but those. */
  keep(paths: ReadonlySet<string>): void {
    this.#bytesLeft = MOST_BYTES
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
