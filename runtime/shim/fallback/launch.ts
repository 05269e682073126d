// Starts one program with child_process.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { changesUser, errorCode } from '../preflight.ts'
import { SpawnError, type SpawnRequest } from '../shim.ts'

/** Starts the program; `ends` are its descriptors 0, 1 and 2, and that of its notices. Rejects with SpawnError. */
export async function launch(request: SpawnRequest, ends: readonly number[]): Promise<ChildProcess> {
  const stdio: ('ignore' | number)[] = ends.slice(0, 3)
  const [notify] = ends.slice(3)
  if (typeof request.notify === 'number' && notify !== undefined) {
    while (stdio.length < request.notify) stdio.push('ignore')
    stdio[request.notify] = notify
  }
  const user =
    changesUser(request) && request.user !== undefined ? { uid: request.user.uid, gid: request.user.gid } : {}
  const cwd = request.directory === undefined ? {} : { cwd: request.directory }
  const file = request.file.includes('/') ? request.file : `./${request.file}`
  const options = {
    argv0: request.argv[0] ?? file,
    env: { ...request.environment },
    stdio,
    detached: true,
    ...user,
    ...cwd,
  }
  try {
    const child = withUmask(request.umask, () => spawn(file, request.argv.slice(1), options))
    const failure = once(child, 'error')
    if (child.pid === undefined) throw (await failure)[0]
    failure.catch(() => {})
    return child
  } catch (error) {
    throw new SpawnError(errorCode(error) === 'EPERM' ? 'setuid' : 'exec', errorCode(error))
  }
}

/** Sets the umask of the daemon process while it forks, because a child inherits it. */
function withUmask<T>(umask: number | undefined, action: () => T): T {
  if (umask === undefined) return action()
  const before = process.umask(umask)
  try {
    return action()
  } finally {
    process.umask(before)
  }
}
