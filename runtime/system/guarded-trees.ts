// Directories and what is below them, in places that other users can write to: made, listed, copied and removed without
// leaving them through a link (see guarded.ts). Each directory on the way is held open while the work is inside it.

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { errnoCode } from './files.ts'
import { atPlace, openGuarded } from './guarded.ts'

/** Deeper directories are refused: each level needs a descriptor. */
const DEEPEST = 64
const PIECE_BYTES = 64 * 1024

/** Whether the name exists; a link counts, wherever it leads. */
export function existsGuarded(path: string): boolean {
  return statGuarded(path) !== undefined
}

/** What has this name, without following a link; undefined when nothing has, or when it cannot be reached. */
export function statGuarded(path: string): Stats | undefined {
  try {
    return atPlace(path, (place) => lstatSync(place, { throwIfNoEntry: false }))
  } catch {
    return undefined
  }
}

/** Makes a directory and those above it. Existing ones stay as they are. Throws the error of the system. */
export function makeDirectoriesGuarded(path: string, mode = 0o755): void {
  try {
    makeOne(path, mode)
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' || resolve(path) === '/') throw error
    makeDirectoriesGuarded(dirname(resolve(path)), mode)
    makeOne(path, mode)
  }
}

function makeOne(path: string, mode: number): void {
  try {
    if (resolve(path) !== '/') atPlace(resolve(path), (place) => mkdirSync(place, mode))
  } catch (error) {
    if (errnoCode(error) !== 'EEXIST') throw error
    inside(path, () => {})
  }
}

/** The names in a directory. A link of another user is not followed. Throws the error of the system. */
export function namesGuarded(directory: string): readonly string[] {
  return inside(directory, (held) => readdirSync(held))
}

/** Uses a directory while it is held open. Throws the error of the system. */
export function inside<Result>(directory: string, use: (held: string) => Result): Result {
  // `.` is looked up below the directory, so a link to it is followed by the rules for links on the way
  return atPlace(join(resolve(directory), 'x'), (place) => use(dirname(place)))
}

/** Removes a file, a link, or a directory with all that is in it. Nothing needs to be there. Throws the error of the system. */
export function removeGuarded(path: string): void {
  atPlace(resolve(path), (place) => removeHere(place, DEEPEST))
}

function removeHere(place: string, deepest: number): void {
  if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return unlinkIfThere(place)
  if (deepest <= 0) throw Object.assign(new Error(`EMLINK: ${place} is too deep`), { code: 'EMLINK' })
  const fd = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    const held = `/proc/self/fd/${fd}`
    for (const name of readdirSync(held)) removeHere(join(held, name), deepest - 1)
  } finally {
    closeSync(fd)
  }
  rmdirSync(place)
}

function unlinkIfThere(place: string): void {
  try {
    unlinkSync(place)
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error
  }
}

/**
 * Copies a file, a link or a directory with all that is in it; modes are kept. Nothing has the new name yet. FIFOs,
 * sockets and devices are left out. Throws the error of the system.
 */
export function copyGuarded(from: string, to: string): void {
  atPlace(resolve(from), (source) => atPlace(resolve(to), (target) => copyHere(source, target, DEEPEST)))
}

function copyHere(source: string, target: string, deepest: number): void {
  const stat = lstatSync(source)
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
  else if (stat.isFile()) copyFile(source, target)
  else if (stat.isDirectory()) copyDirectory(source, target, deepest)
}

function copyDirectory(source: string, target: string, deepest: number): void {
  if (deepest <= 0) throw Object.assign(new Error(`EMLINK: ${source} is too deep`), { code: 'EMLINK' })
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const from = openSync(source, flags)
  try {
    mkdirSync(target, 0o700)
    const to = openSync(target, flags)
    try {
      for (const name of readdirSync(`/proc/self/fd/${from}`))
        copyHere(`/proc/self/fd/${from}/${name}`, `/proc/self/fd/${to}/${name}`, deepest - 1)
      fchmodSync(to, fstatSync(from).mode & 0o7777)
    } finally {
      closeSync(to)
    }
  } finally {
    closeSync(from)
  }
}

function copyFile(source: string, target: string): void {
  const from = openGuarded(source, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const to = openSync(target, 'wx', 0o600)
    try {
      const piece = Buffer.alloc(PIECE_BYTES)
      for (let length = readSync(from, piece); length > 0; length = readSync(from, piece))
        for (let done = 0; done < length;) done += writeSync(to, piece, done, length - done)
      fchmodSync(to, fstatSync(from).mode & 0o777)
    } finally {
      closeSync(to)
    }
  } finally {
    closeSync(from)
  }
}

/** Makes a link. An existing link is replaced, any other file stays. Throws the error of the system. */
export function linkGuarded(target: string, path: string): void {
  atPlace(resolve(path), (place) => {
    const known = lstatSync(place, { throwIfNoEntry: false })
    if (known?.isSymbolicLink() === true) unlinkSync(place)
    if (known === undefined || known.isSymbolicLink()) symlinkSync(target, place)
  })
}

/** Where the link of that name leads; undefined when there is no link of that name. */
export function targetGuarded(path: string): string | undefined {
  try {
    return atPlace(resolve(path), (place) => readlinkSync(place))
  } catch {
    return undefined
  }
}
