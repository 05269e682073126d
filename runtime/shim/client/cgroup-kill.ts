// Kills all processes of the cgroups of one service.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { startOf } from '../../system/process-group.ts'

/** So often a list of processes is read. Only a cgroup in which processes can still be made needs more than two. */
const MOST_ROUNDS = 200

/**
 * Version 2 kills at once, from Linux 5.14 on. Elsewhere no new process is allowed, where the number is limited, and the
 * list is read until it contains no new process: one that was killed may have forked before.
 */
export function killAll(directories: readonly string[]): void {
  const slow = directories.filter((directory) => !attempt(() => killAtOnce(directory)))
  for (const directory of slow) attempt(() => writeExisting(join(directory, 'pids.max'), '0'))
  for (const directory of slow) attempt(() => killListed(directory))
}

function killAtOnce(directory: string): boolean {
  return writeExisting(join(directory, 'cgroup.kill'), '1')
}

function writeExisting(file: string, value: string): boolean {
  if (!existsSync(file)) return false
  writeFileSync(file, value)
  return true
}

function killListed(directory: string): boolean {
  const killed = new Set<string>()
  for (let round = 0; round < MOST_ROUNDS; round += 1) if (!killThose(directory, killed)) return true
  return false
}

/** Kills the listed processes that are not in `killed`, and adds them. False when there are none. */
function killThose(directory: string, killed: Set<string>): boolean {
  const pids = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').map(Number)
  const found = pids
    .filter((pid) => pid > 1)
    .map((pid) => ({ pid, key: `${pid} ${startOf(pid)}` }))
    .filter(({ key }) => !killed.has(key))
  for (const { pid, key } of found) {
    killed.add(key)
    attempt(() => isIn(pid, directory) && process.kill(pid, 'SIGKILL'))
  }
  return found.length > 0
}

/** Asked right before the signal: the process of the list may have ended, and another one have its number. */
function isIn(pid: number, directory: string): boolean {
  const end = `/${basename(dirname(directory))}/${basename(directory)}`
  return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .some((line) => line.endsWith(end))
}

/** False also when the process or the cgroup is gone. */
function attempt(work: () => boolean): boolean {
  try {
    return work()
  } catch {
    return false
  }
}
