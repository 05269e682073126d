// Counts what happens to each unit, for clients that ask for metrics later. It is small, because each daemon has it. An
// upgrade takes the numbers along as notes of the helper; after a crash they begin anew, as those of a new program.

import { splitUnitId, unitId } from '../../config/model/names.ts'
import type { RuntimeEvent } from '../events/event.ts'

/** What was counted for one unit. */
export interface Counts {
  starts: number
  /** CPU time of its processes that have ended. */
  cpuMs: number
  /** Exit code, or the number of a signal with a minus before it → how many processes ended so. */
  exits: Record<string, number>
  /** Bytes of its output that previous daemon processes read. */
  stdoutBytes: number
  stderrBytes: number
}

/** What is known about the newest process of a unit. Times are monotonic. */
interface Newest {
  startedMs: number
  /** From its start until it was RUNNING, and until it was ready; undefined before that. */
  startMs?: number | undefined
  readyMs?: number | undefined
}

/** A note holds at most 4096 bytes. */
const NOTE_LENGTH = 3500

/** What has happened since the daemon was started. */
export class Tally {
  readonly #nowMs: () => number
  readonly #counts = new Map<string, Counts>()
  readonly #newest = new Map<string, Newest>()
  #applies = 0
  #appliedAtMs = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** How many configurations came into force. */
  get applies(): number {
    return this.#applies
  }

  /** Wall-clock time of the last one. */
  get appliedAtMs(): number {
    return this.#appliedAtMs
  }

  /** Counts an event. */
  add(event: RuntimeEvent): void {
    if (event.type === 'process-started') {
      this.#of(event).starts += 1
      this.#newest.set(key(event), { startedMs: this.#nowMs() })
    } else if (event.type === 'process-exited') {
      const counts = this.#of(event)
      const end = String(event.code ?? -(event.signal ?? 0))
      counts.exits[end] = (counts.exits[end] ?? 0) + 1
      counts.cpuMs += (event.cpuUserMs ?? 0) + (event.cpuSystemMs ?? 0)
    } else if (event.type === 'process-state' && event.to === 'running') this.#reached(event, 'startMs')
    else if (event.type === 'readiness' && event.ready) this.#reached(event, 'readyMs')
    else if (event.type === 'group-removed') this.#drop(event.group)
    else if (event.type === 'configuration-applied') {
      this.#applies += 1
      this.#appliedAtMs = event.atMs
    }
  }

  /** What was counted for a unit. */
  counts(group: string, name: string): Readonly<Counts> {
    return this.#counts.get(key({ group, name })) ?? none()
  }

  /** What is known about its newest process. */
  newest(group: string, name: string): Readonly<Newest> | undefined {
    return this.#newest.get(key({ group, name }))
  }

  /** Notes for the next daemon process. `bytes`: what this one read of the output of a unit. */
  write(bytes: (group: string, name: string) => Pick<Counts, 'stdoutBytes' | 'stderrBytes'>): readonly string[] {
    const notes: string[] = []
    let note: string[] = []
    let length = 0
    const finish = (): void => {
      if (note.length > 0) notes.push(`[${note.join(',')}]`)
      note = []
      length = 0
    }
    for (const [id, counts] of this.#counts) {
      const { group, name } = splitUnitId(id)
      const read = bytes(group, name)
      const sums = {
        stdoutBytes: counts.stdoutBytes + read.stdoutBytes,
        stderrBytes: counts.stderrBytes + read.stderrBytes,
      }
      const text = JSON.stringify([group, name, { ...counts, ...sums }])
      if (length + text.length > NOTE_LENGTH) finish()
      note.push(text)
      length += Buffer.byteLength(text) + 1
    }
    finish()
    return notes
  }

  /** Reads a note of the previous daemon process, which may be of another version. */
  read(note: string): void {
    try {
      for (const [group, name, counts] of JSON.parse(note) as [string, string, Counts][])
        this.#counts.set(key({ group, name }), { ...none(), ...counts })
    } catch {
      // the numbers begin anew
    }
  }

  #of(unit: { readonly group: string; readonly name: string }): Counts {
    const known = this.#counts.get(key(unit)) ?? none()
    this.#counts.set(key(unit), known)
    return known
  }

  #reached(unit: { readonly group: string; readonly name: string }, field: 'startMs' | 'readyMs'): void {
    const newest = this.#newest.get(key(unit))
    if (newest !== undefined) newest[field] ??= this.#nowMs() - newest.startedMs
  }

  #drop(group: string): void {
    const begin = unitId(group, '')
    for (const map of [this.#counts, this.#newest])
      for (const id of map.keys()) if (id.startsWith(begin)) map.delete(id)
  }
}

function none(): Counts {
  return { starts: 0, cpuMs: 0, exits: {}, stdoutBytes: 0, stderrBytes: 0 }
}

function key({ group, name }: { readonly group: string; readonly name: string }): string {
  return unitId(group, name)
}
