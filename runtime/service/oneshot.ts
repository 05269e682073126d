// A oneshot: a command to its end when it is brought up, another one when it is taken down. The decisions are the
// machine's (oneshot-machine.ts); this class does what it says, as service.ts does for programs.

import { closeSync } from 'node:fs'
import type { LogLevel, Oneshot as OneshotSettings, ProcessSettings } from '../../config/config.ts'
import type { Reached } from '../../config/dependencies.ts'
import type { StreamLog } from '../log/stream-log.ts'
import type { ExitStatus, HeldSlot } from '../shim/shim.ts'
import type { Timer } from '../system/clock.ts'
import { errnoCode } from '../system/files.ts'
import { readOneshotSlot } from './adopt-oneshot.ts'
import type { ProcessInfo, ServiceContext, SignalOutcome, StartOutcome, StopOutcome } from './context.ts'
import { formatStopTime } from './describe.ts'
import { GroupWatch } from './group-watch.ts'
import { Inbox } from './inbox.ts'
import { ProcessInput } from './input.ts'
import { readNote } from './note.ts'
import { Notebook } from './notebook.ts'
import {
  type OneshotEffect,
  type OneshotEvent,
  oneshotPolicy,
  oneshotPid,
  type OneshotState,
  shownState,
  stepOneshot,
  type Way,
} from './oneshot-machine.ts'
import { ServiceOutput } from './output.ts'
import { signalProcess } from './signal-process.ts'
import { launch, slotId } from './spawn.ts'
import { tellBus, tellFailure } from './tell.ts'
import type { Standing, Unit } from './unit.ts'
import { Waiters } from './waiters.ts'

/** What there was of a oneshot: another one of that name has been brought up, or what the brain before left, for adopt(). */
export interface OneshotOrigin {
  readonly isUp?: boolean
  readonly held?: HeldSlot | undefined
}

/** A oneshot with its state machine; unit.ts says what the methods are for. */
export class Oneshot implements Unit {
  readonly settings: ProcessSettings
  readonly name: string
  readonly group: string
  readonly id: string
  readonly groups: GroupWatch
  readonly input = new ProcessInput()
  readonly #oneshot: OneshotSettings
  readonly #context: ServiceContext
  readonly #output: ServiceOutput
  readonly #notebook: Notebook
  readonly #waiters = new Waiters()
  readonly #inbox = new Inbox<OneshotEvent>((event) => this.#handle(event))
  #mayStart = true
  #isKilled = false
  #state: OneshotState = { name: 'down', failure: '' }
  #timer: Timer | undefined
  #early: { readonly pid: number; readonly status: ExitStatus } | undefined

