// `npm run distributions`: measures each file of a release, unpacked, beside Debian's supervisor, s6 and s6-overlay, and writes
// docs/reference/distributions.md. The release must be in release/.

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileService, describeMachine, thisBench } from '../machine.ts'
import { findPeers, type Peer } from '../peers.ts'
import { memoryMib } from '../proc.ts'
import { type Place, removeAll, Running, sleep } from '../running.ts'
import { quantile } from '../statistics.ts'
import { weightOf } from './debian.ts'

const RUNS = 7
/** kahi collects its garbage one to two seconds after the last event. */
const REST_MS = 3000

/** A line of the page. */
interface Line {
  readonly title: string
  readonly bytes?: number
  readonly installedBytes?: number
  /** The supervisor that is started; undefined when it cannot run here. */
  readonly peer?: Peer | undefined
}

/** Measures all; gives the exit code. */
export async function main(_argv: readonly string[], root: string): Promise<number> {
  const release = join(root, 'release')
  if (!existsSync(join(release, 'SHA256SUMS'))) {
    process.stderr.write('there is no release: npm run release\n')
    return 1
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kahi-distributions-')))
  const place: Place = { folder, service: join(folder, 'kahi-bench-service') }
  try {
    compileService(root, folder)
    const { peers } = findPeers(root, {})
    const lines = [...ours(release, folder), ...others(peers)]
    const rows: string[] = []
    for (const line of lines) {
      process.stderr.write(`${line.title}\n`)
      rows.push(
        `| ${[line.title, size(line.bytes), size(line.installedBytes), ...(await figures(line, place))].join(' | ')} |`,
      )
    }
    writeFileSync(join(root, 'docs/reference/distributions.md'), pageOf(rows, describeMachine(thisBench(peers))))
    return 0
  } finally {
    removeAll(place)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The files of the release, unpacked. */
function ours(release: string, folder: string): readonly Line[] {
  const names = readdirSync(release)
  const named = (pattern: RegExp): string => names.find((name) => pattern.test(name)) ?? ''
  const unpacked = (name: string, unpack: (file: string, to: string) => void): string => {
    const to = join(folder, name)
    mkdirSync(to)
    unpack(join(release, name), to)
    return to
  }
  const line = (title: string, name: string, unpack: (file: string, to: string) => void, program?: string): Line => {
    const to = unpacked(name, unpack)
    const bytes = statSync(join(release, name)).size
    const peer = program === undefined ? undefined : kahiAt(join(to, program))
    return { title: `${title}: \`${name}\``, bytes, installedBytes: bytesBelow(to), peer }
  }
  const deb = (file: string, to: string): void => void execFileSync('dpkg-deb', ['-x', file, to])
  return [
    line('archive with Node.js', named(/-linux-x64\.tar\.gz$/), untar, 'kahi/kahi'),
    line('likewise', named(/-linux-arm64\.tar\.gz$/), untar),
    line('archive without Node.js', named(/-noarch\.tar\.gz$/), untar, 'kahi/kahi'),
    line('npm package', named(/\.tgz$/), untar, 'package/cli/launcher/kahi.sh'),
    line('Debian package', named(/_amd64\.deb$/), deb, 'usr/lib/kahi/kahi'),
    line('likewise', named(/_arm64\.deb$/), deb),
    line('image', named(/-oci-x64\.tar$/), unpackImage, 'opt/kahi/kahi'),
    line('likewise', named(/-oci-arm64\.tar$/), unpackImage),
  ]
}

function others(peers: readonly Peer[]): readonly Line[] {
  const overlay = process.env.KAHI_S6_OVERLAY
  const debian = (title: string, name: Peer['name'], packages: readonly string[]): Line => {
    const weight = weightOf(packages)
    const counted = weight === undefined ? '' : ` (Debian, ${weight.packages} packages)`
    const peer = peers.find((one) => one.name === name)
    return weight === undefined
      ? { title, peer }
      : { title: `${title}${counted}`, bytes: weight.bytes, installedBytes: weight.installedBytes, peer }
  }
  return [
    debian('supervisor with its Python', 'supervisord', ['supervisor']),
    debian('s6 with execline', 's6', ['s6', 'execline']),
    ...(overlay === undefined ? [] : [{ title: 's6-overlay 3', installedBytes: bytesBelow(overlay) }]),
  ]
}

/** An index or a manifest of an OCI layout. */
interface Described {
  readonly manifests?: readonly { readonly digest: string }[]
  readonly layers?: readonly { readonly digest: string }[]
}

function untar(file: string, to: string): void {
  execFileSync('tar', ['-xf', file, '-C', to])
}

/** Unpacks the layers of an OCI layout, the lowest first. */
function unpackImage(file: string, to: string): void {
  const layout = `${to}.layout`
  mkdirSync(layout)
  untar(file, layout)
  const blob = (digest: string): string => join(layout, 'blobs', digest.replace(':', '/'))
  const read = (path: string): Described => JSON.parse(readFileSync(path, 'utf8')) as Described
  const [manifest] = read(join(layout, 'index.json')).manifests ?? []
  for (const { digest } of read(blob(manifest?.digest ?? '')).layers ?? []) untar(blob(digest), to)
}

function kahiAt(program: string): Peer {
  return { name: 'kahi', version: '', command: ({ conf }) => [program, 'supervisord', '-n', '-c', conf] }
}

/** Start-up and memory with one program, as cells. */
async function figures({ peer }: Line, place: Place): Promise<readonly string[]> {
  if (peer === undefined) return ['', '', '']
  const boots: number[] = []
  let [own, pss] = [0, 0]
  for (let run = 1; run <= RUNS; run += 1) {
    const running = new Running(peer, place, { programs: 1 })
    try {
      const [mark] = await running.waitForMarks(1)
      boots.push((mark?.atMs ?? Number.NaN) - running.startedMs)
      if (run === RUNS) {
        await sleep(REST_MS)
        const pids = running.supervisorPids()
        own = memoryMib(pids, 'Anonymous')
        pss = memoryMib(pids, 'Pss')
      }
      await running.stop()
    } finally {
      running.remove()
    }
  }
  return [`${quantile(boots, 0.5).toFixed(0)} ms`, `${own.toFixed(1)} MiB`, `${pss.toFixed(1)} MiB`]
}

/** The sizes of all files; one with several names counts once. */
function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(join(folder, name)))
    .filter((status) => status.isFile())
  const sizes = new Map(files.map(({ ino, size: bytes }) => [ino, bytes]))
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
}

function size(bytes: number | undefined): string {
  return bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB`
}

function pageOf(rows: readonly string[], machine: string): string {
  return `# The files of a release, measured

Made by \`npm run release && npm run distributions\`, which measures again. Trust the relations, not the milliseconds: ${machine}.

| distribution | download | installed | start-up | private memory | PSS |
|---|---|---|---|---|---|
${rows.join('\n')}

- Start-up is from the start of the supervisor until its one program notes its own start; the median of ${RUNS}. Memory is that of all processes of the
  supervisor, three seconds later. All of them run the same supervisord.conf, s6 a directory with the same program.
- PSS shares a program file among all processes that run it: low where the machine ran other programs with the same Node.js.
- Rows without start-up are for another processor, or are no supervisor that this machine can start without an image.
- Archives and packages without Node.js run with the one in PATH; those with Node.js carry the current version with long-term support.
- Alpine: launcher, helper and commands of s6 need no C library, and Node.js is Alpine's package \`nodejs\`. Tests run them in a root with busybox and musl, but
  with a Node.js for glibc: neither npm's registry nor Debian has one that is linked with musl, and Debian has no C++ library for musl to build it with.
- The image has the C libraries too. Its lower layer, with Node.js, is the same in all releases with the same Node.js.
- Debian's packages are those that apt would add to an image with the required packages alone, without recommended ones.
`
}
