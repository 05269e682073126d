// Builds native/linux-x64 and native/linux-arm64: the native programs in the npm package. With them its installation
// needs no compiler. `npm pack` runs this first. The finished folders are moved into place at the end.

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAllNative } from './build-native.ts'
import { compilerFor, muslLicense, type Processor, PROCESSORS } from './cross.ts'

/** Builds the programs for all processors in folders below `folder`. Gives a sentence for each processor that fails. */
export function buildPrebuilt(root: string, folder: string): readonly string[] {
  const missing: string[] = []
  for (const processor of Object.keys(PROCESSORS) as Processor[]) {
    const compiler = compilerFor(processor)
    const own = join(folder, `linux-${processor}`)
    const built = typeof compiler === 'string' ? undefined : build(root, own, compiler)
    if (built !== undefined) writeFileSync(join(own, 'LICENSE.musl'), muslLicense(processor))
    if (built === undefined)
      missing.push(`no programs for ${processor}: ${typeof compiler === 'string' ? compiler : 'they do not compile'}`)
  }
  return missing
}

function build(
  root: string,
  folder: string,
  compiler: Exclude<ReturnType<typeof compilerFor>, string>,
): string | undefined {
  return buildAllNative(root, folder, { compilers: [compiler] })
}

/** Builds them in the checkout. For a processor that fails, the installation of the package compiles the programs. */
export function main(_argv: readonly string[], root: string): number {
  const fresh = join(root, `native-${process.pid}.tmp`)
  try {
    for (const sentence of buildPrebuilt(root, fresh))
      process.stderr.write(`${sentence}; the package is made without them\n`)
    rmSync(join(root, 'native'), { recursive: true, force: true })
    if (existsSync(fresh)) renameSync(fresh, join(root, 'native'))
    return 0
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
