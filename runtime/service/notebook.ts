// What is known about a unit besides its state, and its note for the next brain (note.ts), written anew whenever there is
// something new to say. Where no brain can come next nothing is written.

import type { ServiceContext } from './context.ts'
import { type Facts, type LogPaths, type Memory, type StopRules, writeNote } from './note.ts'
import type { OneshotEffect } from './oneshot-machine.ts'
import type { Effect } from './state.ts'

/** What a Notebook needs of its unit. */
export interface NotebookParts {
  /** Of the unit. */
  readonly id: string
  readonly stop: StopRules
  readonly context: ServiceContext
  /** What is asked for when a note is written. */
  readonly now: () => Pick<Memory, 'state' | 'isReady' | 'listener'> & { readonly logs: LogPaths }
}

/** The notebook of one unit. */
export class Notebook {
  readonly #parts: NotebookParts
  #facts: Facts = { spawnError: '', exitStatus: 0, startedAtMs: 0, stoppedAtMs: 0, endedPid: 0 }
  #sinceMs = 0

  constructor(parts: NotebookParts) {
    this.#parts = parts
  }

  get facts(): Readonly<Facts> {
    return this.#facts
  }

  /** Takes what has become known. */
  know(facts: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  /** Takes from an effect what clients will ask for. */
  learn(effect: Effect | OneshotEffect): void {
    if (effect.type === 'spawn-error') this.know({ spawnError: effect.message })
    else if (effect.type === 'exit-status') this.know({ exitStatus: effect.number })
  }

  /** The unit has come into another state, so long ago. */
  turn(elapsedMs: number): void {
    this.#sinceMs = this.#parts.context.clock.wallMs() - elapsedMs
    this.write()
  }

  /** Writes the note. */
  write(): void {
    const { id, stop, context, now } = this.#parts
    if (context.remember === undefined) return
    const { stopsignal, stopwaitsecs, stopasgroup, killasgroup } = stop
    const { order } = context
    const memory: Memory = {
      ...now(),
      sinceMs: this.#sinceMs,
      facts: this.#facts,
      isWaiting: order.waitingFor(id) !== undefined,
      orderFailure: order.failure(id) ?? '',
      stop: { stopsignal, stopwaitsecs, stopasgroup, killasgroup },
    }
    context.remember(id, writeNote(memory))
  }
}
