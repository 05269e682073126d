// What follows when watched files have changed: a log line, an event for each change, and the action of the unit. A
// restart during a restart does nothing more: the process that comes reads the newest files. A signal and a
// reload_command wait until the process is ready, where it has a readiness check.

import type { WatchAction } from '../../config/model/watch.ts'
import { signalName } from '../../config/values/signal.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log/sink.ts'
import type { CommandEnd } from '../service/context.ts'
import type { Unit } from '../service/unit.ts'
import type { Change } from './snapshot.ts'

/** What reactions need of the daemon. */
export interface ReactionParts {
  readonly log: Logger
  readonly bus: EventBus
  /** Stops the unit if it is up, and starts it. */
  restart(id: string): void
}

/** So many changes become events, and variables of a command. */
const MOST_TOLD = 100

/** The reactions of one unit. */
export class Reaction {
  readonly #parts: ReactionParts
  readonly #unit: Unit
  readonly #action: WatchAction
  #isOwed = false
  #isRunning = false
  /** What changed while the command ran; it runs again for that. */
  #missed: Change[] = []

  constructor(unit: Unit, action: WatchAction, parts: ReactionParts) {
    this.#unit = unit
    this.#action = action
    this.#parts = parts
  }

  /** Files have changed. */
  to(changes: readonly Change[]): void {
    const { name, group } = this.#unit
    const [first] = changes
    if (first === undefined || !isReachable(this.#unit)) return
    const more = changes.length > 1 ? ` (and ${changes.length - 1} more)` : ''
    this.#log('info', `${name}: ${first.path} ${describeChange(first)}${more}: ${describeAction(this.#action)}`)
    for (const { path, what: change, target } of changes.slice(0, MOST_TOLD))
      this.#parts.bus.emit({ type: 'file-changed', group, name, path, change, target, action: this.#action.kind })
    this.#act(changes)
  }

  /** The process has become ready. */
  ready(): void {
    if (!this.#isOwed) return
    this.#isOwed = false
    this.#reach()
  }

  /** A new process is about to be started: it reads the newest files. */
  begin(): void {
    this.#isOwed = false
  }

  #act(changes: readonly Change[]): void {
    switch (this.#action.kind) {
      case 'restart':
        this.#parts.restart(this.#unit.id)
        break
      case 'exec':
        void this.#runOnce(this.#action.command, changes)
        break
      case 'signal':
      case 'reload':
        if (this.#unit.info().ready === false) this.#isOwed = true
        else this.#reach()
        break
      default:
        this.#action satisfies never
    }
  }

  /** Waits for the pid of a process that is being started, which may have read the files already. */
  #reach(): void {
    const unit = this.#unit
    void unit.untilSpawned().then(() => {
      const { pid } = unit.info()
      if (pid === 0) return
      if (this.#action.kind === 'signal') void unit.signal(this.#action.signal)
      else void this.#run(unit.settings.reload_command ?? '', { MAINPID: String(pid) })
    })
  }

  /** One command at a time: changes that come meanwhile lead to one more. */
  async #runOnce(command: string | readonly string[], changes: readonly Change[]): Promise<void> {
    if (this.#isRunning) {
      this.#missed = [...this.#missed, ...changes].slice(-MOST_TOLD)
      return
    }
    this.#isRunning = true
    await this.#run(command, { WATCH_CHANGED: listOf(changes) }).finally(() => (this.#isRunning = false))
    const missed = this.#missed.splice(0)
    if (missed.length > 0) void this.#runOnce(command, missed)
  }

  async #run(command: string | readonly string[], variables: Readonly<Record<string, string>>): Promise<void> {
    const end = await this.#unit.runBeside(command, variables)
    const problem = problemOf(end)
    if (problem !== undefined) this.#log('error', `${this.#unit.name}: the command of watch failed: ${problem}`)
  }

  #log(level: 'info' | 'error', message: string): void {
    const { group, name: process } = this.#unit
    this.#parts.log.log(level, message, { group, process })
  }
}

/** A unit that is being stopped is not started again, and one that is being restarted reads the newest files. */
function isReachable(unit: Unit): boolean {
  const { state, comesBack } = unit.info()
  return unit.isUp || state === 'fatal' || (state === 'exited' && comesBack === true)
}

function describeChange({ what, target, path }: Change): string {
  const where = target === path ? '' : ` (${target})`
  switch (what) {
    case 'created':
      return `was created${where}`
    case 'removed':
      return 'was removed'
    case 'content':
      return `has changed${where}`
    case 'target':
      return `leads to ${target} now`
  }
}

function describeAction(action: WatchAction): string {
  if (action.kind === 'signal') return `sending ${signalName(action.signal)}`
  return { restart: 'restarting', reload: 'running reload_command', exec: 'running the command of watch' }[action.kind]
}

function listOf(changes: readonly Change[]): string {
  return changes
    .slice(0, MOST_TOLD)
    .map(({ path }) => path)
    .join('\n')
}

function problemOf(end: CommandEnd): string | undefined {
  if (typeof end === 'string') return end
  if (end.code === 0) return undefined
  return end.signal === undefined ? `exit status ${end.code ?? 0}` : `signal ${end.signal}`
}
