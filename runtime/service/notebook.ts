// What is known about a unit besides its state, and its note for the next brain (note.ts), written anew whenever there is
// something new to say. Where no brain can come next nothing is written.

import type { ProcessSettings } from '../../config/config.ts'
import type { ExitStatus } from '../shim/shim.ts'
import type { Death, ServiceContext } from './context.ts'
import { type Facts, type LogPaths, type Memory, type StopRules, writeNote } from './note.ts'
import type { OneshotEffect, OneshotEvent } from './oneshot-machine.ts'
import type { Effect, Event } from './state.ts'

/** What a Notebook needs of its unit. */
export interface NotebookParts {
  /** Of the unit. */
  readonly id: string
  readonly settings: StopRules & Pick<ProcessSettings, 'max_deaths'>
  readonly context: ServiceContext
  /** What is asked for when a note is written. */
  readonly now: () => Pick<Memory, 'state' | 'isReady' | 'listener'> & { readonly logs: LogPaths }
}

/** The notebook of one unit. */
export class Notebook {
  readonly #parts: NotebookParts
  #facts: Facts = { spawnError: '', exitStatus: 0, startedAtMs: 0, stoppedAtMs: 0, endedPid: 0 }
  #sinceMs = 0
  #deaths: readonly Death[] = []

  constructor(parts: NotebookParts) {
    this.#parts = parts
  }

  get facts(): Readonly<Facts> {
    return this.#facts
  }

  /** Its last ends; the next brain is not told of them. */
  get deaths(): readonly Death[] {
    return this.#deaths
  }

  /** Its process has ended, so long ago. Source: s6 2.15, max-death-tally. */
  died(pid: number, status: ExitStatus, agoMs: number): void {
    const atMs = this.#parts.context.clock.wallMs() - agoMs
    this.know({ stoppedAtMs: atMs, endedPid: pid, ended: status })
    const all = [...this.#deaths, { atMs, status }]
    this.#deaths = all.slice(Math.max(0, all.length - this.#parts.settings.max_deaths))
  }

  /** Takes what has become known. */
  know(facts: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  /**
   * Takes from effects what clients will ask for; `turn` is the event by which the unit has come into another state, if it has.
   * Before anything is asked of the shim: it must not have a new process under an old note.
   */
  learn(effects: readonly (Effect | OneshotEffect)[], turn: Event | OneshotEvent | undefined): void {
    for (const effect of effects) {
      if (effect.type === 'spawn-error') this.know({ spawnError: effect.message })
      else if (effect.type === 'exit-status') this.know({ exitStatus: effect.number })
    }
    if (turn === undefined) return
    this.#sinceMs = this.#parts.context.clock.wallMs() - (turn.type === 'adopted' ? turn.elapsedMs : 0)
    this.write()
  }

  /** Writes the note. */
  write(): void {
    const { id, settings, context, now } = this.#parts
    if (context.remember === undefined) return
    const { stopsignal, stopwaitsecs, stopasgroup, killasgroup } = settings
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
