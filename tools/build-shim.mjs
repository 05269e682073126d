// Compiles the native helper, runtime/shim/native/, and the commands of s6, runtime/s6-tools/, with the first compiler
// that can: static where possible, so that the files also run in images with another C library. Without a compiler kahi
// works with its fallback, and has no commands of s6.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SHIM = fileURLToPath(new URL('../runtime/shim/native', import.meta.url))
const TOOLS = fileURLToPath(new URL('../runtime/s6-tools', import.meta.url))
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
  const built = build(outFile, SHIM, flags, compilers)
  if (built === undefined) process.stderr.write(NOTICE)
  return built
}

/** Builds the commands of s6 as `outFile`, as buildShim does, but without a notice where there is no compiler. */
export function buildTools(outFile, { flags = [], compilers = COMPILERS } = {}) {
  return build(outFile, TOOLS, flags, compilers)
}

function build(outFile, folder, flags, compilers) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.c'))
  const sources = names.map((name) => join(folder, name))
  mkdirSync(dirname(outFile), { recursive: true })
  const said = []
  const built = compilers.find((compiler) => compile(compiler, [...flags, ...sources], outFile, said))
  if (built === undefined) {
    rmSync(outFile, { force: true })
    process.stderr.write(said.at(-1) ?? '')
  }
  return built?.join(' ')
}

/** Whether the compiler made the file; else what it said is added to `said`. A file in use is replaced, not written to. */
function compile([program, ...mode], words, outFile, said) {
  const made = `${outFile}.new`
  const result = spawnSync(program, [...mode, ...FLAGS, '-o', made, ...words], { encoding: 'utf8' })
  if (result.status === 0) renameSync(made, outFile)
  else {
    rmSync(made, { force: true })
    if (result.stderr) said.push(result.stderr)
  }
  return result.status === 0
}
