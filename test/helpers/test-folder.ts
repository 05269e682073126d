// Where tests put files that several of them read: test/helpers/set-up.ts makes the folder and removes it at the end.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder, there until the whole run has ended. */
export function makeFolder(): string {
  return mkdtempSync(join(process.env.TEST_FOLDER ?? tmpdir(), 'kahi-'))
}
