// The events that wait for a webhook, the oldest first: in memory, and also in a file when they must survive the daemon. The
// file is a log: a line `+{…}` for each event that came, a line `-ID` for each that is done; it is written anew when most of
// its lines are of no use. It belongs to the daemon's user alone, because events may contain what programs have printed.

import { closeSync, constants, fstatSync, ftruncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errnoCode } from '../system/files.ts'
import { makeDirectoryGuarded, openGuarded, readGuarded, replaceGuarded } from '../system/guarded.ts'
import type { Notice } from './notice.ts'

/** A notice on its way. The id stays the same over all attempts. */
export interface Waiting {
  readonly id: string
  readonly notice: Notice
}

/** Together they have at most so many characters, whatever their number. */
const MOST_CHARACTERS = 8 * 1024 * 1024
const MOST_FILE_BYTES = 64 * 1024 * 1024
/** The file is written anew when it has so many lines more than the queue may have. */
const SPARE_LINES = 1000
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

/** What a queue needs. */
export interface QueueOptions {
  readonly name: string
  /** The most events. */
  readonly size: number
  /** Undefined for a queue in memory. */
  readonly directory: string | undefined
  /** Called with a sentence when the file cannot be used; then events wait in memory only. */
  readonly report: (message: string) => void
}

/** The queue of one webhook. */
export class Queue {
  readonly #options: QueueOptions
  readonly #items = new Map<string, { readonly waiting: Waiting; readonly text: string }>()
  #characters = 0
  #file: { readonly path: string; fd: number; lines: number } | undefined

  /** `rest` are events that wait already. */
  constructor(options: QueueOptions, rest: readonly Waiting[] = []) {
    this.#options = options
    this.#guard(() => this.#open())
    for (const waiting of rest) if (!this.#items.has(waiting.id)) this.add(waiting)
  }

  get length(): number {
    return this.#items.size
  }

  /** The oldest event, which stays in the queue until it is done. */
  first(): Waiting | undefined {
    for (const { waiting } of this.#items.values()) return waiting
    return undefined
  }

  all(): readonly Waiting[] {
    return [...this.#items.values()].map(({ waiting }) => waiting)
  }

  /** False when the queue is full. */
  add(waiting: Waiting): boolean {
    const text = JSON.stringify(waiting)
    if (!this.#keep(waiting, text)) return false
    this.#guard(() => this.#append(`+${text}\n`))
    return true
  }

  /** The event is done. */
  remove(id: string): void {
    const item = this.#items.get(id)
    if (item === undefined) return
    this.#items.delete(id)
    this.#characters -= item.text.length
    this.#guard(() => this.#append(`-${id}\n`))
  }

  /** Closes the file; what waits stays in it. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd)
    this.#file = undefined
  }

  #keep(waiting: Waiting, text: string): boolean {
    if (this.#items.size >= this.#options.size || this.#characters + text.length > MOST_CHARACTERS) return false
    this.#items.set(waiting.id, { waiting, text })
    this.#characters += text.length
    return true
  }

  #open(): void {
    const { directory, name } = this.#options
    if (directory === undefined) return
    makeDirectoryGuarded(directory, DIRECTORY_MODE)
    const path = join(directory, `${name}.webhook`)
    for (const waiting of read(path)) this.#keep(waiting, JSON.stringify(waiting))
    this.#rewrite(path)
  }

  #append(line: string): void {
    const file = this.#file
    if (file === undefined) return
    if (this.#items.size === 0) {
      ftruncateSync(file.fd)
      file.lines = 0
    } else if (file.lines > 2 * this.#options.size + SPARE_LINES) this.#rewrite(file.path)
    else {
      writeSync(file.fd, line)
      file.lines += 1
    }
  }

  #rewrite(path: string): void {
    this.close()
    replaceGuarded(path, [...this.#items.values()].map(({ text }) => `+${text}\n`).join(''), FILE_MODE)
    const fd = openGuarded(path, constants.O_WRONLY | constants.O_APPEND)
    this.#file = { path, fd, lines: this.#items.size }
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.close()
      this.#options.report(`cannot keep events in ${this.#options.directory}: ${errnoCode(error)}; they wait in memory`)
    }
  }
}

/** The events that wait in a file; none when there is no file. Lines that are not whole are left out. */
function read(path: string): readonly Waiting[] {
  const found = new Map<string, Waiting>()
  for (const line of textOf(path).split('\n')) {
    if (line.startsWith('-')) found.delete(line.slice(1))
    const waiting = line.startsWith('+') ? parse(line.slice(1)) : undefined
    if (waiting !== undefined) found.set(waiting.id, waiting)
  }
  return [...found.values()]
}

function textOf(path: string): string {
  let fd: number
  try {
    fd = openGuarded(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return ''
    throw error
  }
  try {
    const { uid, mode, size } = fstatSync(fd)
    // what another user could have written is not sent in the name of this daemon
    if (uid !== process.geteuid?.() || (mode & 0o077) !== 0)
      throw Object.assign(new Error('the file is not the daemon’s alone'), { code: 'EACCES' })
    return readGuarded(path, Math.min(size, MOST_FILE_BYTES)).toString()
  } finally {
    closeSync(fd)
  }
}

function parse(text: string): Waiting | undefined {
  try {
    const value = JSON.parse(text) as Waiting
    return typeof value.id === 'string' && typeof value.notice.summary === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
