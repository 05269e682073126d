// The shapes of answers of the daemon. An answer of another shape is an error of the daemon.

import type { Value } from '../../../runtime/control/xmlrpc/values.ts'

/** A process as the daemon shows it. */
export type Info = Readonly<Record<string, Value>>

/** The result for one process. */
export interface Status {
  readonly group: string
  readonly name: string
  readonly status: number
  readonly description: string
}

/** The names of groups in the answer of reloadConfig. */
export type Changes = readonly [added: readonly string[], changed: readonly string[], removed: readonly string[]]

/** The daemon answered a call with a value of another shape. */
export class UnexpectedAnswer extends Error {
  constructor(what: string, value: Value) {
    super(`expected ${what} from the daemon, got ${JSON.stringify(value)}`)
  }
}

/** A list of structs. Throws UnexpectedAnswer. */
export function infosIn(value: Value): readonly Info[] {
  return listIn(value).map((item) => {
    if (isStruct(item)) return item
    throw new UnexpectedAnswer('a struct', item)
  })
}

/** The results for several processes. Throws UnexpectedAnswer. */
export function statusesIn(value: Value): readonly Status[] {
  return infosIn(value).map((item) => {
    const { group, name, status, description } = item
    if (typeof status !== 'number') throw new UnexpectedAnswer('a result with a status', item)
    return { group: String(group), name: String(name), status, description: String(description) }
  })
}

/** What reloadConfig answers: a list with one triple of lists. Throws UnexpectedAnswer. */
export function changesIn(value: Value): Changes {
  const [triple = null] = listIn(value)
  const [added = null, changed = null, removed = null] = listIn(triple)
  return [namesIn(added), namesIn(changed), namesIn(removed)]
}

function namesIn(value: Value): readonly string[] {
  return listIn(value).map(String)
}

function listIn(value: Value): readonly Value[] {
  if (isList(value)) return value
  throw new UnexpectedAnswer('a list', value)
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function isStruct(value: Value): value is Info {
  return typeof value === 'object' && value !== null && !isList(value)
}
