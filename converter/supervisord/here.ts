// `%(here)s` in the old file and in the new one: the directory of the file that contains it. Source: supervisor 4.2.5,
// ServerOptions.read_config and read_include_config.

import { dirname, relative, resolve as resolvePath } from 'node:path'
import { isList, type Value } from '../../config/model/value.ts'
import { escapeAll, expand } from '../../config/values/expand.ts'
import type { IniEntry } from './read-ini.ts'

/** The directories of the sources. */
export interface Here {
  /** Absolute path of the main file. */
  readonly file: string
  readonly hasInclude: boolean
}

/**
 * If there is an [include], the text `%(here)s` is replaced before anything else, by the directory of the file that
 * contains it.
 */
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

/** When the TOML may be in another directory, `%(here)s` is replaced by the source's directory. */
export function fixHere(value: Value, here: string): Value {
  if (isList(value)) return value.map((item) => fixHere(item, here))
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fixHere(item, here)]))
  if (typeof value !== 'string') return value
  return value.replaceAll(/%%|%\(here\)[#0\- +]*\d*(?:\.\d+)?[srac]/g, (match) =>
    match === '%%' ? match : escapeAll(expand(match, { here })),
  )
}
