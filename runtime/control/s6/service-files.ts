// The files in the service directory of a program, except those for its supervision.

import { rmdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errnoCode } from '../../system/files.ts'
import { atPlace, replaceGuarded } from '../../system/guarded.ts'
import {
  copyGuarded,
  existsGuarded,
  linkGuarded,
  makeDirectoriesGuarded,
  namesGuarded,
  removeGuarded,
  targetGuarded,
} from '../../system/guarded-trees.ts'
import type { Unit } from '../operations/supervised.ts'

/** Files that kahi makes. */
const OWN = ['supervise', 'event', 'down', 'notification-fd']
/**
 * Directories that the service may write to: copies, as s6-rc makes them. Existing ones are kept. Source: s6-rc 0.7,
 * s6-rc-compile.
 */
const COPIED = ['data', 'env', 'template']
/** Never linked: a directory in a scan directory with one of these is a service, or has a logger, that a user has put there. */
const NOT_LINKED = [...OWN, 'run', 'log']

/** Writes the files from which tools know the kind of the service, and links to the service's own files. */
export function writeFiles(
  directory: string,
  { settings: { ready, autostart, service_files: files, service_directory: own } }: Pick<Unit, 'settings'>,
): void {
  makeDirectoriesGuarded(directory)
  const write = (name: string, text: string | undefined): void => {
    const path = join(directory, name)
    if (text === undefined) removeGuarded(path)
    else replaceGuarded(path, text, 0o644)
  }
  write('down', autostart ? undefined : '')
  write('notification-fd', ready?.check.kind === 'fd' ? `${ready.check.fd}\n` : undefined)
  for (const name of linksIn(directory)) removeGuarded(join(directory, name))
  if (files === undefined || files === directory) return
  for (const name of namesGuarded(files)) {
    const isRun = name === 'run' && own !== undefined
    if ((NOT_LINKED.includes(name) && !isRun) || name.startsWith('.')) continue
    const [from, to] = [resolve(files, name), join(directory, name)]
    if (existsGuarded(to)) continue
    if (COPIED.includes(name)) copyGuarded(from, to)
    else linkGuarded(from, to)
  }
}

/** Whether a user has put a service there, and not kahi, whose `run` is a link to that of the definition. */
export function isOfUser(directory: string): boolean {
  const run = join(directory, 'run')
  return existsGuarded(run) && targetGuarded(run)?.split('/').pop() !== 'run'
}

/** Makes a link in the scan directory. An existing link is replaced; any other file stays. */
export function linkTo(directory: string, link: string): void {
  linkGuarded(directory, link)
}

/** Removes the link, if it still leads there. */
export function unlinkFrom(directory: string, link: string): void {
  if (targetGuarded(link) === directory) removeGuarded(link)
}

/** Removes the files that kahi made, and the directory too, unless it contains other files. */
export function removeFiles(directory: string): void {
  if (!existsGuarded(directory)) return
  for (const name of [...OWN, ...COPIED, ...linksIn(directory)]) removeGuarded(join(directory, name))
  try {
    atPlace(resolve(directory), (place) => rmdirSync(place))
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoCode(error))) throw error
  }
}

/** Links to files of the same name, as kahi makes them. */
function linksIn(directory: string): readonly string[] {
  if (!existsGuarded(directory)) return []
  return namesGuarded(directory).filter((name) => targetGuarded(join(directory, name))?.split('/').pop() === name)
}
