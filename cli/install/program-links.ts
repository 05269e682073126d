// Replaces programs by links, in a way that can be undone. The original is kept beside the link. A list of all changes
// is written first; it tells how to undo them. Doing it twice, or again after an interruption, is safe.

import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { writeWhole } from '../write-file.ts'

/** A link that is to be made. */
export interface Link {
  readonly path: string
  readonly target: string
}

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
 * Makes the links, and further directories, and lists them in the file `record`; prints each link. Throws CannotInstall,
 * and errors of the system.
 */
export function makeLinks(
  links: readonly Link[],
  record: string,
  tell: (line: string) => void,
  further: readonly string[] = [],
): void {
  const before = readRecord(record)
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
 * stay.
 */
export function removeLinks(record: string, tell: (line: string) => void): readonly string[] {
  const { links, directories } = readRecord(record)
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

function readRecord(record: string): Installed {
  if (!isThere(record)) return { links: [], directories: [] }
  try {
    const { links, directories } = JSON.parse(readFileSync(record, 'utf8')) as Installed
    return { links: links.map(({ path, target }) => ({ path, target })), directories: [...directories] }
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
