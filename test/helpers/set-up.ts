// Runs before all tests: their files are in one folder, which is removed after all tests.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Prepares the run; gives the function that ends it. Vitest calls this once for each tier; only the first call has an effect. */
export default function setUp(): () => void {
  if (process.env.TEST_FOLDER !== undefined) return () => {}
  const folder = mkdtempSync(join(tmpdir(), 'kahi-'))
  chmodSync(folder, 0o711) // some tests run programs as other users
  process.env.TEST_FOLDER = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
