// Where this program and its native helper lie: kahi.js, whichever chunk of the bundle asks, and beside it.

import { dirname, join } from 'node:path'

/** The path of kahi-shim. */
export function shimPath(): string {
  return join(dirname(process.argv[1] ?? '.'), 'kahi-shim')
}

/** The words that start this program. */
export function thisProgram(): readonly string[] {
  return [process.execPath, process.argv[1] ?? 'kahi.js']
}
