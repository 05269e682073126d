// Runs before the tiers that use dist/kahi. Builds dist/ again when it is missing or older than a source file.

import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const sources = ['config', 'converter', 'runtime', 'cli', 'tools', 'package.json']

/** Builds dist/ if necessary. Fails with the messages of the compiler. */
export default function buildFirst(): void {
  const built = modifiedMs(join(root, 'dist/kahi.js'))
  if (built !== undefined && sources.every((source) => newestMs(join(root, source)) < built)) return
  try {
    execFileSync(process.execPath, [join(root, 'tools/run.mjs'), 'tools/build.ts'], { cwd: root, stdio: 'inherit' })
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
