// One process that kahi keeps up or down. All decisions are the machine's (machine.ts); this class does what
// it says: spawns through the shim, sets the timer, sends signals, writes log lines, tells the bus.

import type { ProcessSettings } from '../../config/config.ts'
import type { Reached } from '../../config/dependencies.ts'
import type { StreamLog } from '../log/stream-log.ts'
import { findExecutable } from '../process/command.ts'
import type { Child, ExitStatus, HeldSlot } from '../shim/shim.ts'
import type { Timer } from '../system/clock.ts'
import { readSlot } from './adopt.ts'
import type { ProcessInfo, ServiceContext, SignalOutcome, StartOutcome, StopOutcome } from './context.ts'
import { describeService } from './describe.ts'
import { NEVER_AGAIN } from './finish-steps.ts'
import { GroupWatch } from './group-watch.ts'
import { Inbox } from './inbox.ts'
import type { ProcessInput } from './input.ts'
import { step } from './machine.ts'
import { Notebook } from './notebook.ts'
import { isAtRest, isBeingStopped, isUp, signalledPid, standingOf, startOutcome } from './questions.ts'
import { ServiceProcess } from './service-process.ts'
import { type SignalTarget, signalProcess } from './signal-process.ts'
import { slotId } from './spawn.ts'
import { type Effect, type Event, pidOf, type State } from './state.ts'
import { stopsGroup } from './steps.ts'
import { isDoneWithin, isDown } from './stop-report.ts'
import { tellBus } from './tell.ts'
import type { Standing, Unit } from './unit.ts'
import { UpLimit } from './up-limit.ts'
import { Waiters } from './waiters.ts'

/** One process with its state machine; unit.ts says what the methods are for. */
export class Service implements Unit {
  readonly settings: ProcessSettings
  readonly name: string
  readonly group: string
  /** Names its slot at the shim. */
  readonly id: string
  readonly #context: ServiceContext
  readonly #process: ServiceProcess
  readonly #notebook: Notebook
  readonly #upLimit: UpLimit
  /** What its processes leave behind. */
  readonly groups: GroupWatch
  readonly #inbox = new Inbox<Event>((event) => this.#handle(event))
  readonly #waiters = new Waiters()
  #automatic = true
  #isKilled = false
  #isOnce = false
  #state: State = { name: 'stopped', tries: 0 }
  #timer: Timer | undefined
  #earlyExit: { readonly pid: number; readonly status: ExitStatus } | undefined

  /** `held` is what the brain before left of it; adopt() takes it over. */
  constructor(settings: ProcessSettings, context: ServiceContext, held?: HeldSlot) {
    this.settings = settings
    this.name = settings.name
    this.group = settings.group
    this.id = slotId(settings)
    this.#context = context
    const log = this.#log.bind(this)
    const changed = (): void => {
      this.remember()
      this.#upLimit.look(this)
      context.order.changed(this.id)
    }
    const tell = this.#inbox.take.bind(this.#inbox)
    this.#process = new ServiceProcess({ id: this.id, settings, context, held, changed, log, tell })
    this.#upLimit = new UpLimit(context.clock, settings.timeout_up, (message) => tell({ type: 'too-late', message }))
    this.#notebook = new Notebook({
      id: this.id,
      settings,
      context,
      now: () => ({ state: this.#state, ...this.#process.note }),
    })
    this.groups = new GroupWatch({ name: settings.name, context, stopsGroup: stopsGroup(settings), log })
  }

