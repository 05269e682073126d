// The file of a unix socket. It gets its final name only when it is listening and has its mode and owner. A socket of a
// program that still answers is not replaced, and a file that is no socket is not removed. The directory is held open, so
// another user who may exchange directories on the way cannot lead it elsewhere. Source: supervisor 4.2.5,
// http.supervisor_af_unix_http_server (which deletes any file at the path).

import { linkSync, lstatSync, renameSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { giveSocket, holdPlace, type Place } from '../../system/guarded.ts'
import { StartError } from '../operations/errors.ts'

/** Length of the path in sockaddr_un, without the final zero byte. */
const PATH_LIMIT_BYTES = 107

/** Path, mode and owner of the socket; ids of -1 are not changed. */
export interface SocketFile {
  readonly file: string
  readonly chmod: number
  readonly chown: { readonly uid: number; readonly gid: number }
}

/** The path as the user wrote it, for messages, and the path by which it is used: in the directory that is held open. */
interface At {
  readonly file: string
  readonly path: string
}

/** Makes a server listen on a socket file. Gives a function that removes the file, if it is still ours. */
export async function listenOnFile(
  server: Server,
  socket: SocketFile,
  log: (message: string) => void,
): Promise<() => void> {
  const { file } = socket
  if (Buffer.byteLength(file) > PATH_LIMIT_BYTES) {
    throw new StartError(`The path of the socket ${file} is longer than ${PATH_LIMIT_BYTES} bytes`, 2)
  }
  const place = hold(file)
  try {
    const own = await listenAt(server, { file, path: place.path }, socket, log)
    // Node.js removes the name that it was bound to when the server is closed
    server.once('close', () => place.close())
    return () => removeOwn(place.path, own)
  } catch (error) {
    place.close()
    throw error
  }
}

function hold(file: string): Place {
  try {
    return holdPlace(file)
  } catch (error) {
    throw startError(error, file)
  }
}

/** Gives the identity of the socket. */
async function listenAt(server: Server, at: At, socket: SocketFile, log: (message: string) => void): Promise<Stats> {
  const stale = await findStale(at)
  const temporary = temporaryName(at.path)
  await bind(server, temporary, at.file)
  try {
    giveSocket(temporary, socket.chmod, socket.chown)
    if (stale !== undefined) removeStale(at, stale, log)
    const own = lstatSync(temporary)
    putInPlace(temporary, at)
    return own
  } catch (error) {
    removeQuietly(temporary)
    await new Promise((resolve) => server.close(resolve))
    throw startError(error, at.file)
  }
}

/**
 * The socket at the path that no process listens on; undefined when there is none. Throws when a process answers, or
 * when the path is no socket.
 */
async function findStale({ file, path }: At): Promise<Stats | undefined> {
  const there = statOf(path, file)
  if (there === undefined) return undefined
  if (!there.isSocket()) throw new StartError(`${file} is not a socket and is left alone; choose another path`, 2)
  const failure = await tryToConnect(Buffer.byteLength(path) <= PATH_LIMIT_BYTES ? path : file)
  if (failure === undefined) throw busy(file)
  if (failure === 'ENOENT') return undefined
  if (failure === 'ECONNREFUSED') return there
  throw new StartError(`Cannot find out whether a program listens on ${file}: ${failure}`, 111)
}

function statOf(path: string, file: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw startError(error, file)
  }
}

/** Gives the errno name of the failure, or undefined when a process listens. */
function tryToConnect(file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(file)
    client.once('connect', () => {
      client.destroy()
      resolve(undefined)
    })
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/** A name in the same directory, so that it can be linked. It is not longer than the limit allows. */
function temporaryName(file: string): string {
  const long = `${file}.${process.pid}`
  return Buffer.byteLength(long) <= PATH_LIMIT_BYTES ? long : `${dirname(file)}/.k${process.pid}`
}

function bind(server: Server, temporary: string, file: string): Promise<void> {
  removeQuietly(temporary)
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(startError(error, file))
    server.once('error', fail)
    // Only the daemon's user may connect until the mode is set.
    const umask = process.umask(0o177)
    try {
      server.listen({ path: temporary, backlog: 128 }, () => {
        server.removeListener('error', fail)
        resolve()
      })
    } finally {
      process.umask(umask)
    }
  })
}

/** Unlinks the socket on which no process listened, unless another file has taken its place since. */
function removeStale({ file, path }: At, stale: Stats, log: (message: string) => void): void {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!isSame(there, stale)) throw busy(file)
  log(`Unlinking stale socket ${file}`)
  unlinkSync(path)
}

/** Linking fails when another daemon was faster. On file systems without hard links the file is renamed. */
function putInPlace(temporary: string, { file, path }: At): void {
  try {
    linkSync(temporary, path)
    unlinkSync(temporary)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw busy(file)
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    renameSync(temporary, path)
  }
}

function removeOwn(file: string, own: Stats): void {
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (there !== undefined && isSame(there, own)) removeQuietly(file)
}

function isSame(left: Stats, right: Stats): boolean {
  return left.ino === right.ino && left.dev === right.dev
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // it does not exist, or may not be removed
  }
}

function busy(file: string): StartError {
  return new StartError(`Another program is already listening on ${file}`, 2)
}

/** libuv says EACCES for a missing directory, so the directory is checked. */
function startError(error: unknown, file: string): StartError {
  if (error instanceof StartError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const directory = dirname(file)
  const there = statOrUndefined(directory)
  if (code === 'EPERM') return new StartError(`Cannot set the owner of the socket ${file}: no permission`, 111)
  if (there === 'unknown') return refused(file, code === 'EACCES' ? 'no permission' : (code ?? message))
  if (there === undefined) return refused(file, `there is no directory ${directory}`)
  if (!there.isDirectory()) return refused(file, `${directory} is not a directory`)
  return refused(file, code === 'EACCES' ? 'no permission' : (code ?? message))
}

function refused(file: string, reason: string): StartError {
  return new StartError(`Cannot open the socket ${file}: ${reason}`, 111)
}

function statOrUndefined(path: string): Stats | undefined | 'unknown' {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return 'unknown'
  }
}
