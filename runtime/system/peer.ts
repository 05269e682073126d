// Which user is at the other end of a unix socket. Node.js cannot ask the kernel (SO_PEERCRED), so the helper does, once for a
// connection: it gets the connection as its descriptor 3 and prints the answer.

import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

const known = new WeakMap<Socket, Promise<number | undefined>>()

/** The user id; undefined where the helper cannot tell it. `helper` is the path of kahi-shim. Never rejects. */
export function peerUid(helper: string, socket: Socket): Promise<number | undefined> {
  const uid = known.get(socket) ?? ask(helper, socket)
  known.set(socket, uid)
  return uid
}

function ask(helper: string, socket: Socket): Promise<number | undefined> {
  const descriptor = descriptorOf(socket)
  if (descriptor === undefined) return Promise.resolve(undefined)
  const asked = new Promise<number | undefined>((resolve) => {
    let answer = ''
    const child = spawn(helper, ['peer'], { stdio: ['ignore', 'pipe', 'ignore', descriptor] })
    child.stdio[1]?.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    child.on('error', () => resolve(undefined))
    child.on('close', () => resolve(/^\d+\n$/.test(answer) ? Number(answer) : undefined))
  })
  return asked.catch(() => undefined)
}

/** Given the socket itself, Node.js would stop reading from it. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  const descriptor: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined
}
