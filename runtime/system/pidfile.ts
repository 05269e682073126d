// The file that tells other programs our process id.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { errnoCode } from './files.ts'

/** A written pidfile, or why it could not be written. */
export type Pidfile = { readonly remove: () => void } | { readonly error: string }

/** Writes the file beside its place and moves it there. `remove` leaves a file alone that names another process. */
export function writePidfile(file: string, pid: number): Pidfile {
  const fresh = `${file}.${pid}`
  try {
    writeFileSync(fresh, `${pid}\n`, { mode: 0o644 })
    renameSync(fresh, file)
  } catch (error) {
    rmSync(fresh, { force: true })
    return { error: errnoCode(error) }
  }
  return { remove: () => removeOwn(file, pid) }
}

function removeOwn(file: string, pid: number): void {
  try {
    if (readFileSync(file, 'utf8').trim() === String(pid)) rmSync(file)
  } catch {
    // Somebody removed it, or will not let us.
  }
}
