// What a program's process and a oneshot share: a state that only the machine changes, one timer, promises that wait
// for a state, the note for the next daemon process, and the process group. Events are handled one at a time
// (inbox.ts). After each event all waiting promises are checked, and the sequencer is informed of the change.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { Logger } from '../log/sink.ts'
import type { Variable } from '../process/environment.ts'
import type { Child, ExitStatus, Usage } from '../shim/shim.ts'
import type { Timer } from '../system/clock.ts'
import type { NotStarted, ServiceContext } from './context.ts'
import { Inbox } from './inbox.ts'
import type { SharedEffect } from './machine/effects.ts'
import { isSharedEffect } from './machine/effects.ts'
import { Notebook, type NotebookParts } from './memory/notebook.ts'
import type { Facts } from './memory/note.ts'
import { NO_OUTPUT, withCommand, withoutOutput } from './process/commands.ts'
import { environmentOf } from './process/environment-of.ts'
import { GroupWatch } from './process/group-watch.ts'
import { slotId } from './process/spawn.ts'
import { announceState } from './tell.ts'
import { Waiters } from './waiters.ts'

/** What each machine takes: what the last `timer` effect asked for is due, or everything ends with SIGKILL. */
interface CommonEvent {
  readonly type: 'timer' | 'kill'
}

/** The machine, and what a unit adds to it. */
export interface CoreParts<State, Event, OwnEffect> {
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  readonly first: State
  /** Whether messages name the key that would have stopped the rest of the group. */
  readonly hints: () => boolean
  /** How the process is stopped once it is not configured any more. */
  readonly stopRules: NotebookParts['settings']
  step(state: State, event: Event | CommonEvent): readonly [State, ...(OwnEffect | SharedEffect)[]]
  /** The helper was asked for a process, and there is no pid yet. */
  isSpawning(state: State): boolean
  /** Whether the timer continues though the state has changed. */
  keepsTimer(from: State, to: State): boolean
  /** The other parts of the note. */
  note(): Omit<ReturnType<NotebookParts['now']>, 'state'>
  /** Carries out the effects that only this kind of unit has. */
  perform(effect: OwnEffect): void
  /** An event was handled, and its effects have begun. */
  handled?(before: State, event: Event | CommonEvent): unknown
  /** A process was reaped. */
  exited(pid: number, status: ExitStatus, agoMs: number): void
}

/** How a unit of the previous daemon process continues. */
export interface Takeover<Event> {
  readonly facts: Partial<Facts> | undefined
  /** The event that leads to the state of the note. */
  readonly adopted: Event
  /** What was requested before the process existed. */
  readonly next: Event | undefined
  readonly pid: number
  /** An end that was not handled yet. */
  readonly end: { readonly status: ExitStatus; readonly agoMs: number } | undefined
}

/** How a process is started, and what follows. */
export interface Launch {
  start(): Promise<Child | NotStarted>
  started(child: Child): void
  failed(reason: NotStarted): void
}

/** State, timer and memory of one unit. */
export class UnitCore<State extends { readonly name: string }, Event extends { readonly type: string }, OwnEffect> {
  /** Id of the unit, and of its slot at the helper. */
  readonly id: string
  readonly settings: ProcessSettings
  readonly notebook: Notebook
  /** The process groups that its processes leave behind. */
  readonly groups: GroupWatch
  /** False once the daemon stops, or once the unit is not configured any more: then nothing is started. */
  mayStart = true
  /** SIGKILL was sent to everything at the end of the daemon. */
  isKilled = false
  readonly #parts: CoreParts<State, Event, OwnEffect>
  readonly #waiters = new Waiters()
  readonly #inbox = new Inbox<Event | CommonEvent>((event) => this.#handle(event))
  #state: State
  #timer: Timer | undefined
  /** An exit that was reported before the answer to its spawn. */
  #earlyExit: { readonly pid: number; readonly status: ExitStatus; readonly usage: Usage | undefined } | undefined
  /** CPU time and memory of the process whose end is being reported. */
  #usage: Usage | undefined

