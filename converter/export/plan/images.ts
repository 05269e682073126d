// The images of containers: one for all, or by the names of programs.

import { ConfigError } from '../../../config/model/diagnostic.ts'
import { nearest } from '../../../config/values/nearest.ts'
import type { Given } from '../../format.ts'
import { plainName } from './container.ts'
import type { Plan } from './plan.ts'
import type { Unit } from './unit.ts'

/**
 * Reads `--image`: IMAGE is for all, NAME=IMAGE for a program, a oneshot, a group or one process; the most exact name counts. Throws
 * ConfigError for names that nothing has.
 */
export function imagesOf({ name, units }: Plan, { image = [] }: Given): (unit: Unit) => string {
  const words = (Array.isArray(image) ? image : [image]).map(String)
  const pairs = words.map((word) => /^(?:([^=]*)=)?([^]*)$/.exec(word)?.slice(1) ?? [])
  const named = new Map(pairs.map(([key, value = '']) => [key, value]))
  const known = new Set(units.flatMap(namesOf))
  const unknown = [...named.keys()].filter((key) => key !== undefined && !known.has(key))
  if (unknown.length > 0)
    throw new ConfigError(
      unknown.map((key = '') => {
        const close = nearest(key, [...known])
        const hint = close === undefined ? `there are ${[...known].join(', ')}` : `did you mean ${close}?`
        return { severity: 'error', message: `--image ${key}=…: there is no program of that name`, hint }
      }),
    )
  const all = named.get(undefined) ?? `${plainName(name)}:latest`
  return (unit) => {
    const key = namesOf(unit).find((one) => named.has(one))
    return (key === undefined ? undefined : named.get(key)) ?? all
  }
}

/** From the process to its group. */
function namesOf({ name, settings: { program, group } }: Unit): readonly string[] {
  return [...new Set([name, program, group])]
}
