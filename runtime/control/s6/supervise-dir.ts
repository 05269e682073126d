// One service directory for the tools of s6: `supervise/` with lock, control, status and death_tally, and `event/`.
// Requests of the tools are passed to the operations that all protocols share; the files are updated at each change of
// the service. Source: s6 2.15, s6-supervise; sections 3.2 and 3.3 of its behaviour as verified by experiment.

import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { namespec } from '../../../config/model/names.ts'
import type { SupervisorSettings } from '../../../config/settings/supervisor.ts'
import { readSignal } from '../../../config/values/signal.ts'
import { errnoCode } from '../../system/files.ts'
import { makeDirectoryGuarded, readGuarded, replaceGuarded } from '../../system/guarded.ts'
import { makeDirectoriesGuarded, removeGuarded } from '../../system/guarded-trees.ts'
import { SIGCONT, SIGHUP, SIGSTOP } from '../../../config/values/signal.ts'
import { ControlError } from '../operations/errors.ts'
import { start, stop } from '../operations/processes.ts'
import type { Controlled } from '../operations/supervised.ts'
import { openControl } from './control-fifo.ts'
import { notifyListeners } from './fifodir.ts'
import { LETTERS, type Steered } from './letters.ts'
import { DEATH_BYTES, encodeDeath, encodeStatus, type Status } from './status-file.ts'
import { eventsBetween, firstStatus, nextStatus } from './status-change.ts'
import type { FifoMaker, Logger, SignalTarget, Unit } from '../operations/supervised.ts'

/** More than any file of a service directory that is read here has. */
const LONGEST_FILE_BYTES = 64 * 1024
const TALLY = { usual: 100, most: 4096 }
const HARMLESS = ['ALREADY_STARTED', 'NOT_RUNNING', 'SHUTTING_DOWN']

/** What a SuperviseDir needs. */
export interface SuperviseDirParts {
  readonly directory: string
  readonly unit: Unit
  readonly controlled: Controlled
  readonly shim: FifoMaker
  readonly log: Logger
  readonly layout: SupervisorSettings['scan_layout']
  readonly nowMs: () => number
  /** A tool requested the end of this supervision, and it has ended. */
  readonly left: () => void
}

/** The directory of one service, while it is supervised. */
export class SuperviseDir implements Steered {
  readonly #parts: SuperviseDirParts
  /** Its real path from open() on: a tool that removes a link to it still finds the status there. s6-supervise runs in it. */
  #directory: string
  #status: Status
  #written: Buffer = Buffer.alloc(0)
  #release: (() => void) | undefined
  #isClosed = false
  /** A tool has requested a start while the service is still being stopped. */
  #isWished = false
  /** A tool has requested a start without restarts, and the process does not run yet: `s6-svc -o`. */
  #startsOnce = false
  #isLeaving = false

  constructor(parts: SuperviseDirParts) {
    this.#parts = parts
    this.#directory = parts.directory
    this.#status = firstStatus(parts.nowMs())
  }

  get stopSignal(): number {
    return this.#parts.unit.settings.stopsignal
  }

