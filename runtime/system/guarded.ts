// Safe access to files in directories that other users can write to. There a name can be replaced between two system
// calls, and a symbolic link can lead to any file of root. So such a path is never used directly: each directory on the
// way is opened, the next name is looked up in the open directory (`/proc/self/fd/N/NAME`, because Node.js has no
// openat), and a symbolic link is followed only when it belongs to root or to the daemon's user, as Linux does in
// sticky directories (fs.protected_symlinks). A directory that only root or the daemon's user can change need not be
// opened: its names cannot be replaced.

import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'

import { basename, dirname, isAbsolute, join, resolve } from 'node:path'

/** Linux, all architectures of Node.js: a descriptor that only refers to a file. */
const O_PATH = 0o10000000
const MOST_LINKS = 40
/**
 * `/dev/stdout` and similar names lead here. The kernel opens the file of the descriptor, whatever the text of the link
 * is.
 */
const DESCRIPTOR = /^\/proc\/\d+\/(?:task\/\d+\/)?fd\/\d+$/

/** A name in a directory that stays the same directory until close(). */
export interface Place {
  /** The path to use instead of the requested one. A symbolic link of that name is not followed yet. */
  readonly path: string
  close(): void
}

/**
 * Finds the directory of a path. Throws the error of the system; EACCES when a symbolic link on the way belongs to
 * another user.
 */
export function holdPlace(path: string): Place {
  const walk = new Walk()
  try {
    for (const name of namesOf(dirname(resolve(path)))) walk.enter(name)
    return { path: join(walk.directory, basename(path)), close: () => walk.close() }
  } catch (error) {
    walk.close()
    throw error
  }
}

/** As holdPlace(), for synchronous use. */
export function atPlace<Result>(path: string, use: (path: string) => Result): Result {
  const place = holdPlace(path)
  try {
    return use(place.path)
  } finally {
    place.close()
  }
}

/**
 * Opens a file. A symbolic link is followed when it belongs to root or to the daemon's user. EACCES is thrown for a
 * link of another user, and for a hard link to a file that belongs neither to the owner of the directory nor to the
 * daemon's user. Throws the error of the system.
 */
export function openGuarded(path: string, flags: number, mode?: number, links = MOST_LINKS): number {
  const place = holdPlace(path)
  try {
    if (DESCRIPTOR.test(place.path)) return openSync(place.path, flags, mode)
    const stat = lstatSync(place.path, { throwIfNoEntry: false })
    if (stat?.isSymbolicLink() !== true) return openNamed(place.path, flags, mode)
    const target = readLink(place.path, links)
    return openGuarded(isAbsolute(target) ? target : join(dirname(resolve(path)), target), flags, mode, links - 1)
  } finally {
    place.close()
  }
}

/**
 * Reads at most `most` bytes from the beginning of a file. It never waits: a FIFO or a device throws EINVAL. Throws the
 * error of the system, and EACCES as openGuarded() does.
 */
export function readGuarded(path: string, most: number): Buffer {
  return readStart(openGuarded(path, constants.O_RDONLY | constants.O_NONBLOCK), path, most)
}

/** As readGuarded(), but follows every symbolic link: for a program that is executed, and a certificate. */
export function readProgram(path: string, most: number): Buffer {
  return readStart(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), path, most)
}

/** Reads from the descriptor and closes it. */
function readStart(fd: number, path: string, most: number): Buffer {
  try {
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error(`EINVAL: ${path} is no plain file`), { code: 'EINVAL' })
    const bytes = Buffer.alloc(most)
    return bytes.subarray(0, readSync(fd, bytes))
  } finally {
    closeSync(fd)
  }
}

/**
 * Makes a directory with that mode. An existing directory keeps its mode; it must belong to root or to the daemon's user.
 * Throws EACCES for one of another user, ENOTDIR for a link or another file, and the error of the system.
 */
export function makeDirectoryGuarded(path: string, mode: number): void {
  atPlace(path, (place) => {
    const isNew = lstatSync(place, { throwIfNoEntry: false }) === undefined
    if (isNew) mkdirSync(place, 0o700)
    const fd = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      const stat = fstatSync(fd)
      if (!isTrusted(stat.uid)) throw refusal(path, stat)
      if (isNew) fchmodSync(fd, mode)
    } finally {
      closeSync(fd)
    }
  })
}

