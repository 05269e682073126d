// Compiles the native helper, runtime/shim/kahi-shim.c, with the first compiler that can: static where possible, so
// that the file also runs in images with another C library. Without a compiler kahi works with its fallback.

import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../runtime/shim/kahi-shim.c', import.meta.url))
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-s']
const COMPILERS = [['musl-gcc', '-static'], ['cc', '-static'], ['cc']]

const NOTICE = `kahi: no C compiler could build the native helper (kahi-shim); kahi will use its fallback without it.
kahi: lost: supplementary groups, exact exit statuses, reaping of orphans as PID 1, and speed.
kahi: install musl-tools or gcc and run "npm run build" again.
`

/**
 * Builds `outFile` and gives the command that did it (`musl-gcc -static`), or undefined when none could; then there
 * is a notice on stderr and no file. `flags` are added to the usual ones; `compilers` replaces the usual list.
 */
export function buildShim(outFile, { flags = [], compilers = COMPILERS } = {}) {
  mkdirSync(dirname(outFile), { recursive: true })
  const built = compilers.find((compiler) => compile(compiler, flags, outFile))
  if (built !== undefined) return built.join(' ')
  rmSync(outFile, { force: true })
  process.stderr.write(NOTICE)
  return undefined
}

/** Whether the compiler made the file. A file in use is replaced, not written to. */
function compile([program, ...mode], flags, outFile) {
  const made = `${outFile}.new`
  const result = spawnSync(program, [...mode, ...FLAGS, ...flags, '-o', made, SOURCE], { stdio: 'ignore' })
  if (result.status === 0) renameSync(made, outFile)
  else rmSync(made, { force: true })
  return result.status === 0
}
