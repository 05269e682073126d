// From the names and outcomes of XML-RPC to those of the operations. A name means exactly one thing here: `x` is `x:x`,
// `g:*` and `g:` are all of a group. Source: supervisor 4.2.5, options.split_namespec, rpcinterface.make_allfunc.

import { namespec } from '../../../config/config.ts'
import { ControlError, type ErrorCode } from '../errors.ts'
import type { Outcome } from '../verbs.ts'
import { FAULTS, Fault, faultName, faultOf, isUnexecutable } from './faults.ts'
import type { Value } from './values.ts'

/** A process, or with `name` undefined a group. */
export interface Target {
  readonly group: string
  /** `group:name`. */
  readonly name: string | undefined
}

/** What a client's name means. */
export function readTarget(name: string): Target {
  const colon = name.indexOf(':')
  if (colon < 0) return { group: name, name: `${name}:${name}` }
  const isGroup = ['', '*'].includes(name.slice(colon + 1))
  return { group: name.slice(0, colon), name: isGroup ? undefined : name }
}

/** The full name of one process; a group is none. */
export function readProcess(name: string): string {
  const target = readTarget(name)
  if (target.name === undefined) throw new Fault('BAD_NAME', name)
  return target.name
}

/** Runs an operation; what it throws becomes a fault about `subject`, or about what `others` says of that error. */
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

/** How it went for several, as clients of supervisord read it. */
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
