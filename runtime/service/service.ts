// One process that kahi keeps up or down. The machine decides (machine/machine.ts); this class carries out its effects:
// it starts processes through the helper, sends signals, runs commands and emits events. Code that a oneshot shares is
// in unit-core.ts.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { Reached } from '../../config/model/dependencies.ts'
import { findExecutable } from '../process/command.ts'
import type { Child, ExitStatus, InheritedSlot } from '../shim/shim.ts'
import type { ProcessInfo, ServiceContext, SignalOutcome, StartOutcome, StopOutcome } from './context.ts'
import { describeService } from './describe.ts'
import type { SharedEffect } from './machine/effects.ts'
import { NEVER_AGAIN } from './machine/finish-steps.ts'
import { step } from './machine/machine.ts'
import { type Effect, type Event, isRestarting, keepsTimer, pidOf, type State } from './machine/state.ts'
import { stopsGroup } from './machine/stop-steps.ts'
import { readSlot } from './memory/adopt.ts'
import type { ProcessInput } from './process/input.ts'
import type { ServiceOutput } from './process/output.ts'
import { ServiceProcess } from './process/service-process.ts'
import { type SignalTarget, signalProcess } from './process/signal-process.ts'
import { isAtRest, isBeingStopped, isComingDown, isUp, signalledPid, standingOf, startOutcome } from './questions.ts'
import { isDoneWithin, isDown } from './stop-report.ts'
import { endDaemon } from './tell.ts'
import type { Standing, Unit } from './unit.ts'
import { UnitBase } from './unit-base.ts'
import { UnitCore } from './unit-core.ts'
import { actOnHealth } from './unhealthy.ts'
import { UpLimit } from './up-limit.ts'

/** Effects that only a program's process has. */
type OwnEffect = Exclude<Effect, SharedEffect>

/** One process with its state machine. unit.ts documents the methods. */
export class Service extends UnitBase<State, Event, OwnEffect> implements Unit {
  protected readonly core: UnitCore<State, Event, OwnEffect>
  readonly #context: ServiceContext
  readonly #process: ServiceProcess
  readonly #upLimit: UpLimit
  #isOnce = false

