// Sends events of a service to its listeners: each listener has made a FIFO in `event/` and reads it. Source: s6 2.15,
// ftrigw_notify: names of 39 bytes, of 49 up to s6 2.7.

import { closeSync, constants, fstatSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errnoCode } from '../../system/files.ts'
import { inside } from '../../system/guarded-trees.ts'

const LISTENER = /^ftrig1:@[0-9a-f]{24}:.{6}(?:.{10})?$/

/**
 * Writes each character as an event to all listeners of the directory. The FIFO of a listener that has ended is
 * removed. A listener that does not read misses events.
 */
export function notifyListeners(directory: string, events: string): void {
  try {
    inside(directory, (held) => {
      for (const name of readdirSync(held)) if (LISTENER.test(name)) notify(join(held, name), events)
    })
  } catch {
    // the directory is gone, or another one of another user stands in its place
  }
}

function notify(path: string, events: string): void {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      // under another name, a file of any user may lie there
      if (fstatSync(fd).isFIFO()) writeSync(fd, events)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (['ENXIO', 'EPIPE'].includes(errnoCode(error))) remove(path)
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // its listener has removed it already
  }
}
