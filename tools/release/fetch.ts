// Downloads the parts of a release that other projects make: Node.js from npm, and its C libraries from Debian. Downloads are
// kept in the build cache.

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildCache, debianPackage, type Processor, PROCESSORS } from '../cross.ts'
import type { Entry, Tree } from './tree.ts'

/** The Node.js of releases: the current version with long-term support. */
export const NODE_VERSION = '24.22.3'

/** The libraries that Node.js needs, and their packages in Debian. */
const LIBRARIES = {
  libc6: ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0'],
  'libgcc-s1': ['libgcc_s.so.1'],
  'libstdc++6': ['libstdc++.so.6'],
} as const
const LOADERS = { x64: 'lib64/ld-linux-x86-64.so.2', arm64: 'lib/ld-linux-aarch64.so.1' } as const

/** The path of the official `node` of a version. If the cache lacks it, it is downloaded from npm with its licence. */
export function nodeOf(processor: Processor, version: string): string {
  const kept = join(buildCache(), `node-linux-${processor}-${version}`)
  const license = `${kept}.LICENSE`
  if (existsSync(kept) && existsSync(license)) return kept
  const folder = mkdtempSync(join(tmpdir(), 'kahi-node-'))
  try {
    const options = { cwd: folder, stdio: 'pipe', encoding: 'utf8' } as const
    execFileSync('npm', ['pack', '--silent', `node-linux-${processor}@${version}`], options)
    const [packed = ''] = readdirSync(folder)
    execFileSync('tar', ['xzf', packed, 'package/bin/node', 'package/LICENSE'], options)
    putInto(join(folder, 'package/LICENSE'), license, '644')
    putInto(join(folder, 'package/bin/node'), kept, '755')
    return kept
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The `node` of releases without its symbols, and its licence. */
export function privateNode(processor: Processor): Tree {
  const license = readFileSync(`${nodeOf(processor, NODE_VERSION)}.LICENSE`)
  return new Map([
    ['node', strippedNode(processor)],
    ['LICENSE.node', { content: license, mode: 0o644 }],
  ])
}

function strippedNode(processor: Processor): Entry {
  const stripped = join(buildCache(), `node-linux-${processor}-${NODE_VERSION}-stripped`)
  if (!existsSync(stripped)) {
    const made = `${stripped}-${process.pid}.tmp`
    const program = processor === process.arch ? 'strip' : `${PROCESSORS[processor].triple}-gnu-strip`
    execFileSync(program, ['-o', made, nodeOf(processor, NODE_VERSION)])
    renameSync(made, stripped)
  }
  return { content: readFileSync(stripped), mode: 0o755 }
}

/** The C libraries that Node.js needs, below /. */
export function nodeLibraries(processor: Processor): Tree {
  const { triple } = PROCESSORS[processor]
  const found = new Map<string, Entry>()
  for (const [name, files] of Object.entries(LIBRARIES)) {
    const root = packageOf(processor, name)
    for (const file of files) found.set(`lib/${triple}-gnu/${file}`, library(root, `${triple}-gnu/${file}`))
    found.set(`usr/share/doc/${name}/copyright`, { content: licenseOf(processor, name), mode: 0o644 })
    if (name === 'libc6')
      found.set(LOADERS[processor], library(root, `${triple}-gnu/${LOADERS[processor].replace(/.*\//, '')}`))
  }
  return found
}

function packageOf(processor: Processor, name: string): string {
  const root = debianPackage(processor, name)
  if (root === undefined) throw new Error(`apt could not fetch ${name} for ${processor}`)
  return root
}

/** The licence of a package of Debian. It may be a link to a file of another package. */
function licenseOf(processor: Processor, name: string): Buffer {
  const folder = join(packageOf(processor, name), 'usr/share/doc', name)
  const link = lstatSync(folder).isSymbolicLink() ? readlinkSync(folder) : undefined
  return link === undefined ? readFileSync(join(folder, 'copyright')) : licenseOf(processor, link)
}

function library(root: string, path: string): Entry {
  const file = [join(root, 'lib', path), join(root, 'usr/lib', path)].find((one) => existsSync(one))
  if (file === undefined) throw new Error(`no ${path} in ${root}`)
  return { content: readFileSync(realpathSync(file)), mode: 0o755 }
}

/** The cache may be on another file system than the folder for temporary files. */
function putInto(from: string, to: string, mode: string): void {
  mkdirSync(join(to, '..'), { recursive: true })
  const made = `${to}-${process.pid}.tmp`
  execFileSync('cp', [from, made])
  execFileSync('chmod', [mode, made])
  renameSync(made, to)
}
