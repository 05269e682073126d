// Compiles the native helper, runtime/shim/native/, and the commands of s6 and execline, runtime/s6-tools/, with the first compiler
// that can: static where possible, so that the files also run in images with another C library. Without a compiler kahi
// works with its fallback, and has no commands of s6.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

const SHIM = 'runtime/shim/native'
const TOOLS = 'runtime/s6-tools'
/** A program, and arguments before all others. */
type Compiler = readonly [program: string, ...mode: string[]]

/** Differences from the usual build. */
export interface BuildOptions {
  /** Added to the usual flags. */
  readonly flags?: readonly string[]
  /** Used instead of the usual compilers. */
  readonly compilers?: readonly Compiler[]
  /** A build for tests, which reports wrong uses of memory and what C leaves undefined, and ends then. */
  readonly sanitized?: boolean
}

/** A memory error ends the program: guarded stacks, checked copies, read-only tables. */
const HARDENING = ['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-Wl,-z,relro,-z,now,-z,noexecstack']
/** A function without its declaration would be called with a pointer cut to an int. */
const STRICT = ['-Werror=implicit-function-declaration', '-Werror=int-conversion']
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', ...STRICT, ...HARDENING]
const COMPILERS: readonly Compiler[] = [['musl-gcc', '-static'], ['cc', '-static'], ['cc']]
const STRIPPED = ['-s']
/** Not static; the checked copies of the usual build would hide the place of a mistake. */
const SANITIZERS = ['-g', '-U_FORTIFY_SOURCE', '-fno-sanitize-recover=all', '-fsanitize=address,undefined']
const SANITIZER_COMPILERS: readonly Compiler[] = [['cc']]

const NOTICE = `kahi: no C compiler could build the native helper (kahi-shim); kahi will use its fallback without it.
kahi: lost: supplementary groups, exact exit statuses, reaping of orphans as PID 1, and speed.
kahi: install musl-tools or gcc and run "npm run build" again.
`

/**
 * Builds `outFile` of the sources below `root`, the checkout. Gives the command that did it (`musl-gcc -static`), or undefined
 * when none could; then there is a notice on stderr and no file.
 */
export function buildShim(root: string, outFile: string, options: BuildOptions = {}): string | undefined {
  const built = build(outFile, join(root, SHIM), options)
  if (built === undefined) process.stderr.write(NOTICE)
  return built
}

/** Builds the commands of s6 as `outFile`, as buildShim does, but without a notice where there is no compiler. */
export function buildTools(root: string, outFile: string, options: BuildOptions = {}): string | undefined {
  return build(outFile, join(root, TOOLS), options)
}

function build(
  outFile: string,
  folder: string,
  { flags = [], sanitized = false, compilers = sanitized ? SANITIZER_COMPILERS : COMPILERS }: BuildOptions,
): string | undefined {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.c'))
  const sources = names.map((name) => join(folder, name))
  mkdirSync(dirname(outFile), { recursive: true })
  const said: string[] = []
  const words = [...(sanitized ? SANITIZERS : STRIPPED), ...flags, ...sources]
  const built = compilers.find((compiler) => compile(compiler, words, outFile, said))
  if (built === undefined) {
    rmSync(outFile, { force: true })
    process.stderr.write(said.at(-1) ?? '')
  }
  return built?.join(' ')
}

/**
 * Whether the compiler made the file; otherwise its output is added to `said`. A file in use is replaced, not
 * overwritten.
 */
function compile([program, ...mode]: Compiler, words: readonly string[], outFile: string, said: string[]): boolean {
  const made = `${outFile}.new`
  const result = spawnSync(program, [...mode, ...FLAGS, '-o', made, ...words], { encoding: 'utf8' })
  if (result.status === 0) renameSync(made, outFile)
  else {
    rmSync(made, { force: true })
    if (result.stderr) said.push(result.stderr)
  }
  return result.status === 0
}
