// A log file with supervisord's rotation. A chunk is appended as a whole. When the file has reached its limit, it
// becomes `.1`, `.1` becomes `.2` and so on; without backups it is emptied. Regular files are written synchronously,
// which is fast and keeps the order. Other files (FIFO, terminal, /dev/null) are never rotated and never waited for:
// what does not fit is dropped and counted. A problem is reported once and ends nothing.

import { closeSync, fstatSync, ftruncateSync, lstatSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { errnoCode, type OpenFile, openForAppending, removeLater } from '../system/files.ts'
import { atPlace } from '../system/guarded.ts'
import type { JournaledFile } from './journal.ts'
import { unfinishedName } from './names.ts'
import { readFileRange } from './readable.ts'
import type { ReportProblem, Sink } from './sink.ts'

/** After so many writes without a problem, a file that is not regular counts as working again. */
const GOOD_WRITES = 100

/** Path and rotation of a log file. */
export interface RotatingFileOptions {
  readonly path: string
  /** 0 or less: no rotation. */
  readonly maxBytes: number
  /** 0 or less: the file is emptied instead of being renamed. */
  readonly backups: number
  /** Whether rotated files are compressed. */
  readonly compress?: boolean
  readonly report: ReportProblem
}

/** Source: supervisor 4.2.5, loggers.RotatingFileHandler. */
export class RotatingFile implements Sink, JournaledFile {
  readonly #options: RotatingFileOptions
  #file: OpenFile | undefined
  #sizeBytes = 0
  #droppedBytes = 0
  #droppedBefore = 0
  #troubled = false
  #goodWrites = 0
  #rotationTroubled = false
  #compressing = false
  #compressionTroubled = false

  /** Opens the file. Throws the error of the system. */
  constructor(options: RotatingFileOptions) {
    this.#options = options
    this.#open()
    if (options.compress === true && this.#file?.regular === true && this.#isUncompressed()) void this.#compressOld()
  }

  /** Number of bytes that could not be written. */
  get droppedBytes(): number {
    return this.#droppedBytes
  }

  get place(): JournaledFile['place'] {
    if (this.#file?.regular !== true) return undefined
    const { ino, size } = fstatSync(this.#file.fd)
    return { file: ino, size }
  }

  cutAfterLines(offset: number): number {
    if (this.#file === undefined) return 0
    const bytes = readFileRange(`/proc/self/fd/${this.#file.fd}`, offset, this.#sizeBytes - offset)
    const end = bytes.lastIndexOf('\n') + 1
    ftruncateSync(this.#file.fd, offset + end)
    this.#sizeBytes = offset + end
    return bytes.subarray(0, end).toString('latin1').split('\n').length - 1
  }

  /** Appends bytes, and rotates when the limit is reached. */
  write(chunk: Buffer): void {
    if (this.#file === undefined) this.#tryToOpen()
    const file = this.#file
    if (file === undefined) {
      this.#droppedBytes += chunk.length
      return
    }
    this.#append(file, chunk)
    if (file.regular && this.#options.maxBytes > 0 && this.#sizeBytes >= this.#options.maxBytes) this.#rotate(file)
  }

  /** Opens the path again, after another program has moved the file. */
  reopen(): void {
    this.close()
    this.#tryToOpen()
  }

  /** As reopen(), but throws when the file cannot be opened. */
  reopenOrThrow(): void {
    this.close()
    this.#open()
  }

  /** Removes the file and begins a new one. Throws the error of the system. */
  clear(): void {
    if (this.#file?.regular === true) atPlace(this.#options.path, unlinkIfThere)
    this.reopen()
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd)
    this.#file = undefined
    const dropped = this.#takeDropped()
    if (dropped > 0) this.#options.report(`${dropped} bytes for ${this.#options.path} were dropped`)
  }

  #open(): void {
    this.#file = openForAppending(this.#options.path)
    this.#sizeBytes = this.#file.size
  }

  #tryToOpen(): void {
    try {
      this.#open()
    } catch (error) {
      this.#trouble(`cannot open ${this.#options.path}: ${errnoCode(error)}`)
    }
  }

  #append(file: OpenFile, chunk: Buffer): void {
    let written = 0
    try {
      while (written < chunk.length) written += writeSync(file.fd, chunk, written)
      this.#wrote(file)
    } catch (error) {
      this.#goodWrites = 0
      this.#droppedBytes += chunk.length - written
      this.#trouble(`cannot write to ${this.#options.path}: ${errnoCode(error)}; output is dropped`)
    }
    this.#sizeBytes += written
  }

  #rotate(file: OpenFile): void {
    this.#sizeBytes = fstatSync(file.fd).size
    if (this.#sizeBytes < this.#options.maxBytes) return
    try {
      if (this.#options.backups > 0) this.#shift()
      else ftruncateSync(file.fd)
      this.#rotationTroubled = false
    } catch (error) {
      if (!this.#rotationTroubled) this.#options.report(`cannot rotate ${this.#options.path}: ${errnoCode(error)}`)
      this.#rotationTroubled = true
    }
    this.#sizeBytes = 0
  }

  #shift(): void {
    atPlace(this.#options.path, (path) => this.#renameOld(path))
    this.reopen()
    if (this.#options.compress === true) void this.#compressOld()
  }

  #renameOld(path: string): void {
    const { backups } = this.#options
    // Renaming over a file may wait for the disk (100 ms on ext4); removing the old file first does not.
    removeLater(`${path}.${backups}`)
    unlinkIfThere(`${path}.${backups}.gz`)
    for (let number = backups - 1; number >= 1; number--) {
      const [from, to] = [`${path}.${number}`, `${path}.${number + 1}`]
      if (renameIfThere(`${from}.gz`, `${to}.gz`)) unlinkIfThere(to)
      if (renameIfThere(from, to)) unlinkIfThere(`${to}.gz`)
    }
    renameIfThere(path, `${path}.1`)
  }

  /** Whether a compression was cut off by a crash, or was not configured before. */
  #isUncompressed(): boolean {
    const { path, backups } = this.#options
    return atPlace(path, (held) => {
      const numbers = Array.from({ length: Math.max(backups, 0) }, (_, index) => index + 1)
      return [unfinishedName(held), ...numbers.map((number) => `${held}.${number}`)].some(
        (name) => lstatSync(name, { throwIfNoEntry: false }) !== undefined,
      )
    })
  }

  /** Runs one compression at a time; it also compresses files that are rotated meanwhile. */
  async #compressOld(): Promise<void> {
    if (this.#compressing) return
    this.#compressing = true
    try {
      const { compressRotated } = await import('./compress.ts')
      await compressRotated(this.#options)
      this.#compressionTroubled = false
    } catch (error) {
      const message = `cannot compress old logs of ${this.#options.path}: ${errnoCode(error)}`
      if (!this.#compressionTroubled) this.#options.report(message)
      this.#compressionTroubled = true
    } finally {
      this.#compressing = false
    }
  }

  #trouble(message: string): void {
    if (this.#troubled) return
    this.#troubled = true
    this.#options.report(message)
  }

  /**
   * A reader of a FIFO or terminal that is too slow once will be so again, so the end of a problem is reported later
   * there.
   */
  #wrote(file: OpenFile): void {
    if (!this.#troubled) return
    this.#goodWrites += 1
    if (file.regular || this.#goodWrites >= GOOD_WRITES) this.#recovered()
  }

  #recovered(): void {
    this.#troubled = false
    this.#options.report(`${this.#options.path} can be written again; ${this.#takeDropped()} bytes were dropped`)
  }

  /** Number of bytes dropped since the last call. */
  #takeDropped(): number {
    const dropped = this.#droppedBytes - this.#droppedBefore
    this.#droppedBefore = this.#droppedBytes
    return dropped
  }
}

/** Whether the file existed. */
function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return false
    throw error
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error
  }
}
