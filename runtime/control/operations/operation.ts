// The type of a verb of control. Each verb is written once, in the file of its noun. Protocols are rows that refer to
// verbs and have no logic of their own.

import { ControlError, type ErrorCode } from './errors.ts'
import type { Controlled } from './supervised.ts'

/** A verb: a function of the daemon and of parameters. */
export interface Operation<Parameters, Result> {
  /** One line for the reference. */
  readonly summary: string
  /** Errors that it can have, besides BAD_REQUEST. */
  readonly errors: readonly ErrorCode[]
  run(controlled: Controlled, parameters: Parameters): Promise<Result> | Result
}

/**
 * Waits for memory for a part of an answer, in bytes. Rejects with BUSY when the answers of all clients together leave
 * none.
 */
export type Room = (bytes: number) => Promise<void>

/** Parameters of a verb without parameters. */
export type Nothing = Readonly<Record<string, never>>

/** The name of one process, as clients write it. */
export type OfProcess = { readonly name: string }

/**
 * `wait`: answer when it is done, not when it has begun. `alone`: a stop does not stop the dependents. `asDone`:
 * outcomes are in the order in which they were done.
 */
export type How = { readonly wait: boolean; readonly alone?: boolean; readonly asDone?: boolean }

/** Throws SHUTTING_DOWN while the daemon ends, and UNAVAILABLE while the helper does not answer. */
export function refuseWhileStopping({ supervisor, helper }: Controlled): void {
  if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
  if (!helper.isAnswering) throw new ControlError('UNAVAILABLE')
}
