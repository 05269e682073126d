// Who is in a process group, as /proc shows it.

import { readdirSync, readFileSync } from 'node:fs'

/** A process of a group that has not ended. */
export interface Member {
  readonly pid: number
  readonly parent: number
}

/** The processes of a group in the order of their numbers, without those that only wait to be reaped. Empty where /proc cannot be read. */
export function groupMembers(group: number): readonly Member[] {
  return numbersInProc()
    .sort((left, right) => left - right)
    .flatMap((pid) => memberOf(pid, group) ?? [])
}

/** Whether a process is there and still belongs to the group. */
export function isMember(pid: number, group: number): boolean {
  return memberOf(pid, group) !== undefined
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

/** `PID (NAME) STATE PARENT GROUP …`; the name may hold anything, also `)`. */
function memberOf(pid: number, group: number): Member | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = 'X', parent, itsGroup] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return Number(itsGroup) === group && !'ZXx'.includes(state) ? { pid, parent: Number(parent) } : undefined
  } catch {
    return undefined
  }
}
