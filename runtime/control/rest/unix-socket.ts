// The file of a unix socket: put in place so that clients see it only when it is listening and has its mode and
// owner; never taken from a program that still answers; never at the cost of a file that is no socket.
// Source: supervisor 4.2.5, http.supervisor_af_unix_http_server (which deletes whatever is at the path).

import { chmodSync, chownSync, linkSync, lstatSync, renameSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { StartError } from '../errors.ts'

/** What sockaddr_un holds, less the closing zero. */
const PATH_LIMIT_BYTES = 107

/** Where a socket goes and who may use it; ids of -1 are left alone. */
export interface SocketFile {
  readonly file: string
  readonly chmod: number
  readonly chown: { readonly uid: number; readonly gid: number }
}

/** Makes a server listen on a socket file. Gives the function that removes the file, if it is still ours. */
export async function listenOnFile(
  server: Server,
  socket: SocketFile,
  log: (message: string) => void,
): Promise<() => void> {
  const { file } = socket
  if (Buffer.byteLength(file) > PATH_LIMIT_BYTES) {
    throw new StartError(`The path of the socket ${file} is longer than ${PATH_LIMIT_BYTES} bytes`, 2)
  }
  const stale = await findStale(file)
  const temporary = temporaryName(file)
  await bind(server, temporary, file)
  try {
    chmodSync(temporary, socket.chmod)
    if (socket.chown.uid !== -1 || socket.chown.gid !== -1) chownSync(temporary, socket.chown.uid, socket.chown.gid)
    if (stale !== undefined) removeStale(file, stale, log)
    const own = lstatSync(temporary)
    putInPlace(temporary, file)
    return () => removeOwn(file, own)
  } catch (error) {
    removeQuietly(temporary)
    server.close()
    throw startError(error, file)
  }
}

/** Undefined when nothing is there; throws when something answers or the path is no socket. */
async function findStale(file: string): Promise<Stats | undefined> {
  const there = statOf(file)
  if (there === undefined) return undefined
  if (!there.isSocket()) throw new StartError(`${file} is not a socket and is left alone; choose another path`, 2)
  const failure = await tryToConnect(file)
  if (failure === undefined) throw busy(file)
  if (failure === 'ENOENT') return undefined
  if (failure === 'ECONNREFUSED') return there
  throw new StartError(`Cannot find out whether a program listens on ${file}: ${failure}`, 111)
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false })
  } catch (error) {
    throw startError(error, file)
  }
}

/** Gives the errno name of the failure, undefined when somebody listens. */
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

/** Beside the file, so that it can be linked; at most as long as the limit where the file is. */
function temporaryName(file: string): string {
  const long = `${file}.${process.pid}`
  return Buffer.byteLength(long) <= PATH_LIMIT_BYTES ? long : `${dirname(file)}/.k${process.pid}`
}

function bind(server: Server, temporary: string, file: string): Promise<void> {
  removeQuietly(temporary)
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(startError(error, file))
    server.once('error', fail)
    // Only we may connect until the mode is set.
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

/** Unlinks the socket that nobody answered on, unless another one has taken its place since. */
function removeStale(file: string, stale: Stats, log: (message: string) => void): void {
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!isSame(there, stale)) throw busy(file)
  log(`Unlinking stale socket ${file}`)
  unlinkSync(file)
}

/** A link fails when another daemon was faster; file systems without links get a rename. */
function putInPlace(temporary: string, file: string): void {
  try {
    linkSync(temporary, file)
    unlinkSync(temporary)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw busy(file)
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    renameSync(temporary, file)
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
    // Nothing there, or not ours to remove.
  }
}

function busy(file: string): StartError {
  return new StartError(`Another program is already listening on ${file}`, 2)
}

/** libuv says EACCES where a directory is missing, so that is looked up. */
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
