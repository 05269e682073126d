// A oneshot: one command is run when it is brought up, another one when it is taken down. The machine decides
// (machine/oneshot-machine.ts); this class carries out its effects, as service.ts does for programs. Code that both
// share is in unit-core.ts.

import { closeSync } from 'node:fs'
import type { Oneshot as OneshotSettings } from '../../config/settings/config.ts'
import type { Reached } from '../../config/model/dependencies.ts'
import type { Child, ExitStatus, InheritedSlot } from '../shim/shim.ts'
import { errnoCode } from '../system/files.ts'
import type { NotStarted, ProcessInfo, ServiceContext, SignalOutcome, StartOutcome, StopOutcome } from './context.ts'
import { describeOneshot } from './describe-oneshot.ts'
import type { SharedEffect } from './machine/effects.ts'
import {
  isComingUp,
  isOneshotRestarting,
  type OneshotEffect,
  type OneshotEvent,
  oneshotPid,
  oneshotPolicy,
  type OneshotState,
  shownState,
  stepOneshot,
  type Way,
} from './machine/oneshot-machine.ts'
import { readOneshotSlot } from './memory/adopt-oneshot.ts'
import { readNote } from './memory/note.ts'
import { ProcessInput } from './process/input.ts'
import { ServiceOutput } from './process/output.ts'
import { signalProcess } from './process/signal-process.ts'
import { launch } from './process/spawn.ts'
import { tellFailure, tellOneshot } from './tell.ts'
import type { Standing, Unit } from './unit.ts'
import { UnitBase } from './unit-base.ts'
import { UnitCore } from './unit-core.ts'

/**
 * What existed before of a oneshot: another one with its name that is up, or a slot of the previous daemon process, for
 * adopt().
 */
export interface OneshotOrigin {
  readonly isUp?: boolean
  readonly inherited?: InheritedSlot | undefined
}

/** Effects that only a oneshot has. */
type OwnEffect = Exclude<OneshotEffect, SharedEffect>

/** A oneshot with its state machine. unit.ts documents the methods. */
export class Oneshot extends UnitBase<OneshotState, OneshotEvent, OwnEffect> implements Unit {
  protected readonly core: UnitCore<OneshotState, OneshotEvent, OwnEffect>
  readonly input = new ProcessInput()
  readonly #oneshot: OneshotSettings
  readonly #context: ServiceContext
  protected readonly output: ServiceOutput

  constructor(oneshot: OneshotSettings, context: ServiceContext, { isUp = false, inherited }: OneshotOrigin = {}) {
    super(oneshot.up)
    this.#oneshot = oneshot
    this.#context = context
    this.core = this.#makeCore(isUp ? { name: 'up' } : { name: 'down', failure: '' })
    this.output = new ServiceOutput(this.id, oneshot.up, context, inherited && readNote(inherited.note)?.logs)
  }

  get atRest(): boolean {
    return isAtRest(this.core.state)
  }

  get isUp(): boolean {
    return ['starting', 'exited'].includes(shownState(this.core.state))
  }

  get isStopping(): boolean {
    return shownState(this.core.state) === 'stopping'
  }

  standing(reached: Reached): Standing {
    const { state } = this.core
    if (state.name === 'up') return 'there'
    if (state.name === 'down') {
      if (reached === 'ordered') return 'there'
      return { failed: state.failure === '' ? 'is down' : state.failure }
    }
    return state.way === 'up' || isOneshotRestarting(state) ? 'coming' : { failed: 'is being taken down' }
  }

