// Output of a daemon process that may be killed and started again (decision 38). The daemon process appends to a file
// without a name, and the helper, which lives on, writes that to standard output, standard error or syslog. The file
// says exactly what the previous daemon process has written, which a pipe cannot. A write counts when the position
// behind it is noted at the beginning of the file; a write that a SIGKILL cut is removed by the next daemon process.

import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { getSystemErrorName } from 'node:util'
import type { JournaledFile, Place } from './journal.ts'
import type { ReportProblem } from './sink.ts'
import type { StandardStream } from './stdout.ts'

/** The most that waits for a slow reader. */
const LIMIT_BYTES = 1024 * 1024

/** The first output; before it are the notes: written (ours); sent, errno and number of what was dropped (the helper's). */
const START = 4096
const NOTES_BYTES = 4 * 8

/** An outbox and the descriptor that tells the helper of new output, both inherited from the helper. */
export interface OutboxDescriptors {
  readonly file: number
  readonly bell: number
}

/** The outboxes of the helper. */
export interface OutboxSet {
  readonly stdout: OutboxDescriptors
  readonly stderr: OutboxDescriptors
  readonly syslog: OutboxDescriptors
}

/** What the helper has done with an outbox. */
export interface OutboxState {
  /** Number of bytes that wait. */
  readonly waiting: number
  /** Name of the error of the last write; empty when it succeeded. */
  readonly error: string
  /** Bytes that the destination did not accept; for syslog messages. */
  readonly dropped: number
}

/** One outbox. */
export class Outbox implements JournaledFile {
  readonly found: Place
  readonly #fd: number
  readonly #bell: number
  readonly #inode: number
  #end: number

  /** Takes over what the previous daemon process has written. */
  constructor({ file, bell }: OutboxDescriptors) {
    this.#fd = file
    this.#bell = bell
    const notes = readNotes(file)
    this.#end = Math.max(notes.readDoubleLE(0), START)
    this.#inode = fstatSync(file).ino
    ftruncateSync(file, this.#end)
    this.found = this.place
  }

  get place(): Place {
    return { file: this.#inode, size: this.#end }
  }

  get state(): OutboxState {
    const notes = readNotes(this.#fd)
    const [sent, error, dropped] = [8, 16, 24].map((at) => notes.readDoubleLE(at))
    const name = error === undefined || error === 0 ? '' : getSystemErrorName(-error)
    return { waiting: this.#end - (sent ?? 0), error: name, dropped: dropped ?? 0 }
  }

  /** Throws the error of the system; then nothing of the chunk is written. */
  write(chunk: Buffer): void {
    for (let done = 0; done < chunk.length;) {
      done += writeSync(this.#fd, chunk, done, chunk.length - done, this.#end + done)
    }
    this.#end += chunk.length
    const note = Buffer.alloc(8)
    note.writeDoubleLE(this.#end)
    writeSync(this.#fd, note, 0, note.length, 0)
    writeSync(this.#bell, RING)
  }
}

/** An eventfd takes a number of eight bytes. */
const RING = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])

function readNotes(fd: number): Buffer {
  const notes = Buffer.alloc(NOTES_BYTES)
  readSync(fd, notes, 0, NOTES_BYTES, 0)
  return notes
}

/** Opens stdout or stderr of a daemon process that may be killed. `fd` is its number. */
export function openOutboxStream(
  outbox: OutboxDescriptors,
  { fd, report }: { readonly fd: number; readonly report: ReportProblem },
): StandardStream & JournaledFile {
  return new OutboxStream(outbox, fd, report)
}

/** The daemon never waits: what a slow reader leaves in the outbox is bounded, and more is dropped and counted. */
class OutboxStream implements StandardStream, JournaledFile {
  readonly isTerminal: boolean
  readonly #outbox: Outbox
  readonly #name: string
  readonly #report: ReportProblem
  #droppedBytes = 0
  #dropsBefore = 0
  #error = ''
  #isReporting = false

  constructor(outbox: OutboxDescriptors, fd: number, report: ReportProblem) {
    this.#outbox = new Outbox(outbox)
    this.#name = fd === 2 ? 'standard error' : 'standard output'
    this.#report = report
    this.isTerminal = isatty(fd)
  }

  get found(): Place {
    return this.#outbox.found
  }

  get place(): Place {
    return this.#outbox.place
  }

  get droppedBytes(): number {
    return this.#droppedBytes + this.#outbox.state.dropped
  }

  write(chunk: Buffer): void {
    const { waiting, error } = this.#outbox.state
    if (waiting + chunk.length > LIMIT_BYTES) this.#droppedBytes += chunk.length
    else this.#append(chunk)
    if (!this.#isReporting) this.#tellTroubles(waiting, error)
  }

  reopen(): void {
    // it belongs to the process that started the helper
  }

  close(): void {
    // the helper writes what is left
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  #append(chunk: Buffer): void {
    try {
      this.#outbox.write(chunk)
    } catch {
      this.#droppedBytes += chunk.length
    }
  }

  /** A report may write to this very stream. */
  #tellTroubles(waiting: number, error: string): void {
    this.#isReporting = true
    const dropped = this.#droppedBytes - this.#dropsBefore
    if (error !== this.#error && error !== '')
      this.#report(`${this.#name} cannot be written any more: ${error}; output to it is dropped`)
    this.#error = error
    if (dropped > 0 && waiting < LIMIT_BYTES / 2) {
      this.#dropsBefore = this.#droppedBytes
      this.#report(`${this.#name} did not accept output for a while: ${dropped} bytes were dropped`)
    }
    this.#isReporting = false
  }
}

/** The outboxes of the helper that started this process, from its KAHI_SHIM_PARENT; undefined when it has none. */
export function inheritedOutboxes({ KAHI_SHIM_PARENT: text = '' }: NodeJS.ProcessEnv): OutboxSet | undefined {
  const [pid, , , bell] = text.split(':').map(Number)
  if (pid !== process.ppid || bell === undefined || !Number.isInteger(bell)) return undefined
  const box = (file: number): OutboxDescriptors => ({ file, bell })
  return { stdout: box(bell + 1), stderr: box(bell + 2), syslog: box(bell + 3) }
}
