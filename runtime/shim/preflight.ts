// Checks of the fallback before it starts a process. child_process cannot say which step failed, it looks a plain name
// up in PATH, and it lets a shell run a file that the kernel refuses. If another process changes a file between check
// and start, only the error is less exact.

import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { readProgram } from '../system/guarded.ts'
import { SpawnError, type SpawnRequest } from './shim.ts'

const LARGEST_ID = 0x7fffffff
const BINFMT_MISC = '/proc/sys/fs/binfmt_misc'

/** Throws the SpawnError that the native helper would give, in the same order. */
export function checkSpawn(request: SpawnRequest): void {
  const texts = [request.file, ...request.argv, ...Object.entries(request.environment).flat(), request.directory ?? '']
  if (request.argv.length === 0 || texts.some((text) => text.includes('\0'))) throw new SpawnError('request', 'EINVAL')
  if (request.attributes !== undefined) throw new SpawnError('attributes', 'ENOTSUP')
  if (request.listen !== undefined) throw new SpawnError('listen', 'ENOTSUP')
  if (request.notify === 'socket') throw new SpawnError('notify', 'ENOTSUP')
  checkUser(request)
  if (request.directory !== undefined) checkDirectory(request.directory)
  attempt('exec', () => checkProgram(resolve(request.directory ?? '.', request.file)))
}

/**
 * Whether the process needs another user or other groups than the daemon. Source: supervisor 4.2.5,
 * ServerOptions.drop_privileges.
 */
export function changesUser(request: SpawnRequest): boolean {
  return request.user !== undefined && request.user.uid !== process.getuid?.()
}

/** The errno name of a system error, otherwise EINVAL: child_process throws its own errors for bad arguments. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^E[A-Z0-9]+$/.test(code) ? code : 'EINVAL'
}

function checkUser(request: SpawnRequest): void {
  if (request.user === undefined || !changesUser(request)) return
  if (process.getuid?.() !== 0) throw new SpawnError('setgroups', 'EPERM')
  if (!(request.user.gid >= 0 && request.user.gid <= LARGEST_ID)) throw new SpawnError('setgid', 'EINVAL')
  if (!(request.user.uid >= 0 && request.user.uid <= LARGEST_ID)) throw new SpawnError('setuid', 'EINVAL')
}

function checkDirectory(directory: string): void {
  attempt('chdir', () => {
    if (!statSync(directory).isDirectory()) throw new SpawnError('chdir', 'ENOTDIR')
    accessSync(directory, constants.X_OK)
  })
}

function checkProgram(file: string): void {
  accessSync(file, constants.X_OK)
  if (!statSync(file).isFile()) throw new SpawnError('exec', 'EACCES')
  if (!isKnownFormat(file)) throw new SpawnError('exec', 'ENOEXEC')
}

/**
 * Whether the kernel can run the file: a script or an ELF file. True as well when further formats are registered in the
 * kernel, or when the file cannot be read.
 */
function isKnownFormat(file: string): boolean {
  const start = readStart(file)
  return start === undefined || start.startsWith('#!') || start === '\x7fELF' || hasOtherFormats()
}

function readStart(file: string): string | undefined {
  try {
    return readProgram(file, 4).toString('latin1')
  } catch {
    return undefined
  }
}

function hasOtherFormats(): boolean {
  try {
    return readdirSync(BINFMT_MISC).some((name) => name !== 'register' && name !== 'status')
  } catch {
    return false
  }
}

function attempt(step: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    throw error instanceof SpawnError ? error : new SpawnError(step, errorCode(error))
  }
}
