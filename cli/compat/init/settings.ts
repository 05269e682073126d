// Variables S6_* that are in the container's variables when the boot begins. s6-overlay reads its settings from there and not
// from the environment of its init, so a hook may write them. Source: s6-overlay 3.2.3.2, printcontenv and rc.init.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The settings in a directory of variables; none when it cannot be read. */
export function writtenSettings(directory: string): Readonly<Record<string, string>> {
  try {
    const names = readdirSync(directory).filter((name) => name.startsWith('S6_'))
    return Object.fromEntries(
      names.map((name) => [name, readFileSync(join(directory, name), 'utf8').replace(/\n$/, '')]),
    )
  } catch {
    return {}
  }
}
