// The processes of a process group, from /proc.

import { readdirSync, readFileSync } from 'node:fs'

/** A process of a group that has not ended. */
export interface Member {
  readonly pid: number
  readonly parent: number
  /** When it was started; together with the pid this names one process. */
  readonly start: string
}

/** Place of the start time among the words after the name. Source: proc(5), field 22 of stat. */
const START = 19

/** The processes of a group in the order of their pids, without zombies. Empty where /proc cannot be read. */
export function groupMembers(group: number): readonly Member[] {
  return numbersInProc()
    .sort((left, right) => left - right)
    .flatMap((pid) => memberOf(pid, group) ?? [])
}

/** Whether a process exists and still belongs to the group. */
export function isMember(pid: number, group: number): boolean {
  return memberOf(pid, group) !== undefined
}

/** The start time of a process; empty when there is none. */
export function startOf(pid: number): string {
  return wordsOf(pid)?.[START] ?? ''
}

function numbersInProc(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

function memberOf(pid: number, group: number): Member | undefined {
  const words = wordsOf(pid) ?? []
  const [state = 'X', parent, itsGroup] = words
  if (Number(itsGroup) !== group || 'ZXx'.includes(state)) return undefined
  return { pid, parent: Number(parent), start: words[START] ?? '' }
}

/** `PID (NAME) STATE PARENT GROUP …` from the state on; the name may contain any character, also `)`. */
function wordsOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
