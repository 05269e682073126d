// Finds the cgroups of this process: reads /proc/self/mountinfo and /proc/self/cgroup.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One cgroup hierarchy: the directory of this process in it, and the controllers that are available there. */
export interface Hierarchy {
  readonly version: 1 | 2
  readonly directory: string
  readonly controllers: readonly string[]
}

/**
 * All mounted hierarchies, version 2 first. `proc` is the directory with `mountinfo` and `cgroup`. Throws the error of
 * the system.
 */
export function hierarchies(proc: string): readonly Hierarchy[] {
  const places = readFileSync(join(proc, 'cgroup'), 'utf8').split('\n').flatMap(parsePlace)
  const found = readFileSync(join(proc, 'mountinfo'), 'utf8')
    .split('\n')
    .flatMap((line) => parseMount(line, places))
  return found.sort((a, b) => b.version - a.version)
}

interface Place {
  /** Empty for version 2. */
  readonly controllers: readonly string[]
  readonly path: string
}

function parsePlace(line: string): Place[] {
  const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
  return names === undefined || path === undefined ? [] : [{ controllers: names.split(',').filter(Boolean), path }]
}

/** `36 25 0:31 ROOT MOUNTPOINT rw shared:1 - cgroup2 cgroup2 rw,OPTIONS`. */
function parseMount(line: string, places: readonly Place[]): Hierarchy[] {
  const [left = '', right = ''] = line.split(' - ')
  const [, , , root = '', point = ''] = left.split(' ')
  const [type, , options = ''] = right.split(' ')
  if (type === 'cgroup2') {
    const path = places.find(({ controllers }) => controllers.length === 0)?.path
    const directory = inside(unescapeOctal(point), root, path ?? '/')
    return [{ version: 2, directory, controllers: controllersOf(directory) }]
  }
  if (type !== 'cgroup') return []
  const controllers = options.split(',')
  const place = places.find((candidate) => candidate.controllers.some((name) => controllers.includes(name)))
  return [{ version: 1, directory: inside(unescapeOctal(point), root, place?.path ?? '/'), controllers }]
}

function controllersOf(directory: string): readonly string[] {
  try {
    return readFileSync(join(directory, 'cgroup.controllers'), 'utf8').trim().split(/\s+/)
  } catch {
    return []
  }
}

/** The directory of this process: its cgroup path, relative to the directory that is mounted. */
function inside(point: string, root: string, path: string): string {
  if (root === '/') return join(point, path)
  return path === root || path.startsWith(`${root}/`) ? join(point, path.slice(root.length)) : point
}

/** Replaces escapes: `\040` is a blank. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
