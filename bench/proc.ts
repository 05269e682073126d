// Facts about processes from /proc: descendants, memory, CPU, context switches, descriptors, threads. A process that
// exits during the reading counts as 0.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Ticks a second of /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS = 100

/** A process, identified by pid and start time: another process may get the same pid later. */
export interface Known {
  readonly pid: number
  /** In ticks since the machine started. */
  readonly start: string
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** The fields of /proc/PID/stat from the state on; empty when the process does not exist. */
function stat(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`)
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** All pids of the machine. */
function allPids(): number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** The file that a process runs; empty when the process has ended or is a zombie. */
export function executable(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}

/** Identifies a process; undefined when it does not exist. */
export function know(pid: number): Known | undefined {
  const start = stat(pid)[19]
  return start === undefined ? undefined : { pid, start }
}

/** Whether it is still the same process, and no zombie. */
export function isAlive({ pid, start }: Known): boolean {
  const fields = stat(pid)
  return fields[19] === start && fields[0] !== 'Z'
}

/** The process and all its descendants; the process itself first. */
export function tree(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const pid of allPids()) {
    const parent = Number(stat(pid)[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const found = [root]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

/** Pids that run this file. */
export function runners(file: string): number[] {
  return allPids().filter((pid) => executable(pid) === file)
}

/** The zombies among the processes. */
export function zombies(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => stat(pid)[0] === 'Z')
}

/** Sum of a field of /proc/PID/smaps_rollup, in MiB: `Pss`, `Anonymous`. */
export function memoryMib(pids: readonly number[], field: 'Pss' | 'Anonymous'): number {
  const pattern = new RegExp(`^${field}:\\s+(\\d+)`, 'm')
  return sum(pids, (pid) => Number(pattern.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)) / 1024
}

/** CPU time used so far in user and kernel mode, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, (pid) => Number(stat(pid)[11] ?? 0) + Number(stat(pid)[12] ?? 0)) / TICKS
}

/** Context switches so far, of all threads. */
export function contextSwitches(pids: readonly number[]): number {
  return sum(pids, (pid) =>
    sum(list(`/proc/${pid}/task`), (thread) => switchesOf(`/proc/${pid}/task/${thread}/status`)),
  )
}

function switchesOf(path: string): number {
  return sum([...read(path).matchAll(/ctxt_switches:\s+(\d+)/g)], (match) => Number(match[1]))
}

/** Open descriptors. */
export function descriptors(pids: readonly number[]): number {
  return sum(pids, (pid) => list(`/proc/${pid}/fd`).length)
}

/** Threads. */
export function threads(pids: readonly number[]): number {
  return sum(pids, (pid) => list(`/proc/${pid}/task`).length)
}

function sum<T>(things: readonly T[], value: (thing: T) => number): number {
  return things.reduce((total, thing) => total + value(thing), 0)
}
