// Compilers for the processors that packages are made for. The programs are linked with musl: glibc cannot be linked statically
// where users and groups are looked up. For another processor than this machine's, Debian's cross compiler and
// the musl of that processor are used; apt fetches the latter into a cache where it is not installed.

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

/** Processors, by Node's name: the triple of GNU's tools, and Debian's name. */
export const PROCESSORS = {
  x64: { triple: 'x86_64-linux', debian: 'amd64' },
  arm64: { triple: 'aarch64-linux', debian: 'arm64' },
} as const

/** A processor that packages are made for. */
export type Processor = keyof typeof PROCESSORS

/** Downloads that are kept between builds: $KAHI_BUILD_CACHE, else kahi-build in the user's cache folder. */
export function buildCache(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = process.env.KAHI_BUILD_CACHE || join(base, 'kahi-build')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The compiler that makes static programs for a processor; a text says what is missing. */
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

/** The specs that make a gcc for glibc use musl: those of musl-dev, with the paths of where that package lies. */
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
 * The folder with the files of a Debian package for a processor. apt fetches it without a change to this system; undefined when it
 * cannot.
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
 * apt-get for another architecture. Its lists of packages are in the cache; its other files are in `folder`. apt fails while another
 * one has the lists, so that builds at the same time wait for each other (flock is in util-linux, which Debian always has).
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