/** Writes a new file and renames it to the path, so a reader never sees half of it. Throws the error of the system. */
export function replaceGuarded(path: string, bytes: string | Uint8Array, mode: number, fresh = `${path}.new`): void {
  atPlace(path, (place) => {
    const temporary = join(dirname(place), basename(fresh))
    rmSync(temporary, { force: true })
    const fd = openSync(temporary, 'wx', mode)
    try {
      writeAll(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
      renameSync(temporary, place)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    } finally {
      closeSync(fd)
    }
  })
}

/**
 * Sets the mode and the owner of a socket; ids of -1 are not changed. The file that is at the path when the call begins
 * is changed, even if it is replaced meanwhile. Throws EACCES when it is no socket, or one with several names.
 */
export function giveSocket(path: string, mode: number, { uid, gid }: { uid: number; gid: number }): void {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW)
  try {
    const stat = fstatSync(fd)
    if (!stat.isSocket() || !isOnlyName(fd, path)) throw refusal(path, stat)
    chmodSync(`/proc/self/fd/${fd}`, mode)
    if (uid !== -1 || gid !== -1) chownSync(`/proc/self/fd/${fd}`, uid, gid)
  } finally {
    closeSync(fd)
  }
}

/** Writes a file in place, through a link of root too; a new one gets the mode. Throws as openGuarded(). */
export function writeGuarded(path: string, text: string, mode: number): void {
  const fd = openGuarded(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK, mode)
  try {
    // not when it is opened: whether the file may be changed is known only then
    if (fstatSync(fd).isFile()) ftruncateSync(fd)
    writeAll(fd, Buffer.from(text))
  } finally {
    closeSync(fd)
  }
}

/** A walk from `/` down, name by name. */
class Walk {
  /** A path of the directory that was reached. */
  directory = '/'
  #fd: number | undefined
  #links = MOST_LINKS

  enter(name: string): void {
    const path = join(this.directory, name)
    const stat = lstatSync(path)
    if (stat.isSymbolicLink()) return this.#follow(path)
    // from the first directory on that other users can write to, all are kept open
    if (this.#fd === undefined && isOwn(stat)) {
      this.directory = path
      return
    }
    const fd = openSync(path, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY)
    this.close()
    this.#fd = fd
    this.directory = `/proc/self/fd/${fd}`
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #follow(path: string): void {
    this.#links -= 1
    const target = readLink(path, this.#links)
    if (isAbsolute(target)) {
      this.close()
      this.directory = '/'
    }
    for (const name of namesOf(target)) this.enter(name)
  }
}

/**
 * The names of a path, without `.`. `..` is looked up like any other name: the kernel knows the parent of an open
 * directory.
 */
function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

/**
 * Whether only root and the daemon's user can replace a name in it; in a sticky directory, the owner of the name can.
 */
function isOwn({ uid, mode }: Stats): boolean {
  return isTrusted(uid) && ((mode & 0o022) === 0 || (mode & 0o1000) !== 0)
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.()
}

/** The target of a link of root or of the daemon's user. Throws when the link was replaced while it was read. */
function readLink(path: string, links: number): string {
  const before = lstatSync(path, { bigint: true })
  const target = readlinkSync(path)
  const after = lstatSync(path, { bigint: true })
  const isSame = before.ino === after.ino && before.ctimeNs === after.ctimeNs
  if (!isSame || links <= 0 || !isTrusted(Number(after.uid))) throw refusal(path, after)
  return target
}

function openNamed(path: string, flags: number, mode: number | undefined): number {
  const fd = openSync(path, flags | constants.O_NOFOLLOW, mode)
  const stat = fstatSync(fd)
  if (!stat.isFile() || isOnlyName(fd, path) || stat.uid === lstatSync(`${dirname(path)}/.`).uid) return fd
  closeSync(fd)
  throw refusal(path, stat)
}

/**
 * Whether an open file has this name and no other. The name and the number of names are looked at together: a second
 * name that another user removes meanwhile is noticed. A file that lost its name has none.
 */
export function isOnlyName(fd: number, path: string): boolean {
  const named = lstatSync(path, { throwIfNoEntry: false })
  const open = fstatSync(fd)
  return named !== undefined && named.ino === open.ino && named.dev === open.dev && named.nlink === 1
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
}

function refusal(path: string, { uid }: { readonly uid: number | bigint }): Error {
  const text = `EACCES: ${path} leads elsewhere and belongs to another user (uid ${uid})`
  return Object.assign(new Error(text), { code: 'EACCES' })
}
