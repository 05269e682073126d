// `kahi install --as supervisord` and `--as manager`: makes links to kahi under the names of the programs that it replaces, in every
// directory that has an original, because images call them by absolute paths: Debian's package has /usr/bin/supervisord, pip
// installs /usr/local/bin/supervisord.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { refusalOf } from '../write-file.ts'
import { CannotInstall, distinctDirectories, type Link, makeLinks, removeLinks, type Site } from './program-links.ts'

/** What kahi replaces → the names of its programs. */
const NAMES = {
  supervisord: ['supervisord', 'supervisorctl', 'echo_supervisord_conf', 'pidproxy'],
  manager: ['manager'],
} as const

/** Programs that are replaced together. */
export type Replaced = keyof typeof NAMES

const USUAL = '/usr/local/bin'
/** Directories in which packages install programs, independent of PATH. */
const PLACES = [USUAL, '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin']

/**
 * Makes the links in `directory`, or without one in /usr/local/bin and wherever originals are; `undo` removes them.
 * Gives the exit code.
 */
export function installPrograms(as: Replaced, program: string, directory: string | undefined, undo: boolean): number {
  const site: Site =
    directory === undefined
      ? { root: '/', record: `/var/lib/kahi/${as}.json` }
      : { root: resolve(directory), record: join(resolve(directory), `.kahi-${as}.json`) }
  try {
    if (undo) return putBack(site)
    const links = linksFor(as, program, directory)
    makeLinks(links, site, print)
    print(`${site.record} lists what was done; ${undoCommand(as, directory)} undoes it`)
    tellOthers(as, links, program)
    return EXIT.ok
  } catch (error) {
    if (error instanceof CannotInstall) printProblem(error.message, error.hint)
    else printProblem(refusalOf(error), 'choose another --dir, or run it as a user who may')
    return error instanceof CannotInstall ? EXIT.no : EXIT.refused
  }
}

function undoCommand(as: Replaced, directory: string | undefined): string {
  return `kahi install --as ${as}${directory === undefined ? '' : ` --dir ${directory}`} --undo`
}

function putBack(site: Site): number {
  const strangers = removeLinks(site, print)
  for (const path of strangers) printProblem(`${path} is no longer a link to kahi and stays as it is`)
  return strangers.length === 0 ? EXIT.ok : EXIT.no
}

function linksFor(as: Replaced, program: string, directory: string | undefined): readonly Link[] {
  if (directory !== undefined) {
    statSync(`${resolve(directory)}/`)
    return NAMES[as].map((name) => ({ path: join(resolve(directory), name), target: program }))
  }
  const isUsual = (path: string): boolean => dirname(path) === USUAL
  return everyPlace(as)
    .filter((path) => isUsual(path) || existsSync(path))
    .map((path) => ({ path, target: program }))
}

/** The paths that may be originals: in the usual directories and in PATH, each once. */
function everyPlace(as: Replaced): readonly string[] {
  const onPath = (process.env.PATH ?? '').split(':').filter((one) => one.startsWith('/'))
  return distinctDirectories('/', [...PLACES, ...onPath]).flatMap((one) => NAMES[as].map((name) => join(one, name)))
}

/** Prints absolute paths that still lead to an original, and what a bare name leads to. */
function tellOthers(as: Replaced, links: readonly Link[], program: string): void {
  const isOriginal = (path: string): boolean => existsSync(path) && realpathSync(path) !== realpathSync(program)
  for (const path of everyPlace(as).filter(isOriginal))
    printProblem(`${path} is still the original: what calls it by that path does not get kahi`, 'leave out --dir')
  const folders = (process.env.PATH ?? '').split(':')
  for (const folder of new Set(links.map(({ path }) => dirname(path))))
    if (!folders.includes(folder)) print(`${folder} is not on PATH`)
}
