// Runs before all tests: most of them go through dist/kahi, so it is built anew when it is missing or older than a
// source file. What they write lies in one folder, which is removed after all tests.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const sources = ['config', 'converter', 'runtime', 'cli', 'tools', 'package.json']

/** Prepares the run; gives what ends it. */
export default function setUp(): () => void {
  buildFirst()
  const folder = mkdtempSync(join(tmpdir(), 'kahi-'))
  chmodSync(folder, 0o711) // some tests run programs as other users
  process.env.TEST_FOLDER = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** Builds dist/ when it is needed; fails with the compiler's own words. */
function buildFirst(): void {
  const built = modifiedMs(join(root, 'dist/kahi.js'))
  if (built !== undefined && sources.every((source) => newestMs(join(root, source)) < built)) return
  try {
    execFileSync(process.execPath, [join(root, 'tools/build.mjs')], { cwd: root, stdio: 'inherit' })
  } catch (error) {
    throw new Error(`dist/kahi is missing or old and cannot be built: ${String(error)}`)
  }
}

function newestMs(path: string): number {
  if (!statSync(path).isDirectory()) return modifiedMs(path) ?? 0
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

function modifiedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}
