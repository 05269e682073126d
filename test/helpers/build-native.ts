// Builds of the native programs for tests. If there is a compiler, a build that fails is an error: a skipped test would
// hide it.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildNative, type BuildOptions, type NativeName, SANITIZERS } from '../../tools/build-native.ts'
import { root } from './kahi.ts'

/**
 * Builds a program. Gives its path; undefined if no compiler can build the smallest program with these flags. Throws if a
 * compiler can, but the build of the program fails.
 */
export function buildForTest(name: NativeName, outFile: string, options: BuildOptions = {}): string | undefined {
  if (!canCompile(options.sanitized === true)) return undefined
  if (buildNative(root, name, outFile, options) === undefined)
    throw new Error(`${name} cannot be built with ${(options.flags ?? []).join(' ')}: see standard error`)
  return outFile
}

function canCompile(sanitized: boolean): boolean {
  const flags = sanitized ? SANITIZERS : []
  const words = [...flags, '-x', 'c', '-o', '/dev/null', '-']
  return spawnSync('cc', words, { input: 'int main(void) { return 0; }\n' }).status === 0
}

/** The helper, as shipped and with sanitizers, in a directory. */
export function buildHelpers(directory: string): { native: string | undefined; sanitized: string | undefined } {
  const flags = ['-Werror']
  return {
    native: buildForTest('kahi-shim', join(directory, 'kahi-shim'), { flags }),
    sanitized: buildForTest('kahi-shim', join(directory, 'kahi-shim-sanitized'), { flags, sanitized: true }),
  }
}
