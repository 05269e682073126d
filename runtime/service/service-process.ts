// The process behind a service, as the shim knows it: how it comes to life, where its output goes, whether it is ready,
// how it is signalled and let go of. When any of this happens is the service's affair.

import { closeSync } from 'node:fs'
import type { LogLevel, ProcessSettings } from '../../config/config.ts'
import { errnoCode } from '../system/files.ts'
import type { Child, HeldSlot } from '../shim/shim.ts'
import type { NotStarted, ServiceContext } from './context.ts'
import { type ErrandParts, Errands } from './errands.ts'
import { ProcessInput } from './input.ts'
import { type Memory, readNote } from './note.ts'
import { ServiceOutput } from './output.ts'
import { Readiness } from './readiness.ts'
import { launch } from './spawn.ts'
import type { Effect, Event } from './state.ts'

/** What a ServiceProcess is made from. */
export interface ServiceProcessParts {
  /** Names the slot at the shim. */
  readonly id: string
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  /** What the brain before left: its AUTO files go on. */
  readonly held: HeldSlot | undefined
  /** Others may begin now, or never. */
  changed(): void
  log(level: LogLevel, message: string): void
  /** Takes what has come of a command or a signal. */
  readonly tell: Tell
}

type Tell = (event: Extract<Event, { type: 'finished' | 'stop-command-failed' | 'signal-failed' }>) => void

/** One process after the other, with the pipes and logs that they share. */
export class ServiceProcess {
  readonly output: ServiceOutput
  readonly readiness: Readiness
  readonly errands: Errands
  readonly input = new ProcessInput()
  readonly #settings: ProcessSettings
  readonly #context: ServiceContext
  readonly #log: ErrandParts['log']
  readonly #tell: Tell

  constructor({ id, settings, context, changed, log, held, tell }: ServiceProcessParts) {
    this.#settings = settings
    this.#context = context
    this.#log = log
    this.#tell = tell
    this.output = new ServiceOutput(id, settings, context, held && readNote(held.note)?.logs)
    this.readiness = new Readiness({ settings, context, output: this.output, changed, log })
    this.errands = new Errands({ id, settings, context, output: this.output, log, tell })
    context.listeners?.connect(settings.group, settings.name, this.input)
  }

  /** What the next brain has to know of it. */
  get note(): Pick<Memory, 'isReady' | 'logs' | 'listener'> {
    const { group, name } = this.#settings
    const listener = this.#context.listeners?.note(group, name)
    return { isReady: this.readiness.isReady === true, logs: this.output.paths, listener }
  }

  /** Starts a process, or gives why there is none. */
  async start(): Promise<Child | NotStarted> {
    const child = await launch(this.#settings, this.output, this.#context)
    if ('message' in child) return child
    this.output.attach(child)
    this.input.open(child.stdin)
    return child
  }

  /** Takes over the pipes of a slot, and its process if there is one. `isReady`: others have been told to begin. */
  adopt(held: HeldSlot, isReady: boolean): void {
    const { process, stdin, notify } = held
    const { group, name } = this.#settings
    const memory = readNote(held.note)
    this.#context.listeners?.resume(group, name, memory?.listener, memory?.state.name === 'running')
    this.output.adopt(held, this.#log)
    this.input.open(stdin)
    const isLive = process !== undefined && process.end === undefined
    if (isLive) this.readiness.resume({ isReady, notify, ageMs: process.ageMs })
    else if (notify !== undefined) closeSync(notify)
  }

  /** It has ended: takes its last words and lets go of its standard input. */
  ended(): void {
    this.output.drain()
    this.readiness.end()
    this.input.close()
  }

  /** Sends a signal to the process or its group; tells when the system refuses. Nothing is said once `isMeant` is false. */
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

  /** Lets go of pipes and files. */
  close(): void {
    this.input.close()
    this.readiness.end()
    this.output.drain()
    this.output.close()
  }
}
