// `%(here)s` in the old file and in the new one: the directory of the file it stands in.
// Source: supervisor 4.2.5, ServerOptions.read_config and read_include_config.

import { dirname, relative, resolve as resolvePath } from 'node:path'
import type { Value } from '../../config/document.ts'
import { escapeAll, expand } from '../../config/expand.ts'
import type { IniEntry } from './read-ini.ts'

/** Where the sources are. */
export interface Here {
  /** The main file, absolute. */
  readonly file: string
  readonly hasInclude: boolean
}

/** With an [include], the text `%(here)s` is replaced before anything else, by the directory of the file it stands in. */
export function placeHere(entry: IniEntry, { file, hasInclude }: Here, allowed: readonly string[] | undefined): string {
  if (!hasInclude || allowed?.includes('here') === false || !entry.value.includes('%(here)s')) return entry.value
  if (resolvePath(entry.place.file) === file) return entry.value
  const directory = dirname(resolvePath(entry.place.file))
  const inside = relative(dirname(file), directory)
  const place = inside.startsWith('..')
    ? escapeAll(directory)
    : `%(here)s${inside === '' ? '' : `/${escapeAll(inside)}`}`
  return entry.value.replaceAll('%(here)s', () => place)
}

/** Where the TOML may not lie beside the source, `%(here)s` becomes the source's directory. */
export function fixHere(value: Value, here: string): Value {
  if (Array.isArray(value)) return value.map((item) => fixHere(item, here))
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fixHere(item, here)]))
  if (typeof value !== 'string') return value
  return value.replaceAll(/%%|%\(here\)[#0\- +]*\d*(?:\.\d+)?[srac]/g, (match) =>
    match === '%%' ? match : escapeAll(expand(match, { here })),
  )
}
