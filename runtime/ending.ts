// How the daemon ends and with which exit code: on request with 0, or with the code of a program whose end is
// also that of the daemon. Whoever comes first decides the code. An end may also be the start of another life with
// another configuration; a request to end for good wins over that.

import { type Loaded, namespec } from '../config/config.ts'
import type { EventBus } from './events/bus.ts'
import type { ExitCodeFile } from './exit-code-file.ts'
import type { Logger } from './log/sink.ts'
import type { Succession } from './succession.ts'
import type { Supervisor } from './supervisor.ts'

/** What an Ending needs. */
export interface EndingParts {
  readonly supervisor: Supervisor
  /** The next brain goes on with the end. */
  readonly succession: Succession
  readonly bus: EventBus
  readonly exitCodeFile: ExitCodeFile
  readonly log: Logger
  readonly reportBug: (error: unknown) => void
}

/** The exit code, or what to begin anew with. */
export type Outcome = number | Loaded

/** The end of one daemon. */
export class Ending {
  /** Known when everything is down. */
  readonly outcome: Promise<Outcome>
  #resolve: (outcome: Outcome) => void = () => {}
  #parts: EndingParts | undefined
  #wanted: Outcome | undefined

  constructor() {
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Hears of programs whose end ends the daemon. */
  connect(parts: EndingParts): void {
    this.#parts = parts
    parts.bus.on((event) => {
      if (event.type !== 'daemon-end' || this.#wanted !== undefined) return
      const name = namespec(event.group, event.name)
      parts.log.log('warn', `'${name}' ${event.reason}: the daemon ends with exit code ${event.code}`)
      this.endWith(event.code)
    })
  }

  /** The end will have this outcome, unless another one came first. */
  want(outcome: Outcome): void {
    const isDecided = typeof this.#wanted === 'number' || (this.#wanted !== undefined && typeof outcome !== 'number')
    if (!isDecided) this.#wanted = outcome
    if (typeof this.#wanted === 'number') this.#parts?.succession.noteEnding(this.#wanted)
  }

  /** Goes on with the end that had begun before this brain. */
  goOn(code: number): void {
    this.#parts?.log.log('warn', 'going on with the shutdown that had begun')
    this.begin(code)
  }

  /** Begins the ordered shutdown with a code of its own, if none has begun: a request to end has none. */
  endWith(code: number): void {
    if (this.#wanted === undefined) this.#parts?.exitCodeFile.note(code)
    this.begin(code)
  }

  /** Begins the ordered shutdown, if none has begun. */
  begin(outcome: Outcome): void {
    const parts = this.#parts
    if (parts === undefined) return
    this.want(outcome)
    const finish = (): void => {
      const last = this.#wanted ?? outcome
      this.#resolve(typeof last === 'number' ? parts.exitCodeFile.read(last) : last)
    }
    parts.supervisor.shutdown().then(finish, parts.reportBug)
  }

  /** Ends at once, with no shutdown. */
  resolve(code: number): void {
    this.#resolve(code)
  }
}
