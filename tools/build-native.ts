// Compiles the native programs: the launcher, the helper and the commands of s6. The build tries the compilers in turn until one
// succeeds. The programs are static if possible, so they also run in images with another C library or none. Without a compiler
// kahi works with a script as its launcher and with its fallback, and has no commands of s6.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the sources of each native program, in the checkout. */
export const NATIVE = {
  kahi: 'cli/launcher',
  'kahi-shim': 'runtime/shim/native',
  'kahi-s6': 'runtime/s6-tools',
} as const

/** The name of a native program. */
export type NativeName = keyof typeof NATIVE

/** A compiler, and its first arguments. */
export type Compiler = readonly [program: string, ...mode: string[]]

/** Differences from the usual build. */
export interface BuildOptions {
  /** Added to the usual flags. */
  readonly flags?: readonly string[]
  /** Used instead of the usual compilers. */
  readonly compilers?: readonly Compiler[]
  /** A build for tests: it exits with a report after a wrong use of memory and after undefined behaviour of C. */
  readonly sanitized?: boolean
}

/** With these flags a memory error ends the program: guarded stacks, checked copies, read-only tables. */
const HARDENING = ['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-Wl,-z,relro,-z,now,-z,noexecstack']
/** A call of a function without declaration is an error: it would cut a pointer to an int. */
const STRICT = ['-Werror=implicit-function-declaration', '-Werror=int-conversion']
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', ...STRICT, ...HARDENING]
const COMPILERS: readonly Compiler[] = [['musl-gcc', '-static'], ['cc', '-static'], ['cc']]
const STRIPPED = ['-s']
/** Not static. Without the checked copies of the usual build, because they would hide the place of a mistake. */
export const SANITIZERS = ['-g', '-U_FORTIFY_SOURCE', '-fno-sanitize-recover=all', '-fsanitize=address,undefined']
const SANITIZER_COMPILERS: readonly Compiler[] = [['cc']]

const NOTICE = `kahi: no C compiler could build the native programs (kahi, kahi-shim, kahi-s6); kahi will use its fallbacks.
kahi: lost: supplementary groups, exact exit statuses, reaping of orphans as PID 1, the commands of s6, and speed.
kahi: install musl-tools or gcc and run "npm run build" again.
`

/**
 * Builds all native programs into `folder`. Gives the command that built the helper (`musl-gcc -static`). If no compiler
 * succeeds, prints a notice on stderr and gives undefined.
 */
export function buildAllNative(root: string, folder: string, options: BuildOptions = {}): string | undefined {
  const names = Object.keys(NATIVE) as NativeName[]
  const built = names.map((name) => buildNative(root, name, join(folder, name), options))
  if (built.includes(undefined)) process.stderr.write(NOTICE)
  return built.includes(undefined) ? undefined : built[0]
}

/**
 * Builds `outFile` from the sources below `root`, the checkout. Gives the command that succeeded. If no compiler succeeds,
 * makes no file, prints the last compiler's output on stderr, and gives undefined.
 */
export function buildNative(
  root: string,
  name: NativeName,
  outFile: string,
  { flags = [], sanitized = false, compilers = sanitized ? SANITIZER_COMPILERS : COMPILERS }: BuildOptions = {},
): string | undefined {
  const folder = join(root, NATIVE[name])
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.c'))
  const sources = names.sort().map((file) => join(folder, file))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  mkdirSync(dirname(outFile), { recursive: true })
  const said: string[] = []
  const form = sanitized ? SANITIZERS : STRIPPED
  const words = [`-DKAHI_VERSION="${version}"`, ...form, ...flags, ...sources]
  const built = compilers.find((compiler) => compile(compiler, words, outFile, said))
  if (built === undefined) {
    rmSync(outFile, { force: true })
    process.stderr.write(said.at(-1) ?? '')
  }
  return built?.join(' ')
}

/**
 * Runs a compiler. Gives whether it made the file; otherwise adds its output to `said`. Replaces an old file and does not
 * overwrite it, because the old file may be in use.
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
