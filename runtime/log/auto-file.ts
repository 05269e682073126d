// Log files that kahi names itself (logfile = AUTO): `NAME-stdout---IDENTIFIER-abcd1234.log` in childlogdir. They
// outlive the daemon and are removed at its next start. Only files whose whole name has this form are removed;
// supervisord also removes files whose names only begin like it.

import { closeSync, lstatSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoCode } from '../system/files.ts'
import { atPlace } from '../system/guarded.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_'

/** The parts of the name of an AUTO file. */
export interface AutoFileName {
  readonly directory: string
  /** Name of the process. */
  readonly name: string
  readonly stream: 'stdout' | 'stderr'
  /** Identifier of the daemon. */
  readonly identifier: string
}

/** Creates an empty file that only its owner can read; gives its path. Throws the error of the system. */
export function createAutoFile(parts: AutoFileName): string {
  for (;;) {
    const name = parts.name.replaceAll('/', '_')
    const path = `${parts.directory}/${name}-${parts.stream}---${parts.identifier}-${randomLetters(8)}.log`
    try {
      atPlace(path, (place) => closeSync(openSync(place, 'wx', 0o600)))
      return path
    } catch (error) {
      if (errnoCode(error) !== 'EEXIST') throw error
    }
  }
}

/**
 * Removes AUTO files of earlier runs with the same identifier, and their rotated files; gives the removed paths. Files
 * that are `inUse` are kept, with their rotated files.
 */
export function removeStaleAutoFiles(
  directory: string,
  identifier: string,
  inUse: ReadonlySet<string> = new Set(),
): string[] {
  const isStale = (name: string): boolean =>
    isAutoFileName(name, identifier) && !inUse.has(`${directory}/${name.replace(/\.log\..*$/s, '.log')}`)
  try {
    // the directory is held open while its files are removed
    return atPlace(`${directory}/x`, (place) => {
      const held = dirname(place)
      const names = readdirSync(held).filter((name) => isStale(name) && removeRegularFile(`${held}/${name}`))
      return names.map((name) => `${directory}/${name}`)
    })
  } catch {
    return []
  }
}

function isAutoFileName(name: string, identifier: string): boolean {
  const stem = /^(.+)-[a-z0-9_]{8}\.log(?:\.\d+(?:\.gz)?|\.gz\.tmp)?$/s.exec(name)?.[1]
  if (stem === undefined) return false
  const endings = [`-stdout---${identifier}`, `-stderr---${identifier}`]
  return endings.some((ending) => stem.length > ending.length && stem.endsWith(ending))
}

function removeRegularFile(path: string): boolean {
  try {
    if (!lstatSync(path).isFile()) return false
    unlinkSync(path)
    return true
  } catch {
    return false
  }
}

/** Random letters only make names different. That the file is new is guaranteed by the kernel. */
function randomLetters(count: number): string {
  const letter = () => LETTERS.charAt(Math.floor(Math.random() * LETTERS.length))
  return Array.from({ length: count }, letter).join('')
}
