// The name `group:name` of a process: this module makes such names, splits them, and formats them.

/** The two parts of the name of a process. */
export interface ProcessName {
  readonly group: string
  readonly name: string
}

/** The id of a unit, always `group:name`; a oneshot is alone in a group of its own name. */
export function unitId(group: string, name: string): string {
  return `${group}:${name}`
}

/** The parts of `group:name`. A group has no `:` in its name, so the first one separates. */
export function splitUnitId(id: string): ProcessName {
  const colon = id.indexOf(':')
  return { group: id.slice(0, colon), name: id.slice(colon + 1) }
}

/** Whether the text has the form `group:name`; else it is the name of a group, program or bundle. */
export function isUnitId(text: string): boolean {
  return text.includes(':')
}

/** `group:name`, or just the name when both are equal. Source: supervisor 4.2.5, make_namespec. */
export function namespec(group: string, name: string): string {
  return group === name ? name : unitId(group, name)
}

/** The id of a unit as users see it; see namespec. */
export function showUnit(id: string): string {
  const { group, name } = splitUnitId(id)
  return namespec(group, name)
}

/** A process, or with `name` undefined all processes of a group. */
export interface Named {
  readonly group: string
  readonly name: string | undefined
}

/**
 * The meaning of a client's text: `x` is the process x of the group x, `g:` and `g:*` are all processes of g. Source:
 * supervisor 4.2.5, options.split_namespec.
 */
export function splitNamespec(text: string): Named {
  if (!isUnitId(text)) return { group: text, name: text }
  const { group, name } = splitUnitId(text)
  return { group, name: name === '' || name === '*' ? undefined : name }
}

/**
 * Prefix of the names of services that kahi adds to an image. s6-rc does not allow it for other services. Source: s6-rc
 * 0.7, s6-rc-compile.
 */
export const OWN_PREFIX = 's6rc-'
