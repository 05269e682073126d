// How the daemon ends and with which exit code: on request with 0, or with the code of a program whose end is
// also that of the daemon. Whoever comes first decides the code.

import { namespec } from '../config/config.ts'
import type { EventBus } from './events/bus.ts'
import type { Logger } from './log/sink.ts'
import type { Succession } from './succession.ts'
import type { Supervisor } from './supervisor.ts'

/** What an Ending needs. */
export interface EndingParts {
  readonly supervisor: Supervisor
  /** The next brain goes on with the end. */
  readonly succession: Succession
  readonly bus: EventBus
  readonly log: Logger
  readonly reportBug: (error: unknown) => void
}

/** The end of one daemon. */
export class Ending {
  /** The exit code, once it is known. */
  readonly code: Promise<number>
  #resolve: (code: number) => void = () => {}
  #parts: EndingParts | undefined
  #wanted: number | undefined

  constructor() {
    this.code = new Promise((resolve) => {
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
      this.begin(event.code)
    })
  }

  /** The end will have this code, unless another one came first. */
  want(code: number): void {
    this.#wanted ??= code
    this.#parts?.succession.noteEnding(this.#wanted)
  }

  /** Goes on with the end that had begun before this brain. */
  goOn(code: number): void {
    this.#parts?.log.log('warn', 'going on with the shutdown that had begun')
    this.begin(code)
  }

  /** Begins the ordered shutdown, if none has begun. */
  begin(code: number): void {
    const parts = this.#parts
    if (parts === undefined) return
    this.want(code)
    const wanted = this.#wanted ?? code
    parts.supervisor.shutdown().then(() => this.#resolve(wanted), parts.reportBug)
  }

  /** Ends at once, with no shutdown. */
  resolve(code: number): void {
    this.#resolve(code)
  }
}