  constructor(oneshot: OneshotSettings, context: ServiceContext, { isUp = false, held }: OneshotOrigin = {}) {
    this.#oneshot = oneshot
    this.settings = oneshot.up
    this.name = oneshot.name
    this.group = oneshot.up.group
    this.id = slotId(oneshot.up)
    this.#context = context
    this.#output = new ServiceOutput(this.id, oneshot.up, context, held && readNote(held.note)?.logs)
    const settings = { ...oneshot.up, stopasgroup: true, killasgroup: true }
    const now = () => ({ state: this.#state, isReady: false, logs: this.#output.paths })
    this.#notebook = new Notebook({ id: this.id, settings, context, now })
    this.groups = new GroupWatch({ name: this.name, context, stopsGroup: true, log: this.#log.bind(this) })
    if (isUp) this.#state = { name: 'up' }
  }

  get atRest(): boolean {
    return this.#state.name === 'up' || this.#state.name === 'down'
  }

  get isUp(): boolean {
    return ['starting', 'exited'].includes(shownState(this.#state))
  }

  get isStopping(): boolean {
    return shownState(this.#state) === 'stopping'
  }

  standing(reached: Reached): Standing {
    if (this.#state.name === 'up') return 'there'
    if (this.#state.name === 'down') {
      if (reached === 'ordered') return 'there'
      return { failed: this.#state.failure === '' ? 'is down' : this.#state.failure }
    }
    return this.#state.way === 'up' ? 'coming' : { failed: 'is being taken down' }
  }

  info(): ProcessInfo {
    const { startedAtMs, stoppedAtMs, exitStatus, spawnError } = this.#notebook.facts
    return {
      name: this.name,
      group: this.group,
      kind: 'oneshot',
      state: shownState(this.#state),
      isUp: this.isUp,
      ready: this.#state.name === 'up',
      waitingFor: this.#context.order.waitingFor(this.id) ?? [],
      pid: oneshotPid(this.#state),
      startedAtMs,
      stoppedAtMs,
      nowMs: this.#context.clock.wallMs(),
      exitStatus,
      spawnError: spawnError || (this.#context.order.failure(this.id) ?? ''),
      description: this.#describe(),
      deaths: this.#notebook.deaths,
      statusText: '',
      survivors: this.groups.survivors,
      stdoutLogfile: this.#output.paths.stdout,
      stderrLogfile: this.#output.paths.stderr,
    }
  }

  async start(): Promise<StartOutcome> {
    if (this.#state.name === 'up') return 'already-started'
    if (!this.#mayStart || this.isStopping) return 'abnormal-termination'
    this.startWithoutWaiting()
    return this.#waiters.until(() => {
      if (this.#state.name === 'up') return 'started'
      return this.#state.name === 'down' ? 'abnormal-termination' : undefined
    })
  }

  startWithoutWaiting(): void {
    if (this.#mayStart) this.#inbox.take({ type: 'start' })
  }

  async stop(): Promise<StopOutcome> {
    if (!this.isUp && !this.isStopping) return 'not-running'
    this.#inbox.take({ type: 'stop' })
    await this.untilAtRest()
    return this.isUp ? 'failed' : 'stopped'
  }

  signal(number: number): Promise<SignalOutcome> {
    return signalProcess(this.#context.shim, oneshotPid(this.#state), number)
  }

  log(stream: 'stdout' | 'stderr'): StreamLog | undefined {
    return this.#output.log(stream)
  }

  reopenLogs(): void {
    this.#output.reopen()
  }

  hold(): void {
    this.#mayStart = false
  }

  async shutDown(): Promise<void> {
    this.hold()
    this.#inbox.take({ type: 'stop' })
    await this.untilAtRest()
  }

  async retire(): Promise<void> {
    await this.shutDown()
    await this.groups.looked()
  }

  kill(): void {
    this.hold()
    this.#isKilled = true
    this.#inbox.take({ type: 'kill' })
  }

  adopt(held: HeldSlot): boolean {
    const found = readOneshotSlot(held, this.#context.clock)
    this.#output.adopt(held, this.#log.bind(this))
    for (const fd of [held.stdin, held.notify]) if (fd !== undefined) closeSync(fd)
    if (found === undefined) return false
    const { facts, state, elapsedMs, next, end } = found
    this.#notebook.know(facts)
    this.#inbox.take({ type: 'adopted', state, elapsedMs })
    if (next !== undefined) this.#inbox.take(next)
    if (end !== undefined) this.exited(oneshotPid(state), end.status, end.agoMs)
    return true
  }

  remember(): void {
    this.#notebook.write()
  }

  handOver(): void {
    this.#timer?.cancel()
    this.groups.rest()
    this.#output.drain()
    this.#output.close()
  }

  close(): void {
    this.handOver()
    if (this.#notebook.facts.startedAtMs !== 0 || this.#context.remember !== undefined)
      this.#context.shim.forget(this.id)
  }

  exited(pid: number, status: ExitStatus, agoMs = 0): void {
    if (this.#state.name === 'spawning') {
      this.#early = { pid, status }
      return
    }
    if (pid !== oneshotPid(this.#state)) return
    this.#output.drain()
    this.#notebook.died(pid, status, agoMs)
    this.#inbox.take({ type: 'exited', status })
    if (!this.#isKilled) this.groups.look(pid)
  }

  async untilAtRest(): Promise<void> {
    await this.#waiters.until(() => (this.atRest ? true : undefined))
  }

  #handle(event: OneshotEvent): void {
    const [state, ...effects] = stepOneshot(this.#state, event, oneshotPolicy(this.#oneshot, !this.#isKilled))
    const isNew = state !== this.#state
    if (isNew) this.#timer?.cancel()
    this.#state = state
    this.#notebook.learn(effects, isNew ? event : undefined)
    for (const effect of effects) this.#perform(effect)
    this.#waiters.wake()
    this.#context.order.changed(this.id)
  }

  #perform(effect: OneshotEffect): void {
    switch (effect.type) {
      case 'run':
        void this.#run(effect.way)
        break
      case 'timer':
        this.#timer?.cancel()
        this.#timer = this.#context.clock.after(effect.afterMs, () => this.#inbox.take({ type: 'timer' }))
        break
      case 'signal':
        void this.#send(effect.pid, effect.signal, effect.target)
        break
      case 'log':
        this.#log(effect.level, effect.message)
        break
      case 'spawn-error':
      case 'exit-status':
        break // learnt before
      case 'announce':
        tellBus(this.#context.bus, this, effect)
        if (effect.to === 'fatal') tellFailure(this.#context.bus, this.settings, 'has failed')
        break
      default:
        effect satisfies never
    }
  }

  async #run(way: Way): Promise<void> {
    this.#notebook.know({ spawnError: '', exitStatus: 0, startedAtMs: this.#context.clock.wallMs() })
    const settings = way === 'up' ? this.#oneshot.up : (this.#oneshot.down ?? this.#oneshot.up)
    const result = await launch(settings, this.#output, { ...this.#context, isMute: true })
    if ('message' in result) {
      this.#inbox.take({ type: 'spawn-failed', message: result.message })
      return
    }
    this.#output.attach(result)
    this.#inbox.take({ type: 'spawned', pid: result.pid })
    const early = this.#early
    this.#early = undefined
    if (early?.pid === result.pid) this.exited(early.pid, early.status)
  }

  async #send(pid: number, signal: number, target: 'process' | 'group'): Promise<void> {
    try {
      await this.#context.shim.kill(pid, signal, target)
    } catch (error) {
      this.#log('error', `cannot signal ${this.name} (${pid}): ${errnoCode(error)}`)
    }
  }

  #describe(): string {
    const { order } = this.#context
    const waits = order.waitingFor(this.id)
    if (waits !== undefined) return `waiting for ${waits.join(', ')}`
    const state = this.#state
    const { spawnError, stoppedAtMs } = this.#notebook.facts
    if (state.name === 'up') return spawnError || `completed ${formatStopTime(new Date(stoppedAtMs))}`
    if (state.name === 'down') return state.failure || (order.failure(this.id) ?? 'Not up')
    return 'pid' in state ? `${state.way}, pid ${state.pid}` : state.way
  }

  #log(level: LogLevel, message: string): void {
    this.#context.log.log(level, message, { group: this.group, process: this.name })
  }
}
