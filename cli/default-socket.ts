// The default socket of daemon and ctl: /run/kahi.sock for root; for other users it is in a directory that only they
// can enter.

import { lstatSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The user, and the environment. */
export interface Asker {
  readonly uid: number
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** This process. */
export function thisAsker(): Asker {
  return { uid: process.getuid?.() ?? 0, environment: process.env }
}

/** Absolute path of the default socket. */
export function defaultSocket({ uid, environment }: Asker): string {
  if (uid === 0) return '/run/kahi.sock'
  const runtime = environment.XDG_RUNTIME_DIR ?? ''
  return runtime.startsWith('/') ? join(runtime, 'kahi.sock') : `/tmp/kahi-${uid}/kahi.sock`
}

/** Makes the directory of the default socket, where this user may. Gives an error text, or undefined. */
export function prepareDefaultSocket(asker: Asker): string | undefined {
  const directory = sharedPlace(asker)
  if (directory === undefined) return undefined
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return `Cannot make ${directory}: ${String(error)}`
  }
  return refuseDefaultSocket(asker)
}

/**
 * Says why a client must not use the default socket: another user made its directory in /tmp first, and could answer in place
 * of the daemon. Undefined when it may, and when there is no directory.
 */
export function refuseDefaultSocket(asker: Asker): string | undefined {
  const directory = sharedPlace(asker)
  const there = directory === undefined ? undefined : lstatSync(directory, { throwIfNoEntry: false })
  if (there === undefined) return undefined
  const isOurs = there.isDirectory() && there.uid === asker.uid && (there.mode & 0o077) === 0
  return isOurs ? undefined : `${directory} is not a directory that only you can enter; remove it or name a socket`
}

/** The directory of the default socket, where other users could make it first. */
function sharedPlace(asker: Asker): string | undefined {
  const directory = dirname(defaultSocket(asker))
  return directory === `/tmp/kahi-${asker.uid}` ? directory : undefined
}
