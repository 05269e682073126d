// Facts about processes from the kernel, and functions that end the processes of a test.

import { readdirSync, readFileSync } from 'node:fs'

/** State letter of a process (`Z` for a zombie), undefined when there is none. */
export function processState(pid: number): string | undefined {
  return statOf(pid)?.state
}

/** Whether a process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  return !['Z', 'X', undefined].includes(processState(pid))
}

/** A process with all its descendants, zombies included. */
export function below(pid: number): readonly number[] {
  const all = processes()
  const found = [pid]
  for (const parent of found) found.push(...all.filter((one) => one.parent === parent).map((one) => one.pid))
  return found
}

/** The name of a process's program, from the kernel. */
export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

/** The zombies among them. */
export function zombiesBelow(pid: number): readonly number[] {
  return below(pid).filter((one) => processState(one) === 'Z')
}

/** Kills a process unless it has ended. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly state: string
}

function processes(): readonly Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((name) => statOf(Number(name)) ?? [])
}

function statOf(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, state = '', parent] = stat.slice(stat.lastIndexOf(')')).split(' ')
    return { pid, parent: Number(parent), state }
  } catch {
    return undefined
  }
}

/** Pids of the stopped processes of a user. */
export function stoppedOf(uid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && processState(pid) === 'T' && isOf(pid, uid))
}

function isOf(pid: number, uid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8').includes(`Uid:\t${uid}\t`)
  } catch {
    return false // it has ended meanwhile
  }
}
