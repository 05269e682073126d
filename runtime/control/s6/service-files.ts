// The files in a service directory of a program, but for those through which it is supervised.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Unit } from '../../service/unit.ts'
import { errnoCode } from '../../system/files.ts'

/** Files of ours. */
const OWN = ['supervise', 'event', 'down', 'notification-fd']
/** With one of these it would be a service, or have a logger, that somebody has put there. */
const NOT_LINKED = [...OWN, 'run', 'log']

/** Those by which tools know what kind of service it is, and links to its own. */
export function writeFiles(
  directory: string,
  { settings: { ready, autostart, service_files: files } }: Pick<Unit, 'settings'>,
): void {
  mkdirSync(directory, { recursive: true })
  rmSync(join(directory, 'down'), { force: true })
  if (!autostart) writeFileSync(join(directory, 'down'), '')
  rmSync(join(directory, 'notification-fd'), { force: true })
  if (ready?.check.kind === 'fd') writeFileSync(join(directory, 'notification-fd'), `${ready.check.fd}\n`)
  for (const name of linksIn(directory)) rmSync(join(directory, name), { force: true })
  if (files === undefined || files === directory) return
  for (const name of readdirSync(files)) {
    if (NOT_LINKED.includes(name) || name.startsWith('.')) continue
    if (!existsSync(join(directory, name))) symlinkSync(resolve(files, name), join(directory, name))
  }
}

/** Removes what we have made; the directory too, unless somebody else keeps something there. */
export function removeFiles(directory: string): void {
  for (const name of [...OWN, ...linksIn(directory)]) rmSync(join(directory, name), { recursive: true, force: true })
  try {
    rmdirSync(directory)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoCode(error))) throw error
  }
}

/** Links to files of their own name, as we make them. */
function linksIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const links = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())
  return links.map(({ name }) => name).filter((name) => basename(readlinkSync(join(directory, name))) === name)
}
