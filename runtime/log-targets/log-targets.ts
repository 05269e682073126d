// All log targets of a daemon, and the taps at the output of programs that feed them. A new configuration ends and opens only
// the targets whose table has changed.

import { isDeepStrictEqual } from 'node:util'
import { unitId } from '../../config/model/names.ts'
import type { Config } from '../../config/settings/config.ts'
import { LineSplitter } from '../log/lines.ts'
import type { Unit } from '../service/unit.ts'
import { LogTarget, type LogTargetParts, type LogTargetStatus } from './log-target.ts'

export type { LogTargetStatus } from './log-target.ts'

/** The end of the daemon waits so long for lines. */
const FLUSH_MS = 3000
const STREAMS = ['stdout', 'stderr'] as const
const NEWLINE = Buffer.from('\n')

type Stream = (typeof STREAMS)[number]

/** What it needs. */
export interface LogTargetsParts extends LogTargetParts {
  /** All programs and oneshots. */
  units(): readonly Unit[]
}

/** The connection to the output of one unit. */
interface Tap {
  readonly unit: Unit
  readonly streams: ReadonlyMap<Stream, { readonly splitter: LineSplitter; targets: readonly LogTarget[] }>
  readonly end: () => void
}

/** All log targets. */
export class LogTargets {
  readonly #parts: LogTargetsParts
  readonly #targets = new Map<string, LogTarget>()
  /** By id of the unit. */
  readonly #taps = new Map<string, Tap>()

  constructor(parts: LogTargetsParts) {
    this.#parts = parts
  }

  /** By name. */
  get statuses(): readonly LogTargetStatus[] {
    return [...this.#targets.values()].map(({ status }) => status)
  }

  /** Applies a configuration. */
  follow({ log_targets: wanted }: Pick<Config, 'log_targets'>): void {
    const names = new Set(wanted.map(({ name }) => name))
    for (const [name, open] of this.#targets) if (!names.has(name)) void this.#end(name, open)
    for (const settings of wanted) {
      const open = this.#targets.get(settings.name)
      if (open !== undefined && isDeepStrictEqual(open.settings, settings)) continue
      if (open !== undefined) void this.#end(settings.name, open)
      this.#targets.set(settings.name, new LogTarget(settings, this.#parts))
    }
    this.#connect()
  }

  /** A process has ended: a line without a line feed is complete now. */
  ended(group: string, name: string): void {
    for (const { splitter } of this.#taps.get(unitId(group, name))?.streams.values() ?? []) splitter.flush()
  }

  /** Sends what waits, for three seconds at most. */
  async close(): Promise<void> {
    for (const { end } of this.#taps.values()) end()
    this.#taps.clear()
    await Promise.all([...this.#targets].map(([name, target]) => this.#end(name, target)))
  }

  async #end(name: string, target: LogTarget): Promise<void> {
    this.#targets.delete(name)
    const lost = await target.close(FLUSH_MS)
    if (lost > 0) this.#parts.log.log('warn', `log target ${name}: ${lost} lines were not sent before its end`)
  }

  /** Connects each unit with the targets that want its output. */
  #connect(): void {
    const units = new Map(this.#parts.units().map((unit) => [unit.id, unit]))
    for (const [id, { unit, end }] of this.#taps) {
      if (units.get(id) === unit) continue
      end()
      this.#taps.delete(id)
    }
    for (const [id, unit] of units) {
      const tap = this.#taps.get(id) ?? this.#open(unit)
      for (const [stream, own] of tap.streams) own.targets = this.#targetsOf(unit, stream)
      this.#taps.set(id, tap)
    }
  }

  #targetsOf({ group, name }: Unit, stream: Stream): readonly LogTarget[] {
    const names = [name, group, `${group}:${name}`]
    return [...this.#targets.values()].filter((target) => target.wants(names, stream))
  }

  #open(unit: Unit): Tap {
    const opened = STREAMS.map((stream) => {
      const take = (bytes: Buffer): void => this.#take(unit, stream, own.targets, bytes)
      const piece = (bytes: Buffer): void => take(Buffer.concat([bytes, NEWLINE]))
      const own = { splitter: new LineSplitter({ lines: take, piece }), targets: [] as readonly LogTarget[] }
      const end = unit.tap(stream, (chunk) => (own.targets.length === 0 ? undefined : own.splitter.push(chunk)))
      return { stream, own, end }
    })
    return {
      unit,
      streams: new Map(opened.map(({ stream, own }) => [stream, own])),
      end: () => {
        for (const { own, end } of opened) {
          end()
          own.splitter.flush()
        }
      },
    }
  }

  /** The bytes are only valid during the call: they are copied once, for all targets with room. */
  #take({ group, name: program }: Unit, stream: Stream, targets: readonly LogTarget[], bytes: Buffer): void {
    let copy: Buffer | undefined
    const atMs = this.#parts.clock.wallMs()
    for (const target of targets) {
      if (target.isFullFor(bytes.length)) target.drop(bytes)
      else target.add({ group, program, stream, atMs, bytes: (copy ??= Buffer.from(bytes)) })
    }
  }
}
