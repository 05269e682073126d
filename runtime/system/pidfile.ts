// The file with the process id for other programs.

import { rmSync } from 'node:fs'
import { errnoCode } from './files.ts'
import { atPlace, readGuarded, replaceGuarded } from './guarded.ts'

/** More than any process id has. */
const PID_BYTES = 32

/** A pidfile, and the reason why it could not be written. */
export interface Pidfile {
  readonly error?: string
  /** Removes the file unless it has another process id. It may be there without having been written now: after a crash with `survive`. */
  readonly remove: () => void
}

/** Writes a new file and renames it to the path. */
export function writePidfile(file: string, pid: number): Pidfile {
  const remove = (): void => removeOwn(file, pid)
  try {
    replaceGuarded(file, `${pid}\n`, 0o644, `${file}.${pid}`)
    return { remove }
  } catch (error) {
    return { error: errnoCode(error), remove }
  }
}

function removeOwn(file: string, pid: number): void {
  try {
    if (readGuarded(file, PID_BYTES).toString().trim() === String(pid)) atPlace(file, (place) => rmSync(place))
  } catch {
    // it was removed already, or may not be removed
  }
}
