// A FIFO through which other programs say what is to be done, one byte each. It is open for writing here too, so that it never
// ends; it and the lock beside it are what tells them that somebody is there.

import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Shim } from '../../shim/shim.ts'

/** What opening needs. */
export interface ControlParts {
  /** Holds `lock` and `control`; there already. */
  readonly directory: string
  readonly shim: Shim
  /** Gets each byte, as a character. */
  readonly take: (letter: string) => void
}

/** Makes, locks and opens the two; gives what lets go of them. Rejects with SpawnError, EAGAIN when others are there. */
export async function openControl({ directory, shim, take }: ControlParts): Promise<() => void> {
  const [control, lock] = [`${directory}/control`, `${directory}/lock`]
  await Promise.all([shim.lock(lock), shim.makeFifo(control, 0o600)])
  const fd = openOr(control, () => shim.unlock(lock))
  const socket = new Socket({ fd, readable: true, writable: false })
  socket.on('data', (bytes: Buffer) => {
    for (const letter of bytes.toString('latin1')) take(letter)
  })
  socket.on('error', () => socket.destroy())
  return () => {
    socket.destroy()
    shim.unlock(lock)
  }
}

function openOr(control: string, undo: () => void): number {
  try {
    return openSync(control, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    undo()
    throw error
  }
}
