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
  const directory = dirname(defaultSocket(asker))
  if (directory !== `/tmp/kahi-${asker.uid}`) return undefined
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return `Cannot make ${directory}: ${String(error)}`
  }
  const there = lstatSync(directory)
  const isOurs = there.isDirectory() && there.uid === asker.uid && (there.mode & 0o077) === 0
  return isOurs ? undefined : `${directory} is not a directory that only you can enter; remove it or name a socket`
}
