// What is known about a unit besides its state, and its note for the next daemon process (note.ts). The note is written
// whenever its content changes. Where there will be no next daemon process, nothing is written.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ExitStatus } from '../../shim/shim.ts'
import type { Death, ServiceContext } from '../context.ts'
import { type Facts, type LogPaths, type Memory, type StopRules, writeNote } from './note.ts'
import { isSharedEffect } from '../machine/effects.ts'

/** What a Notebook needs of its unit. */
export interface NotebookParts {
  /** Id of the unit. */
  readonly id: string
  readonly settings: StopRules & Pick<ProcessSettings, 'max_deaths'>
  readonly context: ServiceContext
  /** The current values; called when a note is written. */
  readonly now: () => Pick<Memory, 'state' | 'isReady' | 'listener'> & { readonly logs: LogPaths }
}

/** A unit came into another state, or its state has changed in details (`isEntry` false). */
export interface StateChange {
  readonly event: { readonly type: string; readonly elapsedMs?: number }
  readonly isEntry: boolean
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

  /** The last ends of its processes. They are not part of the note. */
  get deaths(): readonly Death[] {
    return this.#deaths
  }

  /** The process has ended, `agoMs` ago. Source: s6 2.15, max-death-tally. */
  died(pid: number, status: ExitStatus, agoMs: number): void {
    const atMs = this.#parts.context.clock.wallMs() - agoMs
    this.know({ stoppedAtMs: atMs, endedPid: pid, ended: status })
    const all = [...this.#deaths, { atMs, status }]
    this.#deaths = all.slice(Math.max(0, all.length - this.#parts.settings.max_deaths))
  }

  /** Adds facts. */
  know(facts: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  /**
   * Takes facts from effects, and writes the note when the state has changed. It must be called before the helper is
   * asked for anything: otherwise a new process could exist with an old note.
   */
  learn(effects: readonly unknown[], change: StateChange | undefined): void {
    for (const effect of effects.filter(isSharedEffect)) {
      if (effect.type === 'spawn-error') this.know({ spawnError: effect.message })
      else if (effect.type === 'exit-status') this.know({ exitStatus: effect.number })
    }
    if (change === undefined) return
    const { event, isEntry } = change
    if (isEntry) this.#sinceMs = this.#parts.context.clock.wallMs() - (event.elapsedMs ?? 0)
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
