// The folder for files that several tests read. test/helpers/set-up.ts makes the folder and removes it at the end.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder, which exists until the whole run has ended. */
export function makeFolder(): string {
  return mkdtempSync(join(process.env.TEST_FOLDER ?? tmpdir(), 'kahi-'))
}
