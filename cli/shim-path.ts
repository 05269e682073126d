// Where the native helper lies: beside kahi.js, whichever chunk of the bundle asks.

import { dirname, join } from 'node:path'

/** The path of kahi-shim. */
export function shimPath(): string {
  return join(dirname(process.argv[1] ?? '.'), 'kahi-shim')
}
