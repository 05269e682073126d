// Kills processes whose parent, the helper, has ended: their groups, and all descendants, also those that changed their
// group. Descendants whose own parent had ended before cannot be found: they were children of the helper, and the
// kernel has given them to another process. A guard above the helper (native/guard.c) kills those too.

import { append } from '../../config/model/append.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { startOf } from '../system/process-group.ts'

/**
 * Sends SIGKILL to the groups of these leaders and to all their descendants. `leaders` are pids with start times: a process
 * that has got the number of a leader meanwhile is not killed.
 */
export function killTrees(leaders: ReadonlyMap<number, string>): void {
  const groups = [...leaders].flatMap(([pid, start]) => (start !== '' && startOf(pid) === start ? [pid] : []))
  const below = groups.flatMap(descendants)
  for (const pid of [...groups.map((leader) => -leader), ...below]) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it has ended already
    }
  }
}

/** All descendants of a process, nearest first. */
function descendants(pid: number): number[] {
  const found = children(pid)
  for (let at = 0; at < found.length; at++) append(found, children(found[at] ?? 0))
  return found
}

function children(pid: number): number[] {
  try {
    const lists = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'),
    )
    return lists.join(' ').split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}
