// The daemon's own log for clients: its file, if it has one.

import { unlinkSync } from 'node:fs'
import { atPlace } from '../system/guarded.ts'
import type { ActivityLog } from './activity-log.ts'
import { fileSize, readFileRange, readFileTail } from './readable.ts'
import type { StreamLog } from './stream-log.ts'

/** Reads, follows and clears the log file of the daemon. */
export class MainLog implements StreamLog {
  readonly #path: string
  readonly #log: ActivityLog

  constructor(path: string, log: ActivityLog) {
    this.#path = path
    this.#log = log
  }

  tail(bytes: number): Buffer {
    return readFileTail(this.#path, bytes)
  }

  size(): number | undefined {
    return fileSize(this.#path)
  }

  read(start: number, count: number): Buffer {
    return readFileRange(this.#path, start, count)
  }

  /** Source: supervisor 4.2.5, SupervisorNamespaceRPCInterface.clearLog. */
  clear(): void {
    atPlace(this.#path, (place) => unlinkSync(place))
    this.#log.log('info', 'reopening log file')
    this.#log.reopen()
  }

  follow(listener: (chunk: Buffer) => void): () => void {
    return this.#log.follow(listener)
  }
}
