// What processes use, in more detail than for metrics: shared memory counts only in part (PSS), or the memory of the
// cgroup is taken, and sockets are counted by their states. Nothing is measured unless a client asks.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { type GroupUsage, usageOfGroups } from './usage.ts'

/** A process to measure, with its children. */
export interface Measured {
  readonly pid: number
  /** It has a cgroup of its own. */
  readonly hasCgroup: boolean
}

/** What a process uses together with its children. */
export interface ProcessUsage extends Omit<GroupUsage, 'memoryBytes'> {
  readonly memoryBytes: number
  /** How the memory was measured. */
  readonly memoryKind: 'cgroup' | 'pss' | 'rss'
  /** Number of sockets by state; undefined where the daemon may not look. */
  readonly sockets: Readonly<Record<string, number>> | undefined
}

/** Source: Linux, include/net/tcp_states.h. */
const TCP_STATES: Readonly<Record<string, string>> = {
  '01': 'established',
  '02': 'syn_sent',
  '03': 'syn_recv',
  '04': 'fin_wait1',
  '05': 'fin_wait2',
  '06': 'time_wait',
  '07': 'close',
  '08': 'close_wait',
  '09': 'last_ack',
  '0A': 'listen',
  '0B': 'closing',
}
const CGROUPS = '/sys/fs/cgroup'

/** Pid → usage. Pids that have ended are left out. */
export async function measure(wanted: readonly Measured[]): Promise<ReadonlyMap<number, ProcessUsage>> {
  const usages = await usageOfGroups(wanted.map(({ pid }) => pid))
  const tables = new Map<string, ReadonlyMap<string, string>>()
  return new Map(
    wanted.flatMap(({ pid, hasCgroup }) => {
      const usage = usages.get(pid)
      if (usage === undefined) return []
      const memory = (hasCgroup ? memoryOfCgroup(pid) : undefined) ?? memoryOf(usage)
      return [[pid, { ...usage, ...memory, sockets: socketsOf(usage.pids, tables) }] as const]
    }),
  )
}

function memoryOf({ pids, memoryBytes }: GroupUsage): Pick<ProcessUsage, 'memoryBytes' | 'memoryKind'> {
  const parts = pids.map((pid) => /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1])
  if (parts.includes(undefined)) return { memoryBytes, memoryKind: 'rss' }
  return { memoryBytes: parts.reduce((sum, part) => sum + Number(part) * 1024, 0), memoryKind: 'pss' }
}

/** Version 2 only. */
function memoryOfCgroup(pid: number): Pick<ProcessUsage, 'memoryBytes' | 'memoryKind'> | undefined {
  const path = /^0::(.*)$/m.exec(read(`/proc/${pid}/cgroup`))?.[1]
  const text = path === undefined || path === '/' ? '' : read(`${CGROUPS}${path}/memory.current`).trim()
  return /^\d+$/.test(text) ? { memoryBytes: Number(text), memoryKind: 'cgroup' } : undefined
}

/** `tables`: network namespace → inode → state, which are read once. */
function socketsOf(
  pids: readonly number[],
  tables: Map<string, ReadonlyMap<string, string>>,
): Readonly<Record<string, number>> | undefined {
  const counts: Record<string, number> = {}
  const seen = new Set<string>()
  for (const pid of pids) {
    const inodes = socketInodes(pid)
    if (inodes === undefined) return undefined
    if (inodes.length === 0) continue
    const table = tableOf(pid, tables)
    for (const inode of inodes) {
      if (seen.has(inode)) continue
      seen.add(inode)
      const state = table.get(inode) ?? 'other'
      counts[state] = (counts[state] ?? 0) + 1
    }
  }
  return counts
}

function socketInodes(pid: number): readonly string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    return undefined
  }
}

function tableOf(pid: number, tables: Map<string, ReadonlyMap<string, string>>): ReadonlyMap<string, string> {
  const namespace = linkOf(`/proc/${pid}/ns/net`)
  const known = tables.get(namespace)
  if (known !== undefined) return known
  const rows = (name: string): readonly string[] => read(`/proc/${pid}/net/${name}`).split('\n').slice(1)
  const tcp = ['tcp', 'tcp6'].flatMap(rows).map((row): [string, string] => {
    const fields = row.trim().split(/\s+/)
    return [fields[9] ?? '', TCP_STATES[fields[3] ?? ''] ?? 'other']
  })
  const udp = ['udp', 'udp6'].flatMap(rows).map((row): [string, string] => [row.trim().split(/\s+/)[9] ?? '', 'udp'])
  const unix = rows('unix').map((row): [string, string] => [row.trim().split(/\s+/)[6] ?? '', 'unix'])
  const table = new Map([...tcp, ...udp, ...unix])
  tables.set(namespace, table)
  return table
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