  get atRest(): boolean {
    return isAtRest(this.#state)
  }

  get input(): ProcessInput {
    return this.#process.input
  }

  get isUp(): boolean {
    return isUp(this.#state)
  }

  get isStopping(): boolean {
    return isBeingStopped(this.#state)
  }

  standing(reached: Reached): Standing {
    return standingOf(reached, this.#state, this.#process.readiness, this.#notebook.facts.exitStatus, this.settings)
  }

  info(): ProcessInfo {
    const [state, isOnce, process, context] = [this.#state, this.#isOnce, this.#process, this.#context]
    return describeService(this, { state, isOnce, process, context, notebook: this.#notebook })
  }

  /** Starts it; resolves when it is RUNNING or has failed. Source: supervisor 4.2.5, startProcess with wait. */
  async start(): Promise<StartOutcome> {
    const executable = findExecutable(this.settings, this.#context.daemonEnvironment)
    if (!executable.ok) return executable
    if (this.isUp) return 'already-started'
    if (this.isStopping) this.#log('warn', `process '${this.name}' already running`)
    if (this.isStopping || this.#state.name === 'unknown' || !this.#automatic) return 'abnormal-termination'
    this.startWithoutWaiting()
    return this.#waiters.until(() => startOutcome(this.#state, this.#notebook.facts.spawnError))
  }

  startWithoutWaiting(): void {
    this.#isOnce = false
    if (this.#automatic) this.#inbox.take({ type: 'start' })
  }

  once(): void {
    this.#isOnce = true
    this.#context.order.changed(this.id)
  }

  /** Stops it; resolves when it has ended. Source: supervisor 4.2.5, stopProcess with wait. */
  async stop(): Promise<StopOutcome> {
    const pendingRestart = this.#state.name === 'exited' && this.#state.restarting
    if (!pendingRestart && !isUp(this.#state)) return 'not-running'
    this.#inbox.take({ type: 'stop' })
    if (!(await isDown(this, this.#context.clock, this.#log.bind(this)))) return 'failed'
    await this.groups.looked()
    return 'stopped'
  }

  signal(number: number, target: SignalTarget = 'process'): Promise<SignalOutcome> {
    const pid = this.#state.name === 'unknown' ? 0 : pidOf(this.#state)
    return signalProcess(this.#context.shim, pid, number, target)
  }

  log(stream: 'stdout' | 'stderr'): StreamLog | undefined {
    return this.#process.output.log(stream)
  }

  reopenLogs(): void {
    this.#process.output.reopen()
  }

  /** From now on it does not start, neither by itself nor on request: the daemon stops or it will be dropped. */
  hold(): void {
    this.#automatic = false
  }

  /** Stops it for the end of the daemon: a service that waits for its next try becomes FATAL. */
  async shutDown(): Promise<void> {
    this.hold()
    this.#inbox.take({ type: 'shutdown' })
    await isDoneWithin(this.#context.clock, this.untilAtRest(), this.settings.timeout_down)
  }

  async retire(): Promise<void> {
    this.hold()
    this.#inbox.take({ type: 'stop' })
    await this.untilAtRest()
    if (this.#state.name === 'unknown') this.groups.look(this.#state.pid) // it would not die: not forgotten either
    await this.groups.looked()
  }

  kill(): void {
    this.hold()
    this.#isKilled = true
    this.#inbox.take({ type: 'kill' })
  }

  /** Lets go of pipes and files; its process must have ended. */
  close(): void {
    this.handOver()
    if (this.#notebook.facts.startedAtMs !== 0 || this.#context.remember !== undefined)
      this.#context.shim.forget(this.id)
  }

  handOver(): void {
    this.#timer?.cancel()
    this.#upLimit.end()
    this.groups.rest()
    this.#process.close()
  }

  adopt(held: HeldSlot): boolean {
    const found = readSlot(held, this.#context.clock)
    this.#process.adopt(held, found?.isReady === true)
    if (found === undefined) return false
    const { facts, state, elapsedMs, next, end } = found
    if (facts !== undefined) this.#notebook.know(facts)
    this.#upLimit.begin(this.#context.clock.wallMs() - this.#notebook.facts.startedAtMs)
    this.#inbox.take({ type: 'adopted', state, elapsedMs })
    if (next !== undefined) this.#inbox.take(next)
    if (end !== undefined) this.exited(pidOf(state), end.status, end.agoMs)
    return true
  }

  remember(): void {
    this.#notebook.write()
  }

  exited(pid: number, status: ExitStatus, agoMs = 0): void {
    if (this.#state.name === 'spawning' || this.#state.name === 'aborting') {
      this.#earlyExit = { pid, status }
      return
    }
    if (pid !== pidOf(this.#state) && this.#state.name !== 'finishing') return
    const [{ clock }, { readyAtMs }] = [this.#context, this.#process.readiness]
    this.#process.ended()
    if (this.#state.name === 'finishing')
      return this.#inbox.take({ type: 'finished', code: status.code, atMs: clock.nowMs() }) // begun by the brain before
    this.#notebook.died(pid, status, agoMs)
    const isGroupStop = this.#state.name === 'stopping' && stopsGroup(this.settings)
    this.#inbox.take({ type: 'exited', status, atMs: clock.nowMs() - agoMs, readyAtMs })
    if (!isGroupStop && !this.#isKilled) this.groups.look(pid)
  }

  #groupSeen(isEmpty: boolean): void {
    if (isEmpty) this.#process.output.drain()
    this.#inbox.take({ type: isEmpty ? 'group-empty' : 'group-left' })
  }

  #handle(event: Event): void {
    const rules = this.#isOnce ? { ...this.settings, ...NEVER_AGAIN } : this.settings
    const [next, ...effects] = step(this.#state, event, { ...rules, automatic: this.#automatic })
    const isNew = next !== this.#state
    if (isNew && next.name !== 'emptying') this.#timer?.cancel()
    if (next.name !== 'emptying') this.groups.rest()
    this.#state = next
    this.#notebook.learn(effects, isNew ? event : undefined)
    for (const effect of effects) this.#perform(effect)
    if (event.type === 'start' && isNew) this.#upLimit.begin()
    this.#upLimit.look(this)
    this.#waiters.wake()
    this.#context.order.changed(this.id)
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'spawn':
        void this.#spawn()
        break
      case 'timer':
        this.#timer?.cancel()
        this.#timer = this.#context.clock.after(effect.afterMs, () => this.#inbox.take({ type: 'timer' }))
        break
      case 'signal':
        void this.#process.send(effect, () => effect.pid === signalledPid(this.#state))
        break
      case 'await-group':
        this.groups.follow(effect.group, (isEmpty) => this.#groupSeen(isEmpty))
        break
      case 'finish':
      case 'end-finish':
      case 'stop-command':
      case 'end-input':
        this.#process.errands.perform(effect)
        break
      case 'log':
        this.#log(effect.level, effect.message)
        break
      case 'spawn-error': // learnt before
      case 'exit-status':
        break
      case 'announce':
      case 'end-daemon':
        tellBus(this.#context.bus, this, effect)
        break
      default:
        effect satisfies never
    }
  }

  async #spawn(): Promise<void> {
    this.#notebook.know({ spawnError: '', exitStatus: 0, startedAtMs: this.#context.clock.wallMs() })
    const child = await this.#process.start()
    if ('pid' in child) this.#spawned(child)
    else this.#inbox.take({ type: 'spawn-failed', ...child, atMs: this.#context.clock.nowMs() })
  }

  #spawned({ pid, notify }: Child): void {
    this.#process.readiness.begin(notify)
    this.#inbox.take({ type: 'spawned', pid, atMs: this.#context.clock.nowMs() })
    const early = this.#earlyExit
    this.#earlyExit = undefined
    if (early?.pid === pid) this.exited(early.pid, early.status)
  }

  async untilAtRest(): Promise<void> {
    await this.#waiters.until(() => (this.atRest ? true : undefined))
  }

  #log(level: Extract<Effect, { type: 'log' }>['level'], message: string): void {
    this.#context.log.log(level, message, { group: this.group, process: this.name })
  }
}
