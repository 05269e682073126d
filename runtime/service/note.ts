// What a brain notes about a unit for the brain that may come after it. A note may come from another version of kahi, so
// one that makes no sense counts as none.

import type { ProcessSettings } from '../../config/config.ts'
import type { ExitStatus } from '../shim/shim.ts'
import type { State } from './state.ts'
import type { OneshotState } from './oneshot-machine.ts'

/** What is known about a unit besides its state. Times are of the wall clock, 0 = never. */
export interface Facts {
  spawnError: string
  exitStatus: number
  startedAtMs: number
  stoppedAtMs: number
  /** The last process whose end was heard. */
  endedPid: number
  /** How it ended. */
  ended?: ExitStatus | undefined
}

/** Names of log files; empty for none. */
export interface LogPaths {
  readonly stdout: string
  readonly stderr: string
}

/** How its process is stopped; who finds it no longer configured knows nothing else about it. */
export type StopRules = Pick<ProcessSettings, 'stopsignal' | 'stopwaitsecs' | 'stopasgroup' | 'killasgroup'>

/** A note. */
export interface Memory<Saved = State | OneshotState> {
  readonly state: Saved
  /** When it came into that state; wall clock. */
  readonly sinceMs: number
  readonly facts: Facts
  readonly logs: LogPaths
  /** Its process has said that others may begin. */
  readonly isReady: boolean
  /** It waits for what it needs. */
  readonly isWaiting: boolean
  /** Why it was not started, though somebody wanted that; empty for none. */
  readonly orderFailure: string
  readonly stop: StopRules
  /** What the pool says of a process of an event listener. */
  readonly listener?: string | undefined
}

/** A state that somebody has noted; each kind of unit knows what its own look like. */
export type SavedState = Readonly<Record<string, unknown>>

/** Characters of a text that are noted: a note has its limit at the helper. */
const TEXT_LENGTH = 200

/** The text of a note. */
export function writeNote({ facts, orderFailure, ...memory }: Memory): string {
  const { spawnError, ...others } = facts
  const texts = { facts: { ...others, spawnError: cut(spawnError) }, orderFailure: cut(orderFailure) }
  return JSON.stringify({ ...memory, ...texts }, withoutTimes)
}

/** Reads what writeNote() wrote; undefined when it is something else. */
export function readNote(text: string): Memory<SavedState> | undefined {
  try {
    const memory = JSON.parse(text)
    const { state, sinceMs, facts, logs, stop } = memory
    const isWhole =
      typeof state?.name === 'string' &&
      [sinceMs, facts?.exitStatus, stop?.stopsignal, stop?.stopwaitsecs].every((one) => typeof one === 'number') &&
      [logs?.stdout, logs?.stderr].every((one) => typeof one === 'string')
    return isWhole ? memory : undefined
  } catch {
    return undefined
  }
}

/** The next brain has another clock, so the window of `restart` begins anew. */
function withoutTimes(key: string, value: unknown): unknown {
  return key === 'times' ? [] : value
}

function cut(text: string): string {
  return text.slice(0, TEXT_LENGTH)
}
