// Sends events of a service to its listeners: each listener has made a FIFO in `event/` and reads it. Source: s6 2.15,
// ftrigw_notify: names of 39 bytes, of 49 up to s6 2.7.

import { closeSync, constants, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errnoCode } from '../../system/files.ts'

const LISTENER = /^ftrig1:@[0-9a-f]{24}:.{6}(?:.{10})?$/

/**
 * Writes each character as an event to all listeners of the directory. The FIFO of a listener that has ended is
 * removed. A listener that does not read misses events.
 */
export function notifyListeners(directory: string, events: string): void {
  for (const name of listNames(directory)) if (LISTENER.test(name)) notify(join(directory, name), events)
}

function notify(path: string, events: string): void {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      writeSync(fd, events)
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

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
