// What processes use, as a table that fits a terminal: columns that do not fit are left out, the last ones first.

import { namespec } from '../../config/model/names.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import type { UsageObject } from '../../runtime/control/operations/shapes/usage.ts'

/** One process with its use of CPU, in percent of one processor; undefined without a process. */
export interface Load {
  readonly id: string
  readonly process: ProcessObject
  readonly usage: UsageObject | undefined
  readonly cpu: number | undefined
}

interface Column {
  readonly title: string
  readonly width: number
  /** A letter that sorts by it. */
  readonly key: string
  text(load: Load): string
  /** What the rows are sorted by; the largest first. */
  value(load: Load): number | string
}

const UNITS = ['B', 'K', 'M', 'G', 'T']

/** The columns after the name, the most important first. */
export const COLUMNS: readonly Column[] = [
  { title: 'STATE', width: 9, key: 's', text: ({ process }) => process.state, value: ({ process }) => process.state },
  column(
    'CPU%',
    6,
    'c',
    ({ cpu }) => cpu?.toFixed(1),
    ({ cpu }) => cpu,
  ),
  column(
    'MEM',
    7,
    'm',
    ({ usage }) => usage && sizeText(usage.memory_bytes),
    ({ usage }) => usage?.memory_bytes,
  ),
  column(
    'PID',
    8,
    'p',
    ({ usage }) => usage && String(usage.pid),
    ({ usage }) => usage?.pid,
  ),
  column(
    'FDS',
    5,
    'f',
    ({ usage }) => usage && String(usage.open_files ?? '?'),
    ({ usage }) => usage?.open_files ?? 0,
  ),
  column(
    'THR',
    5,
    't',
    ({ usage }) => usage && String(usage.threads),
    ({ usage }) => usage?.threads,
  ),
  column(
    'PROCS',
    6,
    'r',
    ({ usage }) => usage && String(usage.processes),
    ({ usage }) => usage?.processes,
  ),
  column(
    'UPTIME',
    10,
    'u',
    ({ process }) => uptimeText(process),
    ({ process }) => process.uptime,
  ),
  {
    title: 'SOCKETS',
    width: 24,
    key: 'k',
    text: ({ usage }) => socketText(usage),
    value: ({ usage }) => countSockets(usage),
  },
]

function column(
  title: string,
  width: number,
  key: string,
  text: (load: Load) => string | undefined,
  value: (load: Load) => number | undefined,
): Column {
  return {
    title,
    width,
    key,
    text: (load) => (text(load) ?? '-').padStart(width - 1),
    value: (load) => value(load) ?? -1,
  }
}

/** The processes with their usage. CPU is that since `before`, else the average since the start of each process. */
export function loadsOf(
  processes: readonly ProcessObject[],
  usages: readonly UsageObject[],
  before: readonly UsageObject[],
): readonly Load[] {
  const find = (list: readonly UsageObject[], { group, name }: ProcessObject): UsageObject | undefined =>
    list.find((one) => one.group === group && one.name === name && one.pid > 0)
  return processes.map((process) => {
    const usage = find(usages, process)
    const old = find(before, process)
    return { id: namespec(process.group, process.name), process, usage, cpu: usage && cpuOf(usage, old) }
  })
}

function cpuOf(now: UsageObject, old: UsageObject | undefined): number {
  const elapsed = old?.pid === now.pid ? Date.parse(now.time) - Date.parse(old.time) : 0
  if (old === undefined || elapsed <= 0) return (now.cpu_ms / now.lived_ms) * 100
  return Math.max(0, ((now.cpu_ms - old.cpu_ms) / elapsed) * 100)
}

/** A line with the titles, and one for each process. */
export function usageTable(loads: readonly Load[], width: number): readonly string[] {
  const longest = Math.max(4, ...loads.map(({ id }) => id.length))
  const name = Math.min(longest, Math.max(8, Math.min(40, width - 24))) + 1
  const columns: Column[] = []
  let used = name
  for (const one of COLUMNS) {
    if (used + one.width > width) break
    columns.push(one)
    used += one.width + 1
  }
  const isText = (one: Column): boolean => one.title === 'STATE' || one.title === 'SOCKETS'
  const head = columns.map((one) => (isText(one) ? one.title.padEnd(one.width) : one.title.padStart(one.width - 1)))
  const rows = loads.map((load) => [
    cut(load.id, name - 1).padEnd(name),
    ...columns.map((one) => one.text(load).padEnd(isText(one) ? one.width : 0)),
  ])
  return [['NAME'.padEnd(name), ...head], ...rows].map((cells) => cells.join(' ').trimEnd())
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}~`
}

function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1]
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)}${UNITS[unit]}`
}

function uptimeText({ uptime, pid }: ProcessObject): string | undefined {
  if (pid === 0) return undefined
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(uptime / 3600)
  return `${hours}:${two(Math.floor(uptime / 60) % 60)}:${two(uptime % 60)}`
}

function socketText(usage: UsageObject | undefined): string {
  if (usage === undefined) return '-'
  if (usage.sockets === null) return '?'
  return Object.entries(usage.sockets)
    .map(([state, count]) => `${state}:${count}`)
    .join(' ')
}

function countSockets(usage: UsageObject | undefined): number {
  return Object.values(usage?.sockets ?? {}).reduce((sum, count) => sum + count, 0)
}
