// The two ways to reach a helper. Either this daemon process starts it as a child, or the helper runs already, as the
// parent of this process, and says so in KAHI_SHIM_PARENT. The connection needs only a socket and the end of the
// helper.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'

/** A running kahi-shim. */
export interface Helper {
  /** Its name in messages. */
  readonly name: string
  readonly pid: number
  readonly socket: Socket
  /** For a helper that is our parent: how many daemon processes it has started before this one. */
  readonly daemonsBefore?: number
  /** Resolves with a sentence that says how it ended, after its last output. */
  readonly ended: Promise<string>
  /**
   * Stops using the helper. Kills the process `pid` of it, or the process that was started; of a parent only the
   * connection is closed.
   */
  kill(pid?: number): void
  /** Kills the helper although it is our parent, because it does not answer. */
  abandon?(): void
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
  return { name: path, pid, socket, ended, kill: (one = pid) => isAlive(child) && killNow(one) }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

/** SIGKILL works on a stopped process too. */
function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended already, or may not be killed by us
  }
}

async function whyNot(child: ChildProcess, path: string): Promise<Error> {
  const [error] = (await once(child, 'error')) as [unknown]
  return new Error(`${path}: cannot run it: ${error instanceof Error ? error.message : String(error)}`)
}

/** Whether this is the first daemon process that the helper has started. */
export function isFirstDaemonProcess({ KAHI_SHIM_PARENT: text = '' }: NodeJS.ProcessEnv): boolean {
  const [pid, , daemonsBefore = 0] = text.split(':').map(Number)
  return pid !== process.ppid || daemonsBefore === 0
}

/**
 * The helper that started this process, as `kahi-shim parent` does; undefined when there is none. The variable is
 * removed from the environment. It contains the pid of the helper: a process that merely inherited the variable has
 * another parent and ignores it.
 */
export function parentHelper(environment: NodeJS.ProcessEnv): Helper | undefined {
  const [pid, fd, daemonsBefore = 0] = (environment.KAHI_SHIM_PARENT ?? '').split(':').map(Number)
  delete environment.KAHI_SHIM_PARENT
  if (pid === undefined || fd === undefined || pid !== process.ppid || !isSocket(fd)) return undefined
  const socket = new Socket({ fd, readable: true, writable: true })
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve('it closed the connection'))
  })
  const kill = () => void socket.destroy()
  const abandon = () => {
    killNow(pid)
    kill()
  }
  return { name: 'kahi-shim parent', pid, socket, daemonsBefore, ended, kill, abandon }
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket()
  } catch {
    return false
  }
}
