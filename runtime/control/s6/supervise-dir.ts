// One service directory as s6's tools know it: `supervise/` with lock, control, status and death_tally, and `event/`. What
// they ask for goes to the operations that all protocols share; what happens is seen at each turn of the service.
// Source: s6 2.15, s6-supervise; sections 3.2 and 3.3 of its behaviour as verified by experiment.

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namespec, type SupervisorSettings } from '../../../config/config.ts'
import { readSignal } from '../../../config/signal.ts'
import type { Logger } from '../../log/sink.ts'
import type { SignalTarget } from '../../service/signal-process.ts'
import type { Unit } from '../../service/unit.ts'
import type { Shim } from '../../shim/shim.ts'
import { errnoCode } from '../../system/files.ts'
import { SIGCONT, SIGHUP, SIGSTOP } from '../../system/signals.ts'
import { ControlError } from '../errors.ts'
import { start, stop } from '../operations.ts'
import type { Controlled } from '../supervised.ts'
import { openControl } from './control-fifo.ts'
import { notifyListeners } from './fifodir.ts'
import { LETTERS, type Steered } from './letters.ts'
import { DEATH_BYTES, encodeDeath, encodeStatus, type Status } from './status-file.ts'
import { eventsBetween, firstStatus, nextStatus } from './turn.ts'

const TALLY = { usual: 100, most: 4096 }
const HARMLESS = ['ALREADY_STARTED', 'NOT_RUNNING', 'SHUTTING_DOWN']

/** What a SuperviseDir needs. */
export interface SuperviseDirParts {
  readonly directory: string
  readonly unit: Unit
  readonly controlled: Controlled
  readonly shim: Shim
  readonly log: Logger
  readonly layout: SupervisorSettings['scan_layout']
  readonly nowMs: () => number
  /** A tool asked for the end of this supervision, and it has ended. */
  readonly left: () => void
}

/** The directory of one service, while it is supervised. */
export class SuperviseDir implements Steered {
  readonly #parts: SuperviseDirParts
  #status: Status
  #written: Buffer = Buffer.alloc(0)
  #release: (() => void) | undefined
  #isClosed = false
  /** Somebody wants it up while it still has to come down. */
  #isWished = false
  #isLeaving = false

  constructor(parts: SuperviseDirParts) {
    this.#parts = parts
    this.#status = firstStatus(parts.nowMs())
  }

  get stopSignal(): number {
    return this.#parts.unit.settings.stopsignal
  }

  get reloadSignal(): number {
    return readSignal(this.#firstLine('reload-signal') ?? '') ?? SIGHUP
  }

  /** Begins to supervise. Rejects with SpawnError (EAGAIN: somebody else does) or an error of the system. */
  async open(): Promise<void> {
    const { directory, shim } = this.#parts
    makeDirectories(directory)
    // Tools look for it as soon as the lock is there. Before that it may be another supervisor's.
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

  /** The service has taken a turn. */
  update(): void {
    if (this.#release === undefined) return
    const info = this.#parts.unit.info()
    const before = this.#status
    const next = nextStatus(before, info)
    const events = eventsBetween(before, next, info)
    if (events.startsWith('d') && next.ended !== undefined) this.#count(next.ended)
    this.#write({ ...next, wantsUp: next.wantsUp || this.#isWished })
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
    if (!existsSync(join(this.#parts.directory, 'down'))) this.start()
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
    this.#perform('once', async () => {
      await start.run(controlled, { name: namespec(unit.group, unit.name), wait: false })
      unit.once?.()
    })
  }

  leave(): void {
    this.#isLeaving = true
    this.once(false)
    this.update()
  }

  beNormally(up: boolean): void {
    const file = join(this.#parts.directory, 'down')
    if (up) rmSync(file, { force: true })
    else writeFileSync(file, '')
  }

  signal(number: number, target: SignalTarget): void {
    void this.#parts.unit.signal(number, target)
  }

  pause(isPaused: boolean, target: SignalTarget): void {
    if (this.#status.phase !== 'up') return
    this.signal(isPaused ? SIGSTOP : SIGCONT, target)
    this.#write({ ...this.#status, isPaused })
  }

  /** Waits until it is down; false when nobody wants it up any more then. */
  async #outlivesStop(): Promise<boolean> {
    this.#isWished = true
    this.update()
    await this.#parts.unit.untilAtRest()
    const isWished = this.#isWished
    this.#isWished = false
    return isWished
  }

  #obey(letter: string): void {
    try {
      LETTERS[letter]?.(this)
    } catch (error) {
      this.#parts.log.log('warn', `${this.#parts.directory}: ${errnoCode(error)}`)
    }
  }

  /** Whoever wrote the letter hears nothing of it, so the log does. */
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
    this.#written = bytes
    this.#replace('status', bytes)
  }

  #tell(events: string): void {
    if (events !== '') notifyListeners(join(this.#parts.directory, 'event'), events)
  }

  #firstLine(file: string): string | undefined {
    return this.#read(file)?.toString('latin1').split('\n')[0]
  }

  #read(file: string): Buffer | undefined {
    const path = join(this.#parts.directory, file)
    try {
      return existsSync(path) ? readFileSync(path) : undefined
    } catch {
      return undefined
    }
  }

  /** Nobody ever sees half of it. A directory that is gone is nobody's. */
  #replace(file: string, bytes: Buffer): void {
    const path = join(this.#parts.directory, 'supervise', file)
    try {
      writeFileSync(`${path}.new`, bytes, { mode: 0o644 })
      renameSync(`${path}.new`, path)
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return
      this.#parts.log.log('warn', `cannot write ${path}: ${String(error)}`)
    }
  }
}

/** Those that are there keep their modes: somebody may have chosen them (s6-svperms). */
function makeDirectories(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const [name, mode] of [
    ['supervise', 0o700],
    ['event', 0o3730],
  ] as const) {
    const path = join(directory, name)
    if (existsSync(path)) continue
    mkdirSync(path, { mode: 0o700 })
    chmodSync(path, mode)
  }
}
