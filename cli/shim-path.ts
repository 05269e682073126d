// The paths of this program (kahi.js) and of its native helper beside it, for every chunk of the bundle.

import { dirname, join } from 'node:path'

/** The path of kahi-shim. */
export function shimPath(): string {
  return join(dirname(process.argv[1] ?? '.'), 'kahi-shim')
}

/** The command that starts this program. */
export function thisProgram(): readonly string[] {
  return [process.execPath, process.argv[1] ?? 'kahi.js']
}
