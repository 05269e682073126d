// Keeps an installation inside the root that was named: an image may have links that lead out of it, to the same
// directories of this machine.

import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The first of the paths whose directory is not inside `root`, links followed; undefined when all are. */
export function firstOutside(root: string, paths: readonly string[]): string | undefined {
  const real = realOf(root)
  const start = real.endsWith('/') ? real : `${real}/`
  return paths.find((path) => !`${realOf(dirname(path))}/`.startsWith(start))
}

/** The directory without links. What does not exist yet stays as it is; a link that leads nowhere gives an empty text. */
function realOf(directory: string): string {
  try {
    return realpathSync(directory)
  } catch {
    const isThere = lstatSync(directory, { throwIfNoEntry: false }) !== undefined
    return isThere ? '' : join(realOf(dirname(directory)), basename(directory))
  }
}
