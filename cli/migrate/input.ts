// What `kahi migrate PATH` is asked to convert: a file, standard input, a directory as people keep them, or what
// supervisord itself would take when no path is given.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve as resolvePath } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/diagnostic.ts'
import { glob } from '../../config/glob.ts'
import { decodeText } from '../../config/read-text.ts'
import { isImage, LEGACY_FOLDERS } from '../../converter/s6-overlay/image.ts'
import { findSource } from '../../converter/s6-rc/load.ts'
import { STDIN } from '../command.ts'
import { searchedBySupervisord } from '../config-file.ts'
import { findTrees } from './find-trees.ts'

/** One configuration to convert. */
export interface Input {
  /** The main file, or how what is no file is called in messages. */
  readonly path: string
  /** The content, where it is not that of the file. */
  readonly text?: string
  /** The name of its format, where that was said. */
  readonly format?: string | undefined
  /** Of s6-rc and s6-overlay: what ConvertOptions says. */
  readonly sources?: readonly string[]
  readonly bases?: readonly string[]
  readonly inline?: boolean
  readonly translate?: boolean
  readonly at?: string | undefined
  /** What was decided for the user. */
  readonly note?: Diagnostic
}

const MAIN_NAMES = ['supervisord.conf', 'supervisor.conf', 'supervisord.ini', 'supervisor/supervisord.conf']
const FRAGMENTS = ['*.conf', '*.ini', 'conf.d/*.conf', 'conf.d/*.ini']

/** What to convert; `path` as it was typed, undefined when it was not. Throws ConfigError when there is nothing. */
export function findInput(path: string | undefined): Input {
  if (path === undefined) return searchInput()
  if (path === STDIN) return { path, text: decodeText(readFileSync(0), path) }
  if (isImage(path)) return findImage(path)
  const etc = dirname(resolvePath(path))
  if (LEGACY_FOLDERS.some((name) => name === basename(resolvePath(path))) && isImage(etc))
    return findImage(etc, `Converting ${etc}, to which ${basename(path)} belongs. `)
  const source = findSource(path)
  if (source !== undefined) return findTree(path, source)
  return isDirectory(path) ? findInDirectory(path) : { path }
}

/** Whether there is a directory of that name. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function searchInput(): Input {
  const programs = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'supervisord'))
  const searched = searchedBySupervisord(programs.find((file) => existsSync(file)) ?? '/usr/bin/supervisord')
  const path = searched.find((file) => existsSync(file))
  if (path !== undefined) return { path, note: note(`Converting ${path}, the file that supervisord would take`) }
  throw nothing('No supervisord.conf was found', `name one; supervisord looks for ${searched.join(', ')}`)
}

/** A tree of s6-rc. In a copy of the file tree of an image its scripts will lie elsewhere. */
function findTree(path: string, source: string): Input {
  if (source !== path) return { path: source, note: note(`Converting ${source}, the s6-rc tree in ${path}`) }
  const inside = /^(.+)(\/etc\/s6-overlay\/s6-rc\.d)\/*$/.exec(resolvePath(path))?.[2]
  if (inside === undefined) return { path }
  const message = `The scripts are named where they lie now; --at ${inside} names them where they lie in the image`
  return { path, note: note(message) }
}

/** The files of an image of s6-overlay, or its etc. */
function findImage(path: string, found = ''): Input {
  const place = isDirectory(join(path, 'etc')) ? '/' : '/etc'
  if (resolvePath(path) === place) return found === '' ? { path } : { path, note: note(found.trim()) }
  return {
    path,
    note: note(
      `${found}The scripts are named where they lie now; --at ${place} names them where they lie in the image`,
    ),
  }
}

/** Its supervisord.conf; else its fragments, as a main file that includes them would have them. */
function findInDirectory(directory: string): Input {
  const main = MAIN_NAMES.map((name) => join(directory, name)).find((file) => existsSync(file))
  if (main !== undefined) return { path: main, note: note(`Converting ${main}, the main file of ${directory}`) }
  const patterns = FRAGMENTS.filter((pattern) => glob(join(directory, pattern)).length > 0)
  if (patterns.length === 0) {
    const [tree] = findTrees(directory)
    const looked = `looked for ${[...MAIN_NAMES, ...FRAGMENTS].join(', ')}; kahi migrate DIR --out DIR converts a whole tree`
    const found = `kahi migrate ${tree} converts that one, kahi migrate ${directory} --out DIR all that is below`
    throw nothing(`There is no supervisord configuration in ${directory}`, tree === undefined ? looked : found)
  }
  const text = `[include]\nfiles = ${patterns.join(' ')}\n`
  const message = `${directory} has no supervisord.conf: converting ${patterns.join(' ')} as a main file that includes them would have them`
  return { path: join(directory, 'supervisord.conf'), text, note: note(message) }
}

function note(message: string): Diagnostic {
  return { severity: 'note', message }
}

function nothing(message: string, hint: string): ConfigError {
  return new ConfigError([{ severity: 'error', message, hint }])
}
