// Replaces programs by links, in a way that can be undone. The original is kept beside the link. A list of all changes
// is written first; it tells how to undo them. Doing it twice, or again after an interruption, is safe.

import {
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readProgram } from '../../runtime/system/guarded.ts'
import { writeWhole } from '../write-file.ts'
import { firstOutside } from './inside.ts'

/** A link that is to be made. */
export interface Link {
  readonly path: string
  readonly target: string
}

/** Where it is installed. */
export interface Site {
  /** Nothing outside this directory is changed. */
  readonly root: string
  /** The file that lists what was done. */
  readonly record: string
}

/** The longest record that is read, in bytes. */
const MOST_BYTES = 1024 * 1024

/** What was installed. */
interface Installed {
  readonly links: readonly Link[]
  /** Directories that were made for the links, outer ones first. */
  readonly directories: readonly string[]
}

/** Why nothing was installed. */
export class CannotInstall extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** Where the original of a path is kept. */
function keptAt(path: string): string {
  return `${path}.kahi-original`
}

/**
 * Makes the links, and further directories, and lists them in the record; prints each link. Throws CannotInstall, also
 * when a path leads out of the root, and errors of the system.
 */
export function makeLinks(
  links: readonly Link[],
  { root, record }: Site,
  tell: (line: string) => void,
  further: readonly string[] = [],
): void {
  refuseOutside(root, [record, ...links.map(({ path }) => path), ...further])
  const before = readRecord(root, record)
  for (const link of links) refuseWhatCannotBeUndone(link)
  const made = [...new Set([...links.map(({ path }) => dirname(path)), ...further])].flatMap(missingDirectories)
  const directories = [...new Set([...before.directories, ...missingDirectories(dirname(record)), ...made])]
  const others = before.links.filter(({ path }) => !links.some((link) => link.path === path))
  for (const directory of directories) mkdirSync(directory, { recursive: true })
  writeWhole(record, `${JSON.stringify({ links: [...others, ...links], directories }, null, 2)}\n`, { force: true })
  for (const link of links) {
    const { path, target } = link
    if (isOurs(link)) continue
    const keeps = isThere(path)
    if (keeps) renameSync(path, keptAt(path))
    symlinkSync(target, path)
    tell(`${path} -> ${target}${keeps ? ` (the original is kept as ${keptAt(path)})` : ''}`)
  }
}

/**
 * Undoes everything that the record lists, and removes the record. Gives the paths that belong to others by now and
 * stay. Throws CannotInstall for a record that lists paths outside the root: an image may come with one.
 */
export function removeLinks({ root, record }: Site, tell: (line: string) => void): readonly string[] {
  refuseOutside(root, [record])
  const { links, directories } = readRecord(root, record)
  const strangers = links.filter((link) => isThere(link.path) && !isOurs(link))
  for (const link of links) {
    if (strangers.includes(link)) continue
    const { path } = link
    if (isThere(path)) unlinkSync(path)
    const keeps = isThere(keptAt(path))
    if (keeps) renameSync(keptAt(path), path)
    tell(keeps ? `restored ${path}` : `removed ${path}`)
  }
  const untouched = strangers.filter(({ path }) => !isThere(keptAt(path)))
  const left = strangers.filter((link) => !untouched.includes(link))
  if (left.length > 0) writeWhole(record, `${JSON.stringify({ links: left, directories }, null, 2)}\n`, { force: true })
  else {
    rmSync(record, { force: true })
    for (const directory of directories.toReversed()) removeIfEmpty(directory)
  }
  return strangers.map(({ path }) => path)
}

function refuseWhatCannotBeUndone(link: Link): void {
  const { path } = link
  if (!isThere(path) || isOurs(link)) return
  if (lstatSync(path).isDirectory()) throw new CannotInstall(`${path} is a directory`, 'move it away first')
  if (isThere(keptAt(path)))
    throw new CannotInstall(`${path} came back although its original is kept as ${keptAt(path)}`, 'remove one of them')
}

function refuseOutside(root: string, paths: readonly string[]): void {
  const outside = firstOutside(root, paths)
  if (outside === undefined) return
  throw new CannotInstall(
    `${outside} is not inside ${root}: a link leads out of it, or it was moved`,
    'nothing was changed',
  )
}

function readRecord(root: string, record: string): Installed {
  if (!isThere(record)) return { links: [], directories: [] }
  const found = parseRecord(record)
  refuseOutside(root, [...found.links.map(({ path }) => path), ...found.directories])
  return found
}

function parseRecord(record: string): Installed {
  try {
    const { links, directories } = JSON.parse(readProgram(record, MOST_BYTES).toString()) as Installed
    return {
      links: links.map(({ path, target }) => ({ path: resolve(path), target: `${target}` })),
      directories: directories.map((directory) => resolve(directory)),
    }
  } catch {
    throw new CannotInstall(`${record} cannot be read`, 'it lists what kahi install did; correct it or remove it')
  }
}

/** Outer ones first. */
function missingDirectories(directory: string): readonly string[] {
  return isThere(directory) ? [] : [...missingDirectories(dirname(directory)), directory]
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // it is not empty, or does not exist any more
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isOurs({ path, target }: Link): boolean {
  try {
    return readlinkSync(path) === target
  } catch {
    return false
  }
}

/** The directories that exist or may be made, each once: /bin is often a link to /usr/bin. */
export function distinctDirectories(root: string, names: readonly string[]): readonly string[] {
  const paths = names.map((name) => join(root, name))
  const real = (path: string): string => {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  }
  return paths.filter((path, index) => paths.findIndex((other) => real(other) === real(path)) === index)
}
