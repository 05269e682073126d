// The two ways to a helper: started by the brain below itself, or there already as the brain's parent, which says so
// in KAHI_SHIM_PARENT. To the connection both are a socket and something that ends.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'

/** A running kahi-shim. */
export interface Helper {
  /** For messages. */
  readonly name: string
  readonly pid: number
  readonly socket: Socket
  /** For a helper that is our parent: how many brains it had before us. */
  readonly brainsBefore?: number
  /** Resolves with how it ended, in words, once nothing more will come. */
  readonly ended: Promise<string>
  /** Gives up on it. */
  kill(): void
}

/** Starts the helper at `path` below this process. Rejects when it cannot be executed. */
export async function startHelper(path: string): Promise<Helper> {
  const child = spawn(path, ['child'], { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], detached: true })
  const socket = child.stdio?.[3]
  const { pid } = child
  if (pid === undefined || !(socket instanceof Socket)) throw await whyNot(child, path)
  const ended = new Promise<string>((resolve) => {
    child.on('close', (code, signal) =>
      resolve(signal === null ? `it ended with exit status ${code}` : `it was killed by ${signal}`),
    )
  })
  return { name: path, pid, socket, ended, kill: () => void child.kill('SIGKILL') }
}

async function whyNot(child: ChildProcess, path: string): Promise<Error> {
  const [error] = await once(child, 'error')
  return new Error(`${path}: cannot run it: ${error instanceof Error ? error.message : String(error)}`)
}

/** Whether no other brain has run below the helper that started this process. */
export function isFirstBrain({ KAHI_SHIM_PARENT: text = '' }: NodeJS.ProcessEnv): boolean {
  const [pid, , brainsBefore = 0] = text.split(':').map(Number)
  return pid !== process.ppid || brainsBefore === 0
}

/**
 * The helper that started this process, as `kahi-shim parent` does; undefined when there is none. It is taken once.
 * A process that merely inherited the variable has another parent, so the variable names ours.
 */
export function parentHelper(environment: NodeJS.ProcessEnv): Helper | undefined {
  const [pid, fd, brainsBefore = 0] = (environment.KAHI_SHIM_PARENT ?? '').split(':').map(Number)
  delete environment.KAHI_SHIM_PARENT
  if (pid === undefined || fd === undefined || pid !== process.ppid || !isSocket(fd)) return undefined
  const socket = new Socket({ fd, readable: true, writable: true })
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve('it closed the connection'))
  })
  return { name: 'kahi-shim parent', pid, socket, brainsBefore, ended, kill: () => void socket.destroy() }
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket()
  } catch {
    return false
  }
}
