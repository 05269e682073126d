// Compilers for the processors of the packages. The programs are linked with musl, because a static glibc cannot look up users
// and groups. For a processor other than that of this machine, the build uses Debian's cross compiler and the musl of that
// processor. If this musl is not installed, apt downloads it into a cache.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Compiler } from './build-native.ts'

/** The triple of GNU's tools and Debian's name for each processor, by Node's name. */
export const PROCESSORS = {
  x64: { triple: 'x86_64-linux', debian: 'amd64' },
  arm64: { triple: 'aarch64-linux', debian: 'arm64' },
} as const

/** A processor for which packages are made. */
export type Processor = keyof typeof PROCESSORS

/** The folder for downloads that are kept between builds: $KAHI_BUILD_CACHE, or kahi-build in the user's cache folder. */
export function buildCache(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = process.env.KAHI_BUILD_CACHE || join(base, 'kahi-build')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The compiler that makes static programs for a processor. If there is none, a text that says what is missing. */
export function compilerFor(processor: Processor): Compiler | string {
  if (processor === process.arch) return has('musl-gcc') ? ['musl-gcc', '-static'] : 'no musl-gcc (Debian: musl-tools)'
  const { triple } = PROCESSORS[processor]
  const program = `${triple}-gnu-gcc`
  if (!has(program)) return `no ${program} (Debian: gcc-${triple.replace('_', '-')}-gnu)`
  const specs = muslSpecs(processor)
  return specs === undefined
    ? `no musl for ${processor}: apt could not fetch musl-dev`
    : [program, '-specs', specs, '-static']
}

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

/** The specs with which a gcc for glibc uses musl: the specs of musl-dev, with the paths of the unpacked package. */
function muslSpecs(processor: Processor): string | undefined {
  const own = `usr/lib/${PROCESSORS[processor].triple}-musl/musl-gcc.specs`
  if (existsSync(join('/', own))) return join('/', own)
  const root = debianPackage(processor, 'musl-dev')
  if (root === undefined) return undefined
  const specs = `${root}.specs`
  const made = `${specs}-${process.pid}.tmp`
  writeFileSync(made, readFileSync(join(root, own), 'utf8').replaceAll(/(?<=[ L])\/usr\//g, `${root}/usr/`))
  renameSync(made, specs)
  return specs
}

/** The licence of musl, which is part of every static program. */
export function muslLicense(processor: Processor): string {
  const own = 'usr/share/doc/musl-dev/copyright'
  const folders = ['/', ...[debianPackage(processor, 'musl-dev')].filter((folder) => folder !== undefined)]
  const path = folders.map((folder) => join(folder, own)).find((file) => existsSync(file))
  if (path === undefined) throw new Error(`no licence of musl in ${folders.join(' and ')}`)
  return readFileSync(path, 'utf8')
}

/**
 * The folder with the files of a Debian package for a processor. apt downloads the package and does not change this system.
 * Undefined when apt fails.
 */
export function debianPackage(processor: Processor, name: string): string | undefined {
  const kept = join(buildCache(), `${name}-${processor}`)
  if (existsSync(kept)) return kept
  const { debian } = PROCESSORS[processor]
  const folder = mkdtempSync(join(tmpdir(), 'kahi-apt-'))
  try {
    const apt = aptFor(debian, folder)
    if (!apt('update') || !apt('download', `${name}:${debian}`)) return undefined
    const packed = readdirSync(folder).find((file) => file.endsWith('.deb'))
    const unpacked = `${kept}-${process.pid}.tmp`
    if (packed === undefined || spawnSync('dpkg', ['-x', join(folder, packed), unpacked]).status !== 0) return undefined
    keep(unpacked, kept)
    return kept
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Moves a folder into the cache, unless another build was faster. */
function keep(folder: string, kept: string): void {
  try {
    renameSync(folder, kept)
  } catch (error) {
    if (!existsSync(kept)) throw error
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs apt-get for another architecture. Its lists of packages are in the cache; its other files are in `folder`. apt fails while
 * another apt uses the lists, so builds at the same time wait for each other (flock is in util-linux, which Debian always has).
 */
function aptFor(debian: string, folder: string): (...words: string[]) => boolean {
  const lists = join(buildCache(), `apt-${debian}`)
  for (const path of [join(lists, 'partial'), join(folder, 'cache/archives/partial')])
    mkdirSync(path, { recursive: true })
  const options = [
    `APT::Architecture=${debian}`,
    `APT::Architectures::=${debian}`,
    'APT::Sandbox::User=root',
    'Dir::State::status=/dev/null',
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${join(folder, 'cache')}`,
  ].flatMap((option) => ['-o', option])
  return (...words) => {
    const locked = [`${lists}.lock`, 'apt-get', '-qq', ...options, ...words]
    return spawnSync('flock', locked, { cwd: folder, stdio: 'ignore' }).status === 0
  }
}
