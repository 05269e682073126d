// One run of a supervisor in a separate session and folder. Its services write marks, which the bench reads. The bench ends
// the supervisor by pid. When the bench ends for any reason, it kills all remaining processes: it knows the processes of the
// supervisor by pid and start time, and the services by the file that they run, which only this bench has.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { executable, isAlive, know, type Known, runners, tree } from './proc.ts'
import type { Peer } from './peers.ts'
import { layOut, type Setup, type Work } from './setup.ts'

/** A line of the marks: a service was started, or has written its flood. */
export interface Mark {
  /** Monotonic, in ms. */
  readonly atMs: number
  readonly pid: number
  readonly name: string
}

const MARK_BYTES = 64
const POLL_MS = 4
const MARKS_MS = 120_000
const STOP_MS = 60_000

/** The folder of this bench, and the compiled service in it. */
export interface Place {
  readonly folder: string
  readonly service: string
}

/** Runs that have not ended. An interrupt of the bench ends them. */
const open = new Set<Running>()

/** Milliseconds of the clock that the services use too. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Resolves after some ms. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A running supervisor. */
export class Running {
  readonly setup: Setup
  readonly pid: number
  readonly startedMs: number
  readonly #place: Place
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #known: Known[] = []

  constructor(peer: Peer, place: Place, work: Work) {
    this.#place = place
    this.setup = layOut(mkdtempSync(join(place.folder, `${peer.name}-`)), place.service, work)
    const [program, ...args] = peer.command(this.setup)
    const output = openSync(join(this.setup.folder, 'output'), 'w')
    // Node 20 would read extra certificates at the start. This takes 55 ms and is not part of kahi.
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
    this.startedMs = nowMs()
    this.#child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], env, cwd: place.folder })
    closeSync(output)
    this.pid = this.#child.pid ?? 0
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', () => resolve())
    })
    open.add(this)
  }

  get #isUp(): boolean {
    return this.pid !== 0 && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** All marks so far. */
  marks(): Mark[] {
    const lines = readFileSync(this.setup.marks, 'latin1').match(/.*\n/g) ?? []
    return lines.map((line) => {
      const [at, pid, name] = line.trim().split(/ +/)
      return { atMs: Number(at) / 1e6, pid: Number(pid), name: name ?? '' }
    })
  }

  /**
   * Resolves with the marks when there are that many. Rejects when the supervisor ends earlier, and after two minutes.
   */
  async waitForMarks(count: number): Promise<Mark[]> {
    const deadline = nowMs() + MARKS_MS
    while (statSync(this.setup.marks).size < count * MARK_BYTES) {
      if (!this.#isUp) throw new Error(`the supervisor ended; it wrote: ${this.#output()}`)
      if (nowMs() > deadline) throw new Error(`only ${this.marks().length} of ${count} marks: ${this.#output()}`)
      await sleep(POLL_MS)
    }
    return this.marks()
  }

  /** Pids of the supervisor's own processes: all its descendants that are not services. */
  supervisorPids(): number[] {
    const pids = this.#isUp ? tree(this.pid).filter((pid) => executable(pid) !== this.#place.service) : []
    this.#known = pids.map(know).filter((known) => known !== undefined)
    return pids
  }

  /**
   * Ends the supervisor with SIGTERM; gives the milliseconds until it has ended. Rejects when it has not ended after a
   * minute, or when services are left; these are killed.
   */
  async stop(): Promise<number> {
    this.supervisorPids()
    const begun = nowMs()
    if (this.#isUp) process.kill(this.pid, 'SIGTERM')
    await this.#endWithin(STOP_MS)
    const took = nowMs() - begun
    const wasUp = this.#isUp
    const left = this.#services().length
    this.remove()
    await this.#ended
    if (wasUp) throw new Error('did not end within a minute of SIGTERM')
    if (left > 0) throw new Error(`${left} services were left running`)
    return took
  }

  /** Kills all processes that are left and removes the files. Synchronous, for the end of the program. */
  remove(): void {
    if (!open.delete(this)) return
    this.supervisorPids()
    for (const known of this.#known) if (isAlive(known)) kill(known.pid)
    for (const pid of this.#services()) kill(pid)
    rmSync(this.setup.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }

  async #endWithin(ms: number): Promise<void> {
    const late: { timer?: NodeJS.Timeout } = {}
    const isLate = new Promise<void>((resolve) => {
      late.timer = setTimeout(resolve, ms)
    })
    await Promise.race([this.#ended, isLate])
    clearTimeout(late.timer)
  }

  /** Services that still run: they have a mark of this run, and their pid still runs the file of the bench. */
  #services(): number[] {
    const marked = new Set(this.marks().map(({ pid }) => pid))
    return runners(this.#place.service).filter((pid) => marked.has(pid))
  }

  #output(): string {
    return readFileSync(join(this.setup.folder, 'output'), 'utf8').slice(-800)
  }
}

/** Ends all runs and all services that are left. Synchronous, for the end of the program. */
export function removeAll(place: Place): void {
  for (const running of open) running.remove()
  for (const pid of runners(place.service)) kill(pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended meanwhile
  }
}
