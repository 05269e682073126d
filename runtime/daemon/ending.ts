// The end of the daemon and its exit code: 0 on request, or the code of a program whose end also ends the daemon. The
// first cause decides the code. An end may also be a restart with another configuration; a request to end for good has
// priority over that.

import { namespec } from '../../config/model/names.ts'
import type { Loaded } from '../../config/settings/config.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log/sink.ts'
import type { Succession } from '../supervisor/succession.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'

/** What an Ending needs. */
export interface EndingParts {
  readonly supervisor: Supervisor
  /** Notes the end, so that the next daemon process continues it. */
  readonly succession: Succession
  readonly bus: EventBus
  readonly log: Logger
  readonly reportBug: (error: unknown) => void
}

/** The exit code, or the configuration to restart with. */
export type Outcome = number | Loaded

/** Where the exit code can be stored. */
export interface KeptCode {
  note(code: number): void
  /** The stored code; `otherwise` when there is none. */
  read(otherwise: number): number
}

/** The end of one daemon. */
export class Ending {
  /** Resolves when everything is down. */
  readonly outcome: Promise<Outcome>
  #resolve: (outcome: Outcome) => void = () => {}
  #parts: EndingParts | undefined
  #wanted: Outcome | undefined
  #kept: KeptCode | undefined

  constructor() {
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Whether the daemon ends for good: it does not begin again with another configuration. */
  get isFinal(): boolean {
    return typeof this.#wanted === 'number'
  }

  /** From now on the exit code is stored there, and read from there at the end. */
  keepCodeIn(kept: KeptCode): void {
    this.#kept = kept
  }

  /** From now on the daemon ends when a program ends whose end also ends the daemon. */
  connect(parts: EndingParts): void {
    this.#parts = parts
    parts.bus.on((event) => {
      if (event.type !== 'daemon-end' || this.#wanted !== undefined) return
      const name = namespec(event.group, event.name)
      parts.log.log('warn', `'${name}' ${event.reason}: the daemon ends with exit code ${event.code}`)
      this.endWith(event.code)
    })
  }

  /** Sets the outcome of the end, unless another one was set before. */
  want(outcome: Outcome): void {
    const isDecided = typeof this.#wanted === 'number' || (this.#wanted !== undefined && typeof outcome !== 'number')
    if (!isDecided) this.#wanted = outcome
    if (typeof this.#wanted === 'number') this.#parts?.succession.noteEnding(this.#wanted)
  }

  /** Continues the shutdown of the previous daemon process. */
  goOn(code: number): void {
    this.#parts?.log.log('warn', 'continuing the shutdown that had begun')
    this.begin(code)
  }

  /** Begins the ordered shutdown with this code, if none has begun. A shutdown on request has no code of its own. */
  endWith(code: number): void {
    if (this.#wanted === undefined) this.#kept?.note(code)
    this.begin(code)
  }

  /** Begins the ordered shutdown, if none has begun. */
  begin(outcome: Outcome): void {
    const parts = this.#parts
    if (parts === undefined) return
    this.want(outcome)
    const finish = (): void => {
      const last = this.#wanted ?? outcome
      this.#resolve(typeof last === 'number' ? (this.#kept?.read(last) ?? last) : last)
    }
    parts.supervisor.shutdown().then(finish, parts.reportBug)
  }

  /** Ends at once, without a shutdown. */
  resolve(code: number): void {
    this.#resolve(code)
  }
}
