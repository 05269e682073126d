// The note of a unit: what a daemon process writes for the next one. The next one may be another version of kahi, so a
// note that it does not understand is ignored.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ExitStatus } from '../../shim/shim.ts'
import type { State } from '../machine/state.ts'
import type { OneshotState } from '../machine/oneshot-machine.ts'

/** What is known about a unit besides its state. Times are wall-clock times, 0 = never. */
export interface Facts {
  spawnError: string
  exitStatus: number
  startedAtMs: number
  stoppedAtMs: number
  /** The last process whose end was handled. */
  endedPid: number
  /** How that process ended. */
  ended?: ExitStatus | undefined
}

/** Paths of log files; empty for none. */
export interface LogPaths {
  readonly stdout: string
  readonly stderr: string
}

/**
 * How the process is stopped. For a process that is not configured any more these are the only settings that are known.
 */
export type StopRules = Pick<ProcessSettings, 'stopsignal' | 'stopwaitsecs' | 'stopasgroup' | 'killasgroup'>

/** The content of a note. */
export interface Memory<Saved = State | OneshotState> {
  readonly state: Saved
  /** Wall-clock time at which it came into that state. */
  readonly sinceMs: number
  readonly facts: Facts
  readonly logs: LogPaths
  /** The process has reported that it is ready. */
  readonly isReady: boolean
  /** A start waits for dependencies. */
  readonly isWaiting: boolean
  /** Why the last requested start did not begin; empty for none. */
  readonly orderFailure: string
  readonly stop: StopRules
  /** The state of the event listener, for a process of one. */
  readonly listener?: string | undefined
}

/** A state in a note. Each kind of unit checks it by itself. */
export type SavedState = Readonly<Record<string, unknown>>

/** Texts are cut to this length, because the helper limits the size of a note. */
const TEXT_LENGTH = 200

/** Encodes a note. */
export function writeNote({ facts, orderFailure, ...memory }: Memory): string {
  const { spawnError, ...others } = facts
  const texts = { facts: { ...others, spawnError: cut(spawnError) }, orderFailure: cut(orderFailure) }
  return JSON.stringify({ ...memory, ...texts }, withoutTimes)
}

/** Decodes a note; undefined when it is not one. */
export function readNote(text: string): Memory<SavedState> | undefined {
  try {
    const memory = JSON.parse(text) as Partial<Memory<SavedState>>
    const { state, sinceMs, facts, logs, stop } = memory
    const isWhole =
      typeof state?.name === 'string' &&
      [sinceMs, facts?.exitStatus, stop?.stopsignal, stop?.stopwaitsecs].every((one) => typeof one === 'number') &&
      [logs?.stdout, logs?.stderr].every((one) => typeof one === 'string')
    return isWhole ? (memory as Memory<SavedState>) : undefined
  } catch {
    return undefined
  }
}

/** Monotonic times are left out: the next daemon process has another clock, so the counters of `restart` begin anew. */
function withoutTimes(key: string, value: unknown): unknown {
  return key === 'times' ? [] : value
}

function cut(text: string): string {
  return text.slice(0, TEXT_LENGTH)
}
