// The names in a directory, with a limit: whoever may write there decides how many there are.

import { opendirSync } from 'node:fs'

/** Entries that the system gives at once. */
const AT_ONCE = 1024

/** At most `most` names, in no order; none where there is no directory that can be read. */
export function namesInDirectory(path: string, most: number): string[] {
  const names: string[] = []
  try {
    const directory = opendirSync(path, { bufferSize: AT_ONCE })
    try {
      while (names.length < most) {
        const entry = directory.readSync()
        if (entry === null) break
        names.push(entry.name)
      }
    } finally {
      directory.closeSync()
    }
  } catch {
    return names
  }
  return names
}
