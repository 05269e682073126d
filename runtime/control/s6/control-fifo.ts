// A FIFO through which other programs send commands, one byte each. The daemon opens it for writing too, so it never
// reaches end of file. From the open FIFO and from the lock beside it the tools know that it is read.

import { constants } from 'node:fs'
import { Socket } from 'node:net'
import { openGuarded } from '../../system/guarded.ts'
import type { FifoMaker } from '../operations/supervised.ts'

/** What openControl() needs. */
export interface ControlParts {
  /** The directory for `lock` and `control`; it exists. */
  readonly directory: string
  readonly shim: FifoMaker
  /** Gets each byte, as a character. False for one that means nothing. */
  readonly take: (letter: string) => boolean
  /** Called for bytes that mean nothing: with the first one, and their number. */
  readonly onUnknown?: (first: string, count: number) => void
}

/** A command may write files: so many are carried out in one turn of the event loop. */
const AT_ONCE = 32

/**
 * Makes, locks and opens both files. Gives a function that releases them. Rejects with SpawnError: EAGAIN when another
 * process has the lock.
 */
export async function openControl({ directory, shim, take, onUnknown }: ControlParts): Promise<() => void> {
  const [control, lock] = [`${directory}/control`, `${directory}/lock`]
  await Promise.all([shim.lock(lock), shim.makeFifo(control, 0o600)])
  const fd = openOr(control, () => shim.unlock(lock))
  const socket = new Socket({ fd, readable: true, writable: false })
  let first = ''
  let count = 0
  const obey = (letters: string, from: number): void => {
    for (const letter of letters.slice(from, from + AT_ONCE)) {
      if (take(letter)) continue
      if (count === 0) first = letter
      count += 1
    }
    const next = from + AT_ONCE
    if (next < letters.length && !socket.destroyed) return void setImmediate(() => obey(letters, next))
    if (count > 0) onUnknown?.(first, count)
    count = 0
    socket.resume()
  }
  socket.on('data', (bytes: Buffer) => {
    socket.pause()
    obey(bytes.toString('latin1'), 0)
  })
  socket.on('error', () => socket.destroy())
  return () => {
    socket.destroy()
    shim.unlock(lock)
  }
}

function openOr(control: string, undo: () => void): number {
  try {
    return openGuarded(control, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    undo()
    throw error
  }
}
