// Formats the C sources of the native programs with clang-format. `--check` changes no file and exits with 1
// when a file would change. Without the required version of clang-format it prints a message and exits with 3.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { NATIVE } from './build-native.ts'

/** The required version, that of Debian 12. Other versions format differently. */
const VERSION = '14'

export function main(argv: readonly string[], root: string): number {
  const missing = obstacle()
  if (missing !== undefined) {
    process.stderr.write(`C sources are not formatted: ${missing}\n`)
    return 3
  }
  const mode = argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i']
  const sources = Object.values(NATIVE).flatMap((folder) => nativeSources(join(root, folder)))
  return spawnSync('clang-format', [...mode, ...sources], { cwd: root, stdio: 'inherit' }).status === 0 ? 0 : 1
}

/** The reason why this machine cannot format C; undefined when it can. */
function obstacle(): string | undefined {
  const { stdout, error } = spawnSync('clang-format', ['--version'], { encoding: 'utf8' })
  if (error !== undefined) return 'clang-format is not installed (Debian package clang-format)'
  const version = /version (\d+)/.exec(stdout)?.[1]
  return version === VERSION ? undefined : `clang-format ${VERSION} decides, and this is ${version ?? 'unknown'}`
}

function nativeSources(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.[ch]$/.test(name)).map((name) => join(folder, name))
}
