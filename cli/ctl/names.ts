// Names in the form of supervisorctl: `name`, `group:name`, `group:*` or `group:`.

import { type Named, namespec, splitNamespec, unitId } from '../../config/model/names.ts'
import { nearest } from '../../config/values/nearest.ts'
import { ERRORS, NO_SUCH_GROUP } from '../../runtime/control/operations/errors.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'

/** The name of a process for the daemon. It always contains the group, so that it is unambiguous. */
export function fullName({ group, name }: Named): string {
  return unitId(group, name ?? '*')
}

/** The name of a process in the output. */
export function shown({ group, name }: Named): string {
  return namespec(group, name ?? '*')
}

/** The line for a name that fits no process; `typed` is the name as the user wrote it. */
export function notFound({ group, name }: Named, typed = group, suggestion?: string): string {
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
  const what = name === undefined ? NO_SUCH_GROUP : ERRORS.NOT_FOUND.text
  return `${name === undefined ? group : typed}: ERROR (${what}${hint})`
}

type Known = Pick<ProcessObject, 'group' | 'name'>

/** What a word means among these processes: as in depends_on, the name of a program or group is all its processes. */
export function namedIn(text: string, processes: readonly Known[]): Named {
  const named = splitNamespec(text)
  const isThere = processes.some(({ group, name }) => group === named.group && name === named.name)
  const isGroup = !text.includes(':') && processes.some(({ group }) => group === text)
  return isGroup && !isThere ? { group: text, name: undefined } : named
}

/** The name nearest to an unknown one. */
export function suggestionFor(text: string, processes: readonly Known[]): string | undefined {
  const ends = new Map(processes.map(({ group, name }) => [name, namespec(group, name)] as const))
  const known = new Set(processes.flatMap(({ group, name }) => [namespec(group, name), group, name]))
  const found = nearest(text, known) ?? text
  return ends.get(found) ?? (found === text ? undefined : found)
}
