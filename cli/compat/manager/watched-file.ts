// The configuration file of `manager`, as its log lines describe it.
// Source: flush-manager 1.0.0, internal/watcher/watcher.go.

import { lstatSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ManagerLog } from './log.ts'

/** What the lines about a change compare. */
export interface FileState {
  readonly time: string
  readonly inode: number
}

/** Logs what the file is. True when it exists, so that it is watched. Throws the error of a link that leads nowhere. */
export function describeFile(file: string, log: ManagerLog): boolean {
  if (file === '') {
    log.debug('No config file path specified, using no-op watcher')
    return false
  }
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found === undefined) {
    log.info(`Config file ${file} does not exist, using no-op watcher`)
    return false
  }
  const target = found.isSymbolicLink() ? realpathSync(file) : undefined
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
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? undefined : { time: found.mtime.toISOString(), inode: found.ino }
}