  constructor(parts: CoreParts<State, Event, OwnEffect>) {
    const { settings, context, hints, first } = parts
    this.#parts = parts
    this.#state = first
    this.settings = settings
    this.id = slotId(settings)
    const now = () => ({ ...parts.note(), state: this.#state as never })
    this.notebook = new Notebook({ id: this.id, settings: parts.stopRules, context, now })
    this.groups = new GroupWatch({ name: settings.name, context, hints, log: this.log })
  }

  get state(): State {
    return this.#state
  }

  /** Handles an event now, or after the events that are being handled. */
  readonly take = (event: Event | CommonEvent): void => this.#inbox.take(event)

  /** Whether a process was asked of the helper, and has no pid yet. */
  get isSpawning(): boolean {
    return this.#parts.isSpawning(this.#state)
  }

  /** Writes a line about the unit to the daemon's log. */
  readonly log: Logger['log'] = (level, message) => {
    const { group, name: process } = this.#parts.settings
    this.#parts.context.log.log(level, message, { group, process })
  }

  /** Resolves with the first value other than undefined that `check` gives, now or after a later event. */
  until<Value>(check: (state: State) => Value | undefined): Promise<Value> {
    return this.#waiters.until(() => check(this.#state))
  }

  /** Starts a process. Its exit is handled after its start, in whichever order they are reported. */
  async launch({ start, started, failed }: Launch): Promise<void> {
    this.notebook.know({ spawnError: '', exitStatus: 0, startedAtMs: this.#parts.context.clock.wallMs() })
    const child = await start()
    if ('message' in child) {
      failed(child)
      return
    }
    started(child)
    const { group, name } = this.settings
    this.#parts.context.bus.emit({ type: 'process-started', group, name, pid: child.pid })
    const early = this.#earlyExit
    this.#earlyExit = undefined
    if (early?.pid === child.pid) this.exited(early.pid, early.status, early.usage)
  }

  exited(pid: number, status: ExitStatus, usage?: Usage, agoMs = 0): void {
    if (this.#parts.isSpawning(this.#state)) {
      this.#earlyExit = { pid, status, usage }
      return
    }
    this.#usage = usage
    this.#parts.exited(pid, status, agoMs)
  }

  /** Emits the event that the process has ended. The notebook knows it already. */
  tellExit(pid: number, { code, signal, coreDumped }: ExitStatus): void {
    const { group, name } = this.settings
    const { startedAtMs, stoppedAtMs } = this.notebook.facts
    const { cpuUserMs = null, cpuSystemMs = null, peakMemoryBytes = null } = this.#usage ?? {}
    this.#parts.context.bus.emit({
      type: 'process-exited',
      ...{ group, name, pid, coreDumped, cpuUserMs, cpuSystemMs, peakMemoryBytes },
      code: code ?? null,
      signal: signal ?? null,
      livedMs: Math.max(0, stoppedAtMs - startedAtMs),
    })
  }

  /** Runs a command with the user, directory and environment of the unit. Its output is discarded. */
  runBeside(
    command: string | readonly string[],
    variables: Readonly<Record<string, string>>,
  ): ReturnType<ServiceContext['commands']['run']> {
    const { context } = this.#parts
    const settings = withoutOutput(withCommand(this.settings, command))
    const environment = { ...settings.environment, ...variables }
    const run = { settings: { ...settings, environment }, timeoutMs: 0, output: NO_OUTPUT }
    return context.commands.run(run, context)
  }

  /** The environment that a process of it gets, and where each variable comes from. */
  environment(): readonly Variable[] {
    return environmentOf(this.settings, this.#parts.context)
  }

  /** Continues from the note of the previous daemon process. */
  takeOver({ facts, adopted, next, pid, end }: Takeover<Event>): void {
    if (facts !== undefined) this.notebook.know(facts)
    this.take(adopted)
    if (next !== undefined) this.take(next)
    if (end !== undefined) this.exited(pid, end.status, undefined, end.agoMs)
  }

  /** Cancels the timer. */
  rest(): void {
    this.#timer?.cancel()
    this.groups.rest()
  }

  /** Removes its slot at the helper; its process must have ended. */
  forget(): void {
    const { remember, shim } = this.#parts.context
    if (this.notebook.facts.startedAtMs !== 0 || remember !== undefined) shim.forget(this.id)
  }

  #handle(event: Event | CommonEvent): void {
    const { step, keepsTimer, handled, context } = this.#parts
    const before = this.#state
    const [next, ...effects] = step(before, event)
    const isNew = next !== before
    if (isNew && !keepsTimer(before, next)) this.#timer?.cancel()
    this.#state = next
    this.notebook.learn(effects, isNew ? { event, isEntry: next.name !== before.name } : undefined)
    for (const effect of effects) {
      if (isSharedEffect(effect)) this.#perform(effect)
      else this.#parts.perform(effect)
    }
    handled?.(before, event)
    this.#waiters.wake()
    context.order.changed(this.id)
  }

  #perform(effect: SharedEffect): void {
    const { context, settings } = this.#parts
    switch (effect.type) {
      case 'timer':
        this.#timer?.cancel()
        this.#timer = context.clock.after(effect.afterMs, () => this.take({ type: 'timer' }))
        break
      case 'log':
        this.log(effect.level, effect.message)
        break
      case 'announce':
        announceState(context.bus, settings, effect)
        break
      case 'spawn-error':
      case 'exit-status':
        break // the notebook has taken them
      default:
        effect satisfies never
    }
  }
}
