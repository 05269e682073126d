// What each file of a release contains.

import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { type Processor, PROCESSORS } from '../cross.ts'
import { type DebFacts, debOf } from './deb.ts'
import { nodeLibraries, strippedNode } from './fetch.ts'
import { manualPages } from './man.ts'
import { layoutOf } from './oci.ts'
import { below, type Entry, gzip, merge, readTree, tarOf, type Tree } from './tree.ts'

/** What has been built for a release. */
export interface Built {
  readonly root: string
  /** With dist/ and native/, as in the npm package. */
  readonly folder: string
  readonly version: string
  readonly description: string
  /** The time of all files, in seconds since 1970. */
  readonly seconds: number
}

/** Where the files of kahi are in packages and images. */
const HOME = 'usr/lib/kahi'

/** `kahi-VERSION-linux-x64.tar.gz`: everything beside each other, with a Node.js of its own. */
export async function tarball(built: Built, processor: Processor): Promise<Buffer> {
  const name = `kahi-${built.version}-linux-${processor}`
  const tree = merge(programs(built, processor), new Map([['node', strippedNode(processor)]]), papers(built))
  return gzip(await tarOf(below(name, tree), built.seconds))
}

/** `kahi-VERSION-noarch.tar.gz`: for all processors and without Node.js, as the npm package. */
export async function noarch(built: Built): Promise<Buffer> {
  const tree = merge(
    readTree(join(built.folder, 'dist'), 'dist', (path) => path !== 'postinstall.mjs'),
    readTree(join(built.folder, 'native'), 'native'),
    new Map([
      ['cli/launcher/kahi.sh', fileOf(built.root, 'cli/launcher/kahi.sh', 0o755)],
      ['kahi', { link: 'cli/launcher/kahi.sh' }],
    ]),
    papers(built),
  )
  return gzip(await tarOf(below(`kahi-${built.version}`, tree), built.seconds))
}

/** The Debian package: without Node.js, with a unit for systemd and manual pages. */
export function debian(built: Built, processor: Processor): Promise<Buffer> {
  const { version, description, seconds } = built
  const facts: DebFacts = { version, architecture: PROCESSORS[processor].debian, description, seconds }
  const pages = [...manualPages(version)].map(([name, page]): [string, Entry] => {
    const text = 'content' in page ? Buffer.from(page.content) : Buffer.alloc(0)
    return [`usr/share/man/man1/${name}.gz`, { content: gzip(text), mode: 0o644 }]
  })
  const tree = merge(
    below(HOME, programs(built, processor)),
    new Map<string, Entry>([
      ['usr/bin/kahi', { link: `../lib/kahi/kahi` }],
      ['usr/lib/systemd/system/kahi.service', fileOf(built.root, 'tools/release/kahi.service')],
      ['usr/share/doc/kahi/copyright', fileOf(built.root, 'LICENSE')],
      ...pages,
    ]),
  )
  return debOf(tree, facts)
}

/** The image: the C libraries and Node.js, then kahi. It has no shell; `COPY --from` takes /usr/lib/kahi alone. */
export async function image(built: Built, processor: Processor): Promise<Buffer> {
  const { version, seconds } = built
  const writable: Entry = { mode: 0o1777, isDirectory: true }
  const node = new Map([[`${HOME}/node`, strippedNode(processor)]])
  const own = merge(
    below(HOME, programs(built, processor)),
    new Map<string, Entry>([
      ['usr/bin/kahi', { link: `../lib/kahi/kahi` }],
      ['run', writable],
      ['tmp', writable],
    ]),
  )
  const layers = [merge(nodeLibraries(processor), node), own]
  return tarOf(await layoutOf({ processor, version, seconds, layers }), seconds)
}

/** The bundle and the native programs, beside each other. */
function programs({ folder }: Built, processor: Processor): Tree {
  return merge(
    readTree(join(folder, 'dist'), '', (path) => path !== 'postinstall.mjs'),
    readTree(join(folder, `native/linux-${processor}`), ''),
  )
}

function papers({ root }: Built): Tree {
  return new Map(['LICENSE', 'README.md', 'CHANGELOG.md'].map((name) => [name, fileOf(root, name)]))
}

function fileOf(root: string, path: string, mode = 0o644): Entry {
  return { content: readFileSync(join(root, path)), mode }
}
