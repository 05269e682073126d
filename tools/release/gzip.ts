// Compresses archives. Most bytes of an archive are Node.js, which is the same in many releases. So its compressed form is kept.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildCache } from '../cross.ts'

const LARGE_BYTES = 16 * 2 ** 20
/** Source: POSIX.1-2017, pax, ustar interchange format. */
const BLOCK_BYTES = 512
const [SIZE_AT, SIZE_END] = [124, 136]

/** gzip without a time and a name. */
export function gzip(bytes: Buffer): Buffer {
  return gzipSync(bytes, { level: 6 })
}

/**
 * Compresses a tar. Each large file is a separate gzip member, which is kept in the build cache. Readers treat several members in
 * a row as one file. Source: RFC 1952, 2.2.
 */
export function gzipTar(tar: Buffer): Buffer {
  const parts: Buffer[] = []
  let begun = 0
  for (const { start, end } of largeFiles(tar)) {
    parts.push(gzip(tar.subarray(begun, start)), keptGzip(tar.subarray(start, end)))
    begun = end
  }
  return Buffer.concat([...parts, gzip(tar.subarray(begun))])
}

function keptGzip(bytes: Buffer): Buffer {
  const kept = join(buildCache(), `${createHash('sha256').update(bytes).digest('hex')}.gz`)
  if (existsSync(kept)) return readFileSync(kept)
  const made = `${kept}-${process.pid}.tmp`
  const packed = gzip(bytes)
  writeFileSync(made, packed)
  renameSync(made, kept)
  return packed
}

/** Where the contents of large files are in a tar. */
function largeFiles(tar: Buffer): readonly { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = []
  for (let at = 0; at < tar.length;) {
    const size = Number.parseInt(tar.toString('latin1', at + SIZE_AT, at + SIZE_END), 8) || 0
    const start = at + BLOCK_BYTES
    if (size >= LARGE_BYTES) found.push({ start, end: start + size })
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
  }
  return found
}
