// `kahi install --as supervisord`: makes links to kahi under the names of supervisor's programs, in every directory
// that has an original, because images call them by absolute paths: Debian's package has /usr/bin/supervisord, pip
// installs /usr/local/bin/supervisord.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { refusalOf } from '../write-file.ts'
import { CannotInstall, distinctDirectories, type Link, makeLinks, removeLinks } from './program-links.ts'

const NAMES = ['supervisord', 'supervisorctl', 'echo_supervisord_conf', 'pidproxy']
const USUAL = '/usr/local/bin'
/** Directories in which packages install programs, independent of PATH. */
const PLACES = [USUAL, '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin']
const RECORD = '/var/lib/kahi/supervisord.json'
const RECORD_IN_DIRECTORY = '.kahi-supervisord.json'

/**
 * Makes the links in `directory`, or without one in /usr/local/bin and wherever originals are; `undo` removes them.
 * Gives the exit code.
 */
export function installSupervisord(program: string, directory: string | undefined, undo: boolean): number {
  const record = directory === undefined ? RECORD : join(resolve(directory), RECORD_IN_DIRECTORY)
  try {
    if (undo) return putBack(record)
    const links = linksFor(program, directory)
    makeLinks(links, record, print)
    print(`${record} lists what was done; ${undoCommand(directory)} undoes it`)
    tellOthers(links, program)
    return EXIT.ok
  } catch (error) {
    if (error instanceof CannotInstall) printProblem(error.message, error.hint)
    else printProblem(refusalOf(error), 'choose another --dir, or run it as a user who may')
    return error instanceof CannotInstall ? EXIT.no : EXIT.refused
  }
}

function undoCommand(directory: string | undefined): string {
  return `kahi install --as supervisord${directory === undefined ? '' : ` --dir ${directory}`} --undo`
}

function putBack(record: string): number {
  const strangers = removeLinks(record, print)
  for (const path of strangers) printProblem(`${path} is no longer a link to kahi and stays as it is`)
  return strangers.length === 0 ? EXIT.ok : EXIT.no
}

function linksFor(program: string, directory: string | undefined): readonly Link[] {
  if (directory !== undefined) {
    statSync(`${resolve(directory)}/`)
    return NAMES.map((name) => ({ path: join(resolve(directory), name), target: program }))
  }
  const isUsual = (path: string): boolean => dirname(path) === USUAL
  return everyPlace()
    .filter((path) => isUsual(path) || existsSync(path))
    .map((path) => ({ path, target: program }))
}

/** Directories that may contain programs of supervisor: the usual ones and PATH, each once. */
function everyPlace(): readonly string[] {
  const onPath = (process.env.PATH ?? '').split(':').filter((one) => one.startsWith('/'))
  return distinctDirectories('/', [...PLACES, ...onPath]).flatMap((one) => NAMES.map((name) => join(one, name)))
}

/** Prints absolute paths that still lead to an original, and what a bare name leads to. */
function tellOthers(links: readonly Link[], program: string): void {
  const isOriginal = (path: string): boolean => existsSync(path) && realpathSync(path) !== realpathSync(program)
  for (const path of everyPlace().filter(isOriginal))
    printProblem(`${path} is still the original: what calls it by that path does not get kahi`, 'leave out --dir')
  const folders = (process.env.PATH ?? '').split(':')
  for (const folder of new Set(links.map(({ path }) => dirname(path))))
    if (!folders.includes(folder)) print(`${folder} is not on PATH`)
}
