// `kahi install --as s6-overlay`: makes links to kahi under every name that an image with s6-overlay calls: /init, and
// the commands in /command, /usr/bin and /bin. Source: s6-overlay 3.2.3.2 with its symlinks tarballs, and 1.22.

import { join, relative, resolve } from 'node:path'
import { openImage } from '../../converter/s6-overlay/image.ts'
import { INSTALL_RECORD } from '../../converter/s6-rc/overlay-places.ts'
import { runProgram } from '../../runtime/system/run-program.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printDiagnostics, printProblem } from '../print.ts'
import { refusalOf } from '../write-file.ts'
import { findOrphans, type Orphan } from './missing-interpreters.ts'
import { CannotInstall, distinctDirectories, type Link, makeLinks, removeLinks, type Site } from './program-links.ts'

/** By version of s6-overlay: the directory /command would mark an image as version 3. */
const DIRECTORIES = { 2: ['usr/bin', 'bin'], 3: ['command', 'usr/bin', 'bin'] } as const
/** Commands that talk to the daemon; the others are one native program. */
const ASKING = ['s6-rc', 's6-rc-db']

/** A directory that images of versions 1 and 2 have: they are known by it. */
const MARK = 'etc/s6/init'

/**
 * Makes the links in the image at `directory`, or removes them; `program` is dist/kahi, `version` the first number of
 * the version of s6-overlay when its files are not in the image. Gives the exit code.
 */
export async function installOverlay(
  program: string,
  directory: string,
  undo: boolean,
  version?: string,
): Promise<number> {
  const root = resolve(directory)
  const record = join(root, INSTALL_RECORD)
  try {
    if (undo) return putBack({ root, record })
    const generation = version === undefined ? openImage(root).generation : version === '3' ? 3 : 2
    const marks = generation === 2 ? [join(root, MARK)] : []
    makeLinks(await overlayLinks(program, root, generation), { root, record }, print, marks)
    const message = ({ script, interpreter }: Orphan): string =>
      `${script} cannot run: the image has no ${interpreter}, which its first line names`
    printDiagnostics(findOrphans(root).map((orphan) => ({ severity: 'warning', message: message(orphan) })))
    print(`${record} lists what was done; kahi install --as s6-overlay --undo undoes it`)
    return EXIT.ok
  } catch (error) {
    if (error instanceof CannotInstall) {
      printProblem(error.message, error.hint)
      return EXIT.no
    }
    printProblem(refusalOf(error))
    return EXIT.refused
  }
}

function putBack(site: Site): number {
  const strangers = removeLinks(site, print)
  for (const path of strangers) printProblem(`${path} is no longer a link to kahi and stays as it is`)
  return strangers.length === 0 ? EXIT.ok : EXIT.no
}

async function overlayLinks(program: string, root: string, generation: 2 | 3): Promise<readonly Link[]> {
  const tools = `${program}-s6`
  const { code, stdout } = await runProgram([tools, '--list'])
  if (code !== 0) throw new CannotInstall(`${tools} cannot be run`, 'it is built with a C compiler: npm run build')
  const native = stdout.trim().split('\n')
  const directories = distinctDirectories(root, DIRECTORIES[generation])
  const inEach = (names: readonly string[], target: string): readonly Link[] =>
    directories.flatMap((directory) => names.map((name) => ({ path: join(directory, name), target })))
  const seen = { kahi: seenInside(root, program), tools: seenInside(root, tools) }
  return [{ path: join(root, 'init'), target: seen.kahi }, ...inEach(ASKING, seen.kahi), ...inEach(native, seen.tools)]
}

/**
 * The path of a file inside `root`, as it is when `root` is the root directory: an image may be prepared from outside.
 */
function seenInside(root: string, path: string): string {
  const inside = relative(root, path)
  return inside.startsWith('..') ? path : join('/', inside)
}
