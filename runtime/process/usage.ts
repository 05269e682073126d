// What process groups use now: CPU time, memory, open files, from /proc. One pass over all processes of the machine serves
// all groups, in pieces, so that a machine with thousands of processes does not hold up the daemon.

import { readdirSync, readFileSync } from 'node:fs'
import { ownTurn } from '../system/turn.ts'

/** The kernel reports CPU time in hundredths of a second, on every architecture (USER_HZ). */
const TICK_MS = 10
/** So many processes are read in one turn of the event loop. */
const PIECE = 20
/** The key of the page size in the auxiliary vector. Source: Linux, include/uapi/linux/auxvec.h. */
const AT_PAGESZ = 6n
const OTHERWISE_PAGE_BYTES = 4096
/** Below this the kernel's counter of pages is too coarse: each CPU reports only every 64th page to it. */
const SMALL_BYTES = 4 * 1024 * 1024

/** What the processes of a group use together. */
export interface GroupUsage {
  /** Time in programs and in the kernel, with that of children that were waited for. */
  cpuMs: number
  /** Resident memory; what several processes share counts for each. */
  memoryBytes: number
  /** Open file descriptors; undefined where the daemon may not look. */
  openFiles: number | undefined
  threads: number
  processes: number
  pids: number[]
}

/** One process, from its line in /proc. */
interface Line {
  readonly group: number
  readonly session: number
  readonly cpuMs: number
  readonly threads: number
  readonly memoryBytes: number
}

/** Leader → usage of its process group or session. A leader without processes is left out. */
export async function usageOfGroups(leaders: Iterable<number>): Promise<ReadonlyMap<number, GroupUsage>> {
  const wanted = new Set(leaders)
  const found = new Map<number, GroupUsage>()
  const pids = wanted.size === 0 ? [] : readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const pageBytes = wanted.size === 0 ? 0 : readPageBytes()
  for (const [index, pid] of pids.entries()) {
    if (index % PIECE === PIECE - 1) await ownTurn()
    const line = readLine(pid, pageBytes)
    const leader = [line?.group, line?.session].find((one) => one !== undefined && wanted.has(one))
    if (line === undefined || leader === undefined) continue
    const known = found.get(leader) ?? { cpuMs: 0, memoryBytes: 0, openFiles: 0, threads: 0, processes: 0, pids: [] }
    found.set(leader, add(known, line, pid))
  }
  return found
}

/** What one process uses; undefined when it is gone. */
export function usageOfProcess(pid: number): GroupUsage | undefined {
  const line = readLine(String(pid), readPageBytes())
  if (line === undefined) return undefined
  return add({ cpuMs: 0, memoryBytes: 0, openFiles: 0, threads: 0, processes: 0, pids: [] }, line, String(pid))
}

function add(sum: GroupUsage, line: Line, pid: string): GroupUsage {
  const files = countFiles(pid)
  return {
    cpuMs: sum.cpuMs + line.cpuMs,
    memoryBytes: sum.memoryBytes + line.memoryBytes,
    openFiles: sum.openFiles === undefined || files === undefined ? undefined : sum.openFiles + files,
    threads: sum.threads + line.threads,
    processes: sum.processes + 1,
    pids: [...sum.pids, Number(pid)],
  }
}

/** Source: proc(5), /proc/pid/stat. The name in parentheses may contain anything. */
function readLine(pid: string, pageBytes: number): Line | undefined {
  const text = readOrUndefined(`/proc/${pid}/stat`)?.toString('latin1')
  if (text === undefined) return undefined
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const at = (number: number): number => fields[number - 3] ?? 0
  return {
    group: at(5),
    session: at(6),
    cpuMs: (at(14) + at(15) + at(16) + at(17)) * TICK_MS,
    threads: at(20),
    memoryBytes: residentBytes(pid, at(24) * pageBytes),
  }
}

function residentBytes(pid: string, counted: number): number {
  if (counted >= SMALL_BYTES) return counted
  const exact = /^Rss:\s+(\d+) kB/m.exec(readOrUndefined(`/proc/${pid}/smaps_rollup`)?.toString('latin1') ?? '')
  return exact === null ? counted : Number(exact[1]) * 1024
}

function countFiles(pid: string): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return undefined
  }
}

function readPageBytes(): number {
  const vector = readOrUndefined('/proc/self/auxv') ?? Buffer.alloc(0)
  for (let offset = 0; offset + 16 <= vector.length; offset += 16)
    if (vector.readBigUInt64LE(offset) === AT_PAGESZ) return Number(vector.readBigUInt64LE(offset + 8))
  return OTHERWISE_PAGE_BYTES
}

function readOrUndefined(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
