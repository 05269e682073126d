// The file with the process id for other programs.

import { rmSync } from 'node:fs'
import { errnoCode } from './files.ts'
import { atPlace, readGuarded, replaceGuarded } from './guarded.ts'

/** More than any process id has. */
const PID_BYTES = 32

/** A written pidfile, or the reason why it could not be written. */
export type Pidfile = { readonly remove: () => void } | { readonly error: string }

/** Writes a new file and renames it to the path. `remove` does not remove a file with another process id. */
export function writePidfile(file: string, pid: number): Pidfile {
  try {
    replaceGuarded(file, `${pid}\n`, 0o644, `${file}.${pid}`)
  } catch (error) {
    return { error: errnoCode(error) }
  }
  return { remove: () => removeOwn(file, pid) }
}

function removeOwn(file: string, pid: number): void {
  try {
    if (readGuarded(file, PID_BYTES).toString().trim() === String(pid)) atPlace(file, (place) => rmSync(place))
  } catch {
    // it was removed already, or may not be removed
  }
}
