// Names as supervisorctl takes them: `name`, `group:name`, `group:*` or `group:`.

import { namespec } from '../../config/config.ts'

/** A name taken apart; `name` undefined means all of the group. */
export interface Named {
  readonly group: string
  readonly name: string | undefined
}

/** Takes a name apart. Source: supervisor 4.2.5, options.split_namespec. */
export function splitNamespec(text: string): Named {
  const colon = text.indexOf(':')
  if (colon < 0) return { group: text, name: text }
  const name = text.slice(colon + 1)
  return { group: text.slice(0, colon), name: name === '' || name === '*' ? undefined : name }
}

/** The path of a process at the daemon; the group is always named, so that nothing is guessed. */
export function processPath({ group, name }: Named): string {
  return `/api/v1/processes/${encodeURIComponent(`${group}:${name ?? '*'}`)}`
}

/** The path of a group at the daemon. */
export function groupPath(group: string): string {
  return `/api/v1/groups/${encodeURIComponent(group)}`
}

/** The path of a program that is in no file. */
export function programPath(name: string): string {
  return `/api/v1/programs/${encodeURIComponent(name)}`
}

/** How a process is shown. */
export function shown({ group, name }: { readonly group: string; readonly name: string | undefined }): string {
  return namespec(group, name ?? '*')
}
