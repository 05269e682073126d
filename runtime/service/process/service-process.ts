// The process of a service, as the shim sees it: its start, output, readiness, signals and end. The service decides
// when each of these happens.

import { closeSync } from 'node:fs'
import type { LogLevel } from '../../../config/model/log-level.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { errnoCode } from '../../system/files.ts'
import type { Child, InheritedSlot } from '../../shim/shim.ts'
import type { NotStarted, ServiceContext } from '../context.ts'
import { type ErrandParts, Errands } from './errands.ts'
import { ProcessInput } from './input.ts'
import { type Memory, readNote } from '../memory/note.ts'
import { ServiceOutput } from './output.ts'
import { ProcessHealth } from './health.ts'
import { Readiness } from './readiness.ts'
import { launch } from './spawn.ts'
import type { Effect, Event, State } from '../machine/state.ts'

/** What a ServiceProcess is made from. */
export interface ServiceProcessParts {
  /** Id of the slot at the shim. */
  readonly id: string
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  /** The slot of the previous daemon process: its AUTO log files are used again. */
  readonly inherited: InheritedSlot | undefined
  /** The readiness of the process has changed or failed. */
  changed(): void
  /** The process is unhealthy; the text continues a sentence about it. */
  unhealthy(what: string): void
  log(level: LogLevel, message: string): void
  /** Reports the result of a command or a signal. */
  readonly tell: Tell
}

type ProcessEffect = Extract<
  Effect,
  { readonly type: 'signal' | 'finish' | 'end-finish' | 'stop-command' | 'end-input' }
>

type Tell = (event: Extract<Event, { type: 'finished' | 'stop-command-failed' | 'signal-failed' }>) => void

/** The processes of one service, one after the other, with the pipes and logs that they share. */
export class ServiceProcess {
  readonly output: ServiceOutput
  readonly readiness: Readiness
  readonly health: ProcessHealth
  readonly #errands: Errands
  readonly input = new ProcessInput()
  readonly #settings: ProcessSettings
  readonly #context: ServiceContext
  readonly #log: ErrandParts['log']
  readonly #tell: Tell

  constructor({ id, settings, context, changed, unhealthy, log, inherited, tell }: ServiceProcessParts) {
    this.#settings = settings
    this.#context = context
    this.#log = log
    this.#tell = tell
    this.output = new ServiceOutput(id, settings, context, inherited && readNote(inherited.note)?.logs)
    const alive = (isAlive: boolean): void => this.health.alive(isAlive)
    this.health = new ProcessHealth({ settings, context, output: this.output, changed, act: unhealthy, log })
    this.readiness = new Readiness({ settings, context, output: this.output, changed, alive, log })
    this.#errands = new Errands({ id, settings, context, output: this.output, log, tell })
    context.listeners?.connect(settings.group, settings.name, this.input)
  }

  /** The part of the note that is about the process. */
  get note(): Pick<Memory, 'isReady' | 'logs' | 'listener'> {
    const { group, name } = this.#settings
    const listener = this.#context.listeners?.note(group, name)
    return { isReady: this.readiness.isReady === true, logs: this.output.paths, listener }
  }

  /** Starts a process; gives it, or why there is none. Its output is held until output.release(). */
  async start(): Promise<Child | NotStarted> {
    this.output.hold()
    const child = await launch(this.#settings, this.output, this.#context)
    if ('message' in child) {
      this.output.release()
      return child
    }
    this.output.attach(child)
    this.input.open(child.stdin)
    return child
  }

  /** The settings may have changed while the process is in this state. */
  use(state: State['name']): void {
    this.readiness.use(state === 'running')
    this.health.use()
  }

  /** The state or the readiness of the process has changed: its health is checked while it is up and ready. */
  checkHealth(state: State['name']): void {
    const { isReady } = this.readiness
    this.health.follow(isReady === undefined ? state === 'running' : isReady && isProcessUp(state))
  }

  /** Takes over the pipes of a slot, and its process if there is one. `isReady`: the process was ready. */
  adopt(inherited: InheritedSlot, isReady: boolean): void {
    const { process, stdin, notify } = inherited
    const { group, name } = this.#settings
    const memory = readNote(inherited.note)
    this.#context.listeners?.resume(group, name, memory?.listener, memory?.state.name === 'running')
    this.output.adopt(inherited, this.#log)
    this.input.open(stdin)
    const isLive = process !== undefined && process.end === undefined
    if (isLive) this.readiness.resume({ isReady, notify, ageMs: process.ageMs })
    else if (notify !== undefined) closeSync(notify)
  }

  /** The process has ended: reads the rest of its output and closes its standard input. */
  ended(): void {
    this.output.drain()
    this.readiness.end()
    this.health.follow(false)
    this.input.close()
  }

  /** Sends signals and runs commands around the process. `signalled` gives the pid that signals go to at that time. */
  perform(effect: ProcessEffect, signalled: () => number): void {
    if (effect.type === 'signal') void this.send(effect, () => effect.pid === signalled())
    else this.#errands.perform(effect)
  }

  /**
   * Sends a signal to the process or its group, and reports when the system refuses it. Nothing is reported when
   * `isMeant` is false by then.
   */
  async send(
    { pid, signal, target }: Omit<Extract<Effect, { type: 'signal' }>, 'type'>,
    isMeant: () => boolean,
  ): Promise<void> {
    try {
      const isThere = await this.#context.shim.kill(pid, signal, target)
      const message = `unable to signal ${this.#settings.name} (pid ${pid}), it probably just exited on its own`
      if (!isThere && isMeant()) this.#log('debug', message)
    } catch (error) {
      if (isMeant()) this.#tell({ type: 'signal-failed', message: errnoCode(error) })
    }
  }

  /** Closes pipes and files. */
  close(): void {
    this.input.close()
    this.readiness.end()
    this.health.follow(false)
    this.output.drain()
    this.output.close()
  }
}

function isProcessUp(state: State['name']): boolean {
  return state === 'starting' || state === 'running'
}
