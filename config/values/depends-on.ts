// The value of `depends_on`: names of programs, oneshots, bundles and groups, each with the state that it must reach.

import { type Dependency, REACHED, type Reached } from '../model/dependencies.ts'
import { nearest } from './nearest.ts'
import { names, quote, ValueError, type ValueType } from './values.ts'

/** A list of names, or a table of names and the states that they must reach. */
export const dependsOn: ValueType<readonly Dependency[]> = {
  name: 'list of names, or table of names with "started", "ready", "completed" or "ordered"',
  fromText: (text) => plain(names.fromText(text)),
  fromToml(value) {
    if (Array.isArray(value)) {
      const list = names.fromToml?.(value)
      return list === undefined ? undefined : plain(list)
    }
    if (typeof value !== 'object') return undefined
    return Object.entries(value).map(([name, reached]) => ({ name, reached: readReached(name, reached) }))
  },
  toToml(dependencies) {
    if (dependencies.every(({ reached }) => reached === undefined)) return dependencies.map(({ name }) => name)
    return Object.fromEntries(dependencies.map(({ name, reached }) => [name, reached ?? 'started']))
  },
}

function plain(list: readonly string[]): readonly Dependency[] {
  return list.map((name) => ({ name, reached: undefined }))
}

function readReached(name: string, value: unknown): Reached {
  const word = REACHED.find((candidate) => candidate === value)
  if (word !== undefined) return word
  const close = typeof value === 'string' ? nearest(value, REACHED) : undefined
  const hint = close === undefined ? `, not one of ${REACHED.join(', ')}` : `; did you mean ${quote(close)}?`
  throw new ValueError(`${name} has ${typeof value === 'string' ? quote(value) : 'no text'}${hint}`)
}
