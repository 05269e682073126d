// Translates names and outcomes between XML-RPC and the operations. Here a name has exactly one meaning: `x` is `x:x`;
// `g:*` and `g:` are all processes of a group. Source: supervisor 4.2.5, options.split_namespec,
// rpcinterface.make_allfunc.

import { namespec, splitNamespec, unitId } from '../../../config/model/names.ts'
import { ControlError, type ErrorCode } from '../operations/errors.ts'
import type { Outcome } from '../operations/shapes/process.ts'
import { FAULTS, Fault, faultName, faultOf, isUnexecutable } from './faults.ts'
import type { Value } from './values.ts'

/** A process; with `name` undefined a group. */
export interface Target {
  readonly group: string
  /** `group:name`. */
  readonly name: string | undefined
}

/** The target of a client's name. */
export function readTarget(name: string): Target {
  const named = splitNamespec(name)
  return { group: named.group, name: named.name === undefined ? undefined : unitId(named.group, named.name) }
}

/** The full name of one process; the name of a group is refused. */
export function readProcess(name: string): string {
  const target = readTarget(name)
  if (target.name === undefined) throw new Fault('BAD_NAME', name)
  return target.name
}

/**
 * Runs an operation. Its errors become faults about `subject`, or about the subject that `others` gives for an error.
 */
export async function about<Result>(
  subject: string | undefined,
  work: () => Promise<Result> | Result,
  others: Readonly<Partial<Record<ErrorCode, string | undefined>>> = {},
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    throw faultOf(error, error.code in others ? others[error.code] : subject)
  }
}

/** The outcomes for several processes, as clients of supervisord read them. */
export function showOutcomes(outcomes: readonly Outcome[], signal = ''): Value {
  return outcomes.map(({ group, name, code, hint }) => {
    if (code === undefined) return { name, group, status: FAULTS.SUCCESS, description: 'OK' }
    const fault = faultName(code)
    const about = code === 'BAD_SIGNAL' ? signal : isUnexecutable(fault) ? hint : undefined
    return {
      name,
      group,
      status: FAULTS[fault],
      description: `${fault}: ${about ?? namespec(group, name)}`,
    }
  })
}