  get reloadSignal(): number {
    return readSignal(this.#firstLine('reload-signal') ?? '') ?? SIGHUP
  }

  /**
   * Begins the supervision. Rejects with SpawnError (EAGAIN: another process supervises it) or an error of the system.
   */
  async open(): Promise<void> {
    const { shim } = this.#parts
    makeDirectories(this.#parts.directory)
    const directory = realpathSync(this.#parts.directory)
    this.#directory = directory
    // Tools read the status as soon as the lock exists. Before that the file may belong to another supervisor.
    if (!existsSync(join(directory, 'supervise/status'))) this.#write(this.#status)
    const release = await openControl({
      directory: join(directory, 'supervise'),
      shim,
      take: (letter) => this.#obey(letter),
    })
    if (this.#isClosed) return release()
    this.#release = release
    this.#replace('death_tally', Buffer.alloc(0))
    this.#write(this.#status)
    this.#tell('s')
    this.update()
  }

  /** The service has changed. */
  update(): void {
    if (this.#release === undefined) return
    const info = this.#parts.unit.info()
    const before = this.#status
    const next = nextStatus(before, info)
    const events = eventsBetween(before, next, info)
    if (events.startsWith('d') && next.ended !== undefined) this.#count(next.ended)
    this.#write({ ...next, wantsUp: (next.wantsUp && !this.#startsOnce) || this.#isWished })
    this.#tell(events)
    if (this.#isLeaving && next.phase === 'down') this.#leaveNow()
  }

  /** Ends the supervision. */
  close(): void {
    this.#isClosed = true
    const release = this.#release
    if (release === undefined) return
    this.#release = undefined
    this.#tell('x')
    release()
  }

  start(): void {
    this.#perform('up', async () => {
      const { unit, controlled } = this.#parts
      if (this.#isWished || unit.info().waitingFor.length > 0) return
      if (unit.info().state === 'backoff') await unit.stop()
      if (unit.isUp) return unit.startWithoutWaiting()
      if (unit.isStopping && !(await this.#outlivesStop())) return
      await start.run(controlled, { name: namespec(unit.group, unit.name), wait: false })
    })
  }

  startUnlessDown(): void {
    if (!existsSync(join(this.#directory, 'down'))) this.start()
  }

  stop(): void {
    this.#isWished = false
    this.#status = { ...this.#status, isPaused: false }
    this.#perform('down', async () => {
      const { unit, controlled } = this.#parts
      const stopping = stop.run(controlled, { name: namespec(unit.group, unit.name), wait: false, alone: true })
      this.signal(SIGCONT, 'process')
      await stopping
    })
    this.update()
  }

  once(now: boolean): void {
    const { unit, controlled } = this.#parts
    this.#isWished = false
    if (unit.info().pid !== 0 || unit.info().state === 'finishing') return unit.once?.()
    if (!now) return this.stop()
    this.#startsOnce = true
    this.#perform('once', async () => {
      try {
        await start.run(controlled, { name: namespec(unit.group, unit.name), wait: false })
        unit.once?.()
      } finally {
        this.#startsOnce = false
      }
    })
  }

  leave(): void {
    this.#isLeaving = true
    this.once(false)
    this.update()
  }

  beNormally(up: boolean): void {
    const file = join(this.#directory, 'down')
    if (up) removeGuarded(file)
    else replaceGuarded(file, '', 0o644)
  }

  signal(number: number, target: SignalTarget): void {
    void this.#parts.unit.signal(number, target)
  }

  pause(isPaused: boolean, target: SignalTarget): void {
    if (this.#status.phase !== 'up') return
    this.signal(isPaused ? SIGSTOP : SIGCONT, target)
    this.#write({ ...this.#status, isPaused })
  }

  /** Waits until it is down; false when it is not wanted up any more by then. */
  async #outlivesStop(): Promise<boolean> {
    this.#isWished = true
    this.update()
    await this.#parts.unit.untilAtRest()
    const isWished = this.#isWished
    this.#isWished = false
    return isWished
  }

  #obey(letter: string): boolean {
    try {
      LETTERS[letter]?.(this)
    } catch (error) {
      this.#parts.log.log('warn', `${this.#directory}: ${errnoCode(error)}`)
    }
    return letter in LETTERS
  }

  /** The tool that wrote the letter gets no answer, so errors are logged. */
  #perform(what: string, verb: () => Promise<unknown>): void {
    const { unit, log, controlled } = this.#parts
    verb().catch((error: unknown) => {
      if (!(error instanceof ControlError)) return controlled.reportBug(error)
      if (HARMLESS.includes(error.code)) return
      log.log('warn', `cannot bring ${unit.name} ${what} as a tool of s6 asked: ${error.message}`)
    })
  }

  #leaveNow(): void {
    this.#isLeaving = false
    this.close()
    this.#isClosed = false
    this.#parts.left()
  }

  #count(status: NonNullable<Status['ended']>): void {
    const most = Math.min(Number(/^\d{1,4}$/.exec(this.#firstLine('max-death-tally') ?? '') ?? TALLY.usual), TALLY.most)
    const old = this.#read('supervise/death_tally') ?? Buffer.alloc(0)
    const known = old.length % DEATH_BYTES === 0 ? old : Buffer.alloc(0)
    const all = Buffer.concat([known, encodeDeath({ atMs: this.#parts.nowMs(), status })])
    this.#replace('death_tally', all.subarray(Math.max(0, all.length - most * DEATH_BYTES)))
  }

  #write(status: Status): void {
    this.#status = status
    const bytes = encodeStatus(status, this.#parts.layout)
    if (bytes.equals(this.#written)) return
    if (this.#replace('status', bytes)) this.#written = bytes
  }

  #tell(events: string): void {
    if (events !== '') notifyListeners(join(this.#directory, 'event'), events)
  }

  #firstLine(file: string): string | undefined {
    return this.#read(file)?.toString('latin1').split('\n')[0]
  }

  #read(file: string): Buffer | undefined {
    const path = join(this.#directory, file)
    try {
      return readGuarded(path, LONGEST_FILE_BYTES)
    } catch {
      return undefined
    }
  }

  /** Whether nothing is left to write: the file is written, or its directory is gone. */
  #replace(file: string, bytes: Buffer): boolean {
    const path = join(this.#directory, 'supervise', file)
    try {
      replaceGuarded(path, bytes, 0o644)
      return true
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return true
      this.#parts.log.log('warn', `cannot write ${path}: ${String(error)}`)
      return false
    }
  }
}

/** Existing directories keep their modes, which an administrator may have chosen (s6-svperms). */
function makeDirectories(directory: string): void {
  makeDirectoriesGuarded(directory)
  makeDirectoryGuarded(join(directory, 'supervise'), 0o700)
  makeDirectoryGuarded(join(directory, 'event'), 0o3730)
}
