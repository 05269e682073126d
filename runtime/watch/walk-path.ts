// Follows a path through all its symbolic links, as the kernel does, and notes the directories in which a change could
// lead it elsewhere: those that contain a link of the way, the file itself, or would contain what is missing.

import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Directory → the names in it that matter; '' stands for all names. */
export type Interests = Map<string, Set<string>>

/** What a look has come across, and how much it may still do: others may own the files, and make a look long. */
export interface Trail {
  readonly interests: Interests
  /** A name costs a step, a link and a long path some more; below 0 the look is over. */
  stepsLeft: number
}

/** The end of a path. */
export interface Destination {
  /** Without links. */
  readonly path: string
  readonly stats: BigIntStats
  /** When the file, or a link on the way, was changed last; wall-clock time in milliseconds. */
  readonly changedMs: number
}

/** Source: Linux, path_resolution(7): MAXSYMLINKS. */
const MOST_LINKS = 40

/** The system needs longer for longer paths: so many characters are another step. */
const STEP_CHARACTERS = 256

/** Adds a name in a directory. */
export function interestedIn(interests: Interests, directory: string, name: string): void {
  const names = interests.get(directory) ?? new Set()
  interests.set(directory, names.add(name))
}

/**
 * Follows a path that begins at `from`, a directory without links; undefined when it leads nowhere, or when no steps are
 * left. Adds to `interests`.
 */
export function walkPath(path: string, trail: Trail, from = '/'): Destination | undefined {
  const { interests } = trail
  const rest = partsOf(path)
  let at = from
  let links = 0
  let linkedMs = 0
  let stats = lstatSync('/', { bigint: true })
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(at, name)
    trail.stepsLeft -= 1 + Math.floor(next.length / STEP_CHARACTERS)
    if (trail.stepsLeft < 0) return undefined
    try {
      stats = lstatSync(next, { bigint: true })
    } catch {
      interestedIn(interests, at, name)
      return undefined
    }
    if (stats.isSymbolicLink()) {
      interestedIn(interests, at, name)
      links += 1
      trail.stepsLeft -= 1
      linkedMs = Math.max(linkedMs, Number(stats.ctimeMs))
      if (links > MOST_LINKS) return undefined
      const target = linkOf(next)
      if (target.startsWith('/')) at = '/'
      rest.unshift(...partsOf(target))
    } else {
      if (rest.length === 0 || !stats.isDirectory()) interestedIn(interests, at, name)
      if (rest.length > 0 && !stats.isDirectory()) return undefined
      at = next
    }
  }
  return { path: at, stats, changedMs: Math.max(linkedMs, Number(stats.ctimeMs)) }
}

/** Empty for a link that was removed meanwhile: the next look finds what is there then. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