  /** `inherited` is the slot of the previous daemon process; adopt() takes it over. */
  constructor(configured: ProcessSettings, context: ServiceContext, inherited?: InheritedSlot) {
    super(configured)
    const { settings } = this
    this.followers.push(() => this.#process.use(this.core.state.name))
    this.#context = context
    this.core = this.#makeCore()
    const changed = (): void => {
      this.#process.checkHealth(this.core.state.name)
      this.remember()
      this.#upLimit.look(this)
      context.order.changed(this.id)
    }
    const { log, take: tell } = this.core
    const acting = { settings, context, take: tell, signal: (number: number) => this.signal(number) }
    const unhealthy = (what: string): void => actOnHealth(what, acting)
    this.#process = new ServiceProcess({ id: this.id, settings, context, inherited, changed, unhealthy, log, tell })
    this.#upLimit = new UpLimit(context.clock, settings, (message) => tell({ type: 'give-up', message }))
  }

  protected get output(): ServiceOutput {
    return this.#process.output
  }

  get input(): ProcessInput {
    return this.#process.input
  }

  get atRest(): boolean {
    return isAtRest(this.core.state)
  }

  get isUp(): boolean {
    return isUp(this.core.state)
  }

  get isStopping(): boolean {
    return isBeingStopped(this.core.state)
  }

  standing(reached: Reached): Standing {
    const { state, notebook } = this.core
    return standingOf(reached, state, this.#process.readiness, notebook.facts.exitStatus, this.settings)
  }

  info(): ProcessInfo {
    const { state, notebook } = this.core
    const [isOnce, process, context] = [this.#isOnce, this.#process, this.#context]
    return describeService(this, { state, notebook, isOnce, process, context })
  }

  /** Starts it. Resolves when it is RUNNING or has failed. Source: supervisor 4.2.5, startProcess with wait. */
  async start(): Promise<StartOutcome> {
    const { state, mayStart } = this.core
    const executable = findExecutable(this.settings, this.#context.daemonEnvironment)
    if (!executable.ok) return executable
    if (this.isUp) return 'already-started'
    if (isRestarting(state)) return this.#untilStarted()
    if (this.isStopping) this.core.log('warn', `process '${this.name}' already running`)
    if (this.isStopping || state.name === 'unknown' || !mayStart) return 'abnormal-termination'
    this.startWithoutWaiting()
    return this.#untilStarted()
  }

  startWithoutWaiting(): void {
    this.#isOnce = false
    if (this.core.mayStart) this.core.take({ type: 'start' })
  }

  /** When the command cannot be found, the running process is not stopped. */
  async restart(): Promise<StartOutcome> {
    const { state, mayStart } = this.core
    const executable = findExecutable(this.settings, this.#context.daemonEnvironment)
    if (!executable.ok) return executable
    if (state.name === 'unknown' || !mayStart) return 'abnormal-termination'
    this.#isOnce = false
    this.core.take({ type: 'restart' })
    if (isComingDown(this.core.state)) void isDown(this, this.#context.clock, this.core.log)
    return this.#untilStarted()
  }

  once(): void {
    this.#isOnce = true
    this.#context.order.changed(this.id)
  }

  /** Stops it. Resolves when it has ended. Source: supervisor 4.2.5, stopProcess with wait. */
  async stop(): Promise<StopOutcome> {
    const { state } = this.core
    const isStartDue = isRestarting(state) || (state.name === 'exited' && state.restarting)
    if (!isStartDue && !isUp(state)) return 'not-running'
    this.core.take({ type: 'stop' })
    if (!(await isDown(this, this.#context.clock, this.core.log))) return 'failed'
    await this.groups.looked()
    return 'stopped'
  }

  signal(number: number, target: SignalTarget = 'process'): Promise<SignalOutcome> {
    const pid = this.core.state.name === 'unknown' ? 0 : pidOf(this.core.state)
    return signalProcess(this.#context.shim, pid, number, target)
  }

  async shutDown(): Promise<void> {
    this.forbidStart()
    this.core.take({ type: 'shutdown' })
    await isDoneWithin(this.#context.clock, this.untilAtRest(), this.settings.timeout_down)
  }

  async retire(): Promise<void> {
    this.forbidStart()
    this.core.take({ type: 'stop' })
    await this.untilAtRest()
    const { state } = this.core
    if (state.name === 'unknown') this.groups.look(state.pid) // it could not be killed, so it is still watched
    await this.groups.looked()
  }

  handOver(): void {
    this.core.rest()
    this.#upLimit.end()
    this.#process.close()
  }

  adopt(inherited: InheritedSlot): boolean {
    const found = readSlot(inherited, this.#context.clock)
    this.#process.adopt(inherited, found?.isReady === true)
    if (found === undefined) return false
    const { facts, state, elapsedMs, next, end } = found
    this.#upLimit.begin(this.#context.clock.wallMs() - (facts?.startedAtMs ?? this.core.notebook.facts.startedAtMs))
    this.core.takeOver({ facts, adopted: { type: 'adopted', state, elapsedMs }, next, pid: pidOf(state), end })
    return true
  }

  async untilDown(): Promise<void> {
    await this.core.until((state) => (isComingDown(state) ? undefined : true))
  }

  #untilStarted(): Promise<StartOutcome> {
    return this.core.until((state) => startOutcome(state, this.core.notebook.facts.spawnError))
  }

  #makeCore(): UnitCore<State, Event, OwnEffect> {
    const { settings } = this
    return new UnitCore({
      settings,
      context: this.#context,
      first: { name: 'stopped', tries: 0 },
      hints: () => !stopsGroup(settings) && settings.restart !== 's6',
      stopRules: settings,
      keepsTimer,
      isSpawning: ({ name }) => name === 'spawning' || name === 'aborting',
      step: (state, event) => {
        const rules = this.#isOnce ? { ...settings, ...NEVER_AGAIN } : settings
        return step(state, event, { ...rules, automatic: this.core.mayStart, chance: Math.random() })
      },
      note: () => this.#process.note,
      perform: (effect) => this.#perform(effect),
      handled: (before, event) => this.#handled(before, event),
      exited: (pid, status, agoMs) => this.#ended(pid, status, agoMs),
    })
  }

  #handled(before: State, { type }: { readonly type: string }): void {
    const { state } = this.core
    if (state.name !== 'emptying') this.groups.rest()
    this.#process.checkHealth(state.name)
    const isAsked = type === 'start' || type === 'restart' || isRestarting(before)
    if (isAsked && state.name === 'spawning' && before.name !== 'spawning') this.#upLimit.begin()
    this.#upLimit.look(this)
  }

  #perform(effect: OwnEffect): void {
    switch (effect.type) {
      case 'spawn':
        void this.#spawn()
        break
      case 'await-group':
        this.groups.follow(effect.group, (isEmpty) => this.#groupSeen(isEmpty))
        break
      case 'end-daemon':
        endDaemon(this.#context.bus, this, effect)
        break
      default:
        this.#process.perform(effect, () => signalledPid(this.core.state))
    }
  }

  #spawn(): Promise<void> {
    const nowMs = (): number => this.#context.clock.nowMs()
    return this.core.launch({
      start: () => this.#context.starts.inOrder(this.#process.start()),
      started: ({ pid, notify }: Child) => {
        this.#process.readiness.begin(notify)
        this.core.take({ type: 'spawned', pid, atMs: nowMs() })
        this.#process.output.release()
      },
      failed: (reason) => this.core.take({ type: 'spawn-failed', ...reason, atMs: nowMs() }),
    })
  }

  #ended(pid: number, status: ExitStatus, agoMs: number): void {
    const { state, notebook, isKilled } = this.core
    if (pid !== pidOf(state) && state.name !== 'finishing') return
    const atMs = this.#context.clock.nowMs()
    const { readyAtMs } = this.#process.readiness
    this.#process.ended()
    if (state.name === 'finishing') {
      this.core.take({ type: 'finished', code: status.code, atMs }) // started by the previous daemon process
      return
    }
    notebook.died(pid, status, agoMs)
    this.core.tellExit(pid, status)
    const isGroupStop = state.name === 'stopping' && stopsGroup(this.settings)
    if (state.name === 'stopping' && !isGroupStop) this.#context.shim.killLeftovers(this.id)
    this.core.take({ type: 'exited', status, atMs: atMs - agoMs, readyAtMs })
    if (!isGroupStop && !isKilled) this.groups.look(pid)
  }

  #groupSeen(isEmpty: boolean): void {
    if (isEmpty) {
      this.#context.shim.killLeftovers(this.id)
      this.#process.output.drain()
    }
    this.core.take({ type: isEmpty ? 'group-empty' : 'group-left' })
  }
}