  info(): ProcessInfo {
    const { state, notebook } = this.core
    return describeOneshot(this, { state, notebook, context: this.#context, paths: this.output.paths })
  }

  async start(): Promise<StartOutcome> {
    const { state, mayStart } = this.core
    if (state.name === 'up') return 'already-started'
    if (isOneshotRestarting(state)) return this.#untilStarted()
    if (!mayStart || this.isStopping) return 'abnormal-termination'
    this.startWithoutWaiting()
    return this.#untilStarted()
  }

  startWithoutWaiting(): void {
    if (!this.core.mayStart) return
    if (this.core.state.name === 'down') this.core.notebook.know({ spawnError: '' })
    this.core.take({ type: 'start' })
  }

  /** When `down` fails, the oneshot is still up, and the restart has failed. */
  async restart(): Promise<StartOutcome> {
    if (!this.core.mayStart) return 'abnormal-termination'
    this.core.notebook.know({ spawnError: '' })
    this.core.take({ type: 'restart' })
    return this.#untilStarted()
  }

  async stop(): Promise<StopOutcome> {
    if (!this.isUp && !this.isStopping) return 'not-running'
    this.core.take({ type: 'stop' })
    await this.untilDown()
    return this.core.state.name === 'up' ? 'failed' : 'stopped'
  }

  giveUp(): void {
    if (isComingUp(this.core.state)) this.core.take({ type: 'stop' })
  }

  signal(number: number): Promise<SignalOutcome> {
    return signalProcess(this.#context.shim, oneshotPid(this.core.state), number)
  }

  async shutDown(): Promise<void> {
    this.forbidStart()
    this.core.take({ type: 'stop' })
    await this.untilAtRest()
  }

  async retire(): Promise<void> {
    await this.shutDown()
    await this.groups.looked()
  }

  adopt(inherited: InheritedSlot): boolean {
    const found = readOneshotSlot(inherited, this.#context.clock)
    this.output.adopt(inherited, this.core.log)
    for (const fd of [inherited.stdin, inherited.notify]) if (fd !== undefined) closeSync(fd)
    if (found === undefined) return false
    const { facts, state, elapsedMs, next, end } = found
    this.core.takeOver({ facts, adopted: { type: 'adopted', state, elapsedMs }, next, pid: oneshotPid(state), end })
    return true
  }

  handOver(): void {
    this.core.rest()
    this.output.drain()
    this.output.close()
  }

  async untilDown(): Promise<void> {
    await this.core.until((state) => (isAtRest(state) || isComingUp(state) ? true : undefined))
  }

  #untilStarted(): Promise<StartOutcome> {
    return this.core.until((state) => {
      const hasFailed = state.name === 'down' || this.core.notebook.facts.spawnError !== ''
      if (isAtRest(state)) return hasFailed ? 'abnormal-termination' : 'started'
      return this.isStopping && !isOneshotRestarting(state) ? 'abnormal-termination' : undefined
    })
  }

  #makeCore(first: OneshotState): UnitCore<OneshotState, OneshotEvent, OwnEffect> {
    return new UnitCore({
      settings: this.settings,
      context: this.#context,
      first,
      hints: () => false,
      stopRules: { ...this.settings, stopasgroup: true, killasgroup: true },
      keepsTimer: (from, to) => from.name === to.name,
      isSpawning: ({ name }) => name === 'spawning',
      step: (state, event) => stepOneshot(state, event, oneshotPolicy(this.#oneshot, !this.core.isKilled)),
      note: () => ({ isReady: false, logs: this.output.paths }),
      perform: (effect) => this.#perform(effect),
      handled: (before, event) => event.type !== 'adopted' && this.#handled(before),
      exited: (pid, status, agoMs) => this.#ended(pid, status, agoMs),
    })
  }

  #handled(before: OneshotState): void {
    const { state } = this.core
    tellOneshot(this.#context.bus, this.settings, before, state)
    if (shownState(before) !== 'fatal' && shownState(state) === 'fatal')
      tellFailure(this.#context.bus, this.settings, 'has failed')
  }

  #perform(effect: OwnEffect): void {
    switch (effect.type) {
      case 'run':
        void this.#run(effect.way)
        break
      case 'signal':
        void this.#send(effect)
        break
      default:
        effect satisfies never
    }
  }

  #run(way: Way): Promise<void> {
    const settings = way === 'up' ? this.#oneshot.up : (this.#oneshot.down ?? this.#oneshot.up)
    return this.core.launch({
      start: () => {
        this.output.hold()
        return this.#context.starts.inOrder(launch(settings, this.output, { ...this.#context, isMute: true }))
      },
      started: (child: Child) => {
        this.output.attach(child)
        this.core.take({ type: 'spawned', pid: child.pid })
        this.output.release()
      },
      failed: ({ message }: NotStarted) => {
        this.output.release()
        this.core.take({ type: 'spawn-failed', message })
      },
    })
  }

  async #send({ pid, signal, target }: Extract<OwnEffect, { readonly type: 'signal' }>): Promise<void> {
    try {
      await this.#context.shim.kill(pid, signal, target)
    } catch (error) {
      this.core.log('error', `cannot signal ${this.name} (${pid}): ${errnoCode(error)}`)
    }
  }

  #ended(pid: number, status: ExitStatus, agoMs: number): void {
    if (pid !== oneshotPid(this.core.state)) return
    this.output.drain()
    this.core.notebook.died(pid, status, agoMs)
    this.core.tellExit(pid, status)
    this.core.take({ type: 'exited', status })
    if (!this.core.isKilled) this.groups.look(pid)
  }
}

function isAtRest({ name }: OneshotState): boolean {
  return name === 'up' || name === 'down'
}
