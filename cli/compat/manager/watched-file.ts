// The configuration file of `manager`, as its log lines describe it.
// Source: flush-manager 1.0.0, internal/watcher/watcher.go.

import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoCode } from '../../../runtime/system/files.ts'
import { linkProblem, lstatProblem, timeText } from './go-words.ts'
import type { ManagerLog } from './log.ts'

/** What the lines about a change compare. */
export interface FileState {
  readonly time: string
  readonly inode: bigint
}

/**
 * Logs what the file is. Gives whether it exists, so that it is watched, or why it cannot be watched: a link that leads
 * nowhere, or a path through a file.
 */
export function describeFile(file: string, log: ManagerLog): boolean | { readonly problem: string } {
  if (file === '') {
    log.debug('No config file path specified, using no-op watcher')
    return false
  }
  let found: Stats
  try {
    found = lstatSync(file)
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') return { problem: `failed to stat file ${file}: ${lstatProblem(file, error)}` }
    log.info(`Config file ${file} does not exist, using no-op watcher`)
    return false
  }
  const target = found.isSymbolicLink() ? targetOf(file) : undefined
  if (found.isSymbolicLink() && target === undefined)
    return { problem: `failed to resolve symlink ${file}: ${linkProblem(file)}` }
  if (target === undefined) log.info(`Config file ${file} is a regular file`)
  else log.info(`Config file ${file} is a symlink pointing to ${target}`)
  const directory = dirname(file)
  log.info(`Watching directory: ${directory}`)
  const above = dirname(directory)
  if (target !== undefined && above !== dirname(target))
    log.info(`Watching config directory for ConfigMap updates: ${above}`)
  return true
}

/** Time and inode of the file; undefined when it is gone. */
export function stateOf(file: string): FileState | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? undefined : { time: timeText(found.mtimeNs), inode: found.ino }
}

function targetOf(file: string): string | undefined {
  try {
    return realpathSync(file)
  } catch {
    return undefined
  }
}
