// Runs before all tests: what they write lies in one folder, which is removed after all tests.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Prepares the run; gives what ends it. Vitest calls it once for each tier; the first call does it. */
export default function setUp(): () => void {
  if (process.env.TEST_FOLDER !== undefined) return () => {}
  const folder = mkdtempSync(join(tmpdir(), 'kahi-'))
  chmodSync(folder, 0o711) // some tests run programs as other users
  process.env.TEST_FOLDER = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
