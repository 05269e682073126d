// `timeout_depends`: how long the start of a unit waits for its dependencies. Source: s6-rc 0.7, s6-rc -t change: when the time
// is over, no further service is started, oneshots that run are ended, longruns that are not ready keep running.

import { showUnit } from '../../config/model/names.ts'
import type { Logger } from '../log/sink.ts'
import type { Unit } from '../service/unit.ts'
import type { Clock, Timer } from '../system/clock.ts'

/** What the limits need. */
export interface StartLimitParts {
  readonly log: Logger
  readonly clock: Clock
  find(id: string): Unit | undefined
}

/** Starts the timer of a unit that has the key; undefined for others. */
export function startLimit(parts: StartLimitParts, id: string, expire: () => void): Timer | undefined {
  const seconds = parts.find(id)?.settings.timeout_depends ?? 0
  return seconds === 0 ? undefined : parts.clock.after(seconds * 1000, expire)
}

/** Logs which dependencies have not come in time. Gives why their starts do not begin. */
export function tellOverdue(
  parts: StartLimitParts,
  id: string,
  unfinished: readonly { readonly unit: string }[],
): string {
  const name = showUnit(id)
  const seconds = parts.find(id)?.settings.timeout_depends ?? 0
  const missing = unfinished.map(({ unit }) => showUnit(unit)).join(', ')
  parts.log.log('error', `${name} has waited ${seconds} seconds (timeout_depends) for ${missing}`, { process: name })
  return `${name} waits no longer`
}
