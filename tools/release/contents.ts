// What each file of a release contains.

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Processor, PROCESSORS } from '../cross.ts'
import { type DebFacts, debOf } from './deb.ts'
import { nodeLibraries, privateNode } from './fetch.ts'
import { manualPages } from './man.ts'
import { layoutOf } from './oci.ts'
import { HOME } from '../../converter/dockerfile/release.ts'
import { configSchema } from '../../config/toml/schema.ts'
import { COMPLETION_SCRIPTS } from '../../cli/completion-scripts.ts'
import { unitText } from '../../cli/install/unit.ts'
import { gzip, gzipTar } from './gzip.ts'
import { below, type Entry, merge, readTree, tarOf, type Tree } from './tree.ts'

/** The built files from which a release is made. */
export interface Built {
  readonly root: string
  /** With dist/ and native/, as in the npm package. */
  readonly folder: string
  readonly version: string
  readonly description: string
  /** Name and address of the maintainer of the Debian packages. */
  readonly maintainer: string
  /** The time of all files, in seconds since 1970. */
  readonly seconds: number
}

/** The directory for the files of kahi in Debian's packages. */
const DEBIAN_HOME = 'usr/lib/kahi'
/** The directories in which the shells of Debian search for completions of packages. */
const DEBIAN_COMPLETION = {
  bash: 'usr/share/bash-completion/completions/kahi',
  zsh: 'usr/share/zsh/vendor-completions/_kahi',
  fish: 'usr/share/fish/vendor_completions.d/kahi.fish',
} as const
/** The same files in archives, with the names that the shells require. */
const COMPLETION = { bash: 'completion/kahi', zsh: 'completion/_kahi', fish: 'completion/kahi.fish' } as const
/** The directory in archives. Unpacked in /opt, it becomes HOME. */
const TOP = basename(HOME)

/** `kahi-VERSION-linux-x64.tar.gz`: all files in one directory, with Node.js. */
export async function tarball(built: Built, processor: Processor): Promise<Buffer> {
  const tree = merge(programs(built, processor), privateNode(processor), completion(COMPLETION), papers(built))
  return gzipTar(await tarOf(below(TOP, tree), built.seconds))
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
    completion(COMPLETION),
    papers(built),
  )
  return gzipTar(await tarOf(below(TOP, tree), built.seconds))
}

/** The Debian package: without Node.js, with a unit for systemd, manual pages and completion. */
export function debian(built: Built, processor: Processor): Promise<Buffer> {
  const { version, description, maintainer, seconds } = built
  const facts: DebFacts = { version, architecture: PROCESSORS[processor].debian, description, maintainer, seconds }
  const own = programs(built, processor)
  const isLicense = ([name]: readonly [string, Entry]): boolean => name.startsWith('LICENSE.')
  const licenses = [...own].filter(isLicense).map(([, entry]) => contentOf(entry))
  const unit = unitText({ program: '/usr/bin/kahi', config: '/etc/kahi.toml', user: undefined, node: undefined })
  const pages = [...manualPages(version)].map(([name, page]): [string, Entry] => {
    return [`usr/share/man/${name}.gz`, text(gzip(contentOf(page)))]
  })
  const tree = merge(
    completion(DEBIAN_COMPLETION),
    below(DEBIAN_HOME, new Map([...own].filter((one) => !isLicense(one)))),
    new Map<string, Entry>([
      ['usr/bin/kahi', { link: '../lib/kahi/kahi' }],
      ['usr/lib/systemd/system/kahi.service', text(unit)],
      ['usr/share/kahi/kahi.schema.json', schema()],
      ['usr/share/doc/kahi/copyright', text(Buffer.concat([readFileSync(join(built.root, 'LICENSE')), ...licenses]))],
      ...pages,
    ]),
  )
  return debOf(tree, facts)
}

/** The image: the C libraries and Node.js, then kahi. It has no shell. `COPY --from` of HOME is enough to get kahi. */
export async function image(built: Built, processor: Processor): Promise<Buffer> {
  const { version, seconds } = built
  const writable: Entry = { mode: 0o1777, isDirectory: true }
  const home = HOME.slice(1)
  const own = merge(
    below(home, merge(programs(built, processor), papers(built))),
    new Map<string, Entry>([
      ['usr/bin/kahi', { link: `../..${HOME}/kahi` }],
      ['run', writable],
      ['tmp', writable],
    ]),
  )
  // The lower layer has another time, so the layer is the same in all releases with the same Node.js.
  const layers = [
    { tree: merge(nodeLibraries(processor), below(home, privateNode(processor))), seconds: 0 },
    { tree: own, seconds },
  ]
  return tarOf(await layoutOf({ processor, version, seconds, layers }), seconds)
}

/** The bundle and the native programs in one directory. */
function programs({ folder }: Built, processor: Processor): Tree {
  return merge(
    readTree(join(folder, 'dist'), '', (path) => path !== 'postinstall.mjs'),
    readTree(join(folder, `native/linux-${processor}`), ''),
  )
}

/** The scripts of the shells, by their paths. */
function completion(paths: typeof COMPLETION | typeof DEBIAN_COMPLETION): Tree {
  const shells = ['bash', 'zsh', 'fish'] as const
  return new Map(shells.map((shell) => [paths[shell], text(COMPLETION_SCRIPTS[shell])]))
}

function papers({ root }: Built): Tree {
  const files = ['LICENSE', 'README.md', 'CHANGELOG.md'].map((name): [string, Entry] => [name, fileOf(root, name)])
  return new Map([...files, ['kahi.schema.json', schema()]])
}

/** What `kahi schema` prints. */
function schema(): Entry {
  return text(`${JSON.stringify(configSchema(), null, 2)}\n`)
}

function text(content: Buffer | string): Entry {
  return { content, mode: 0o644 }
}

function contentOf(entry: Entry): Buffer {
  return 'content' in entry ? Buffer.from(entry.content) : Buffer.alloc(0)
}

function fileOf(root: string, path: string, mode = 0o644): Entry {
  return { content: readFileSync(join(root, path)), mode }
}
