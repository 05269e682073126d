// Effective configurations of two tools, made comparable.

import { effectiveConfig } from '../../cli/effective.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import type { Config } from '../../config/settings/config.ts'

/** A JSON object. */
export type Json = Record<string, unknown>

/** These are not compared: invented ids, places, how lines look (supervisord changes none), texts of errors about split commands, and the empty name for "no log file". */
export function comparable({ supervisord, httpServers, groups, startOrder, stopOrder }: Json): unknown {
  const level = (key: string, value: unknown): unknown => {
    if (typeof value === 'number' && value >= 900_000 && value < 901_000) return 'made up'
    if (key === 'argvError') return value === null ? null : 'cannot be split'
    return key === 'logfile' && value === '' ? null : value
  }
  const copy = JSON.parse(JSON.stringify({ supervisord, httpServers, groups, startOrder, stopOrder }, level)) as {
    supervisord: Json
    httpServers: Json[]
  }
  for (const key of ['configfile', 'here', 'output_format']) delete copy.supervisord[key]
  for (const server of copy.httpServers) for (const key of ['section', 'name']) delete server[key]
  return copy
}

/** The result of `read` in a comparable form, by default that of comparable(); "refused" when `read` throws ConfigError. */
export function viewOf(
  read: () => { readonly config: Config },
  view: (shown: object) => unknown = (shown) => comparable({ ...shown }),
): unknown {
  try {
    return view(effectiveConfig(read().config))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return 'refused'
  }
}
