// The value of `limits`: a table of what a process may use at most. Most names are those of setrlimit(2); memory, cpu
// and pids limit the process together with all its children, through a cgroup.

import type { Value } from '../model/value.ts'
import type { Limits, ResourceLimit } from '../model/resource-limits.ts'
import { nearest } from './nearest.ts'
import { quote, readBytes, readInteger, strip, ValueError, type ValueType } from './values.ts'

/** Limits of setrlimit(2) whose number is a size. */
const SIZES = ['as', 'core', 'data', 'fsize', 'memlock', 'msgqueue', 'rss', 'stack']
const COUNTS = ['cputime', 'locks', 'nice', 'nofile', 'nproc', 'rtprio', 'rttime', 'sigpending']
const CGROUP = ['memory', 'cpu', 'pids']

/** A table such as `{ nofile = "1024:4096", core = 0, memory = "512MB", cpu = 1.5 }`. */
export const limits: ValueType<Limits> = {
  name: 'table of limits',
  fromText() {
    throw new ValueError('it is text')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const entries = Object.entries(value)
    for (const [name] of entries) checkName(name)
    const given = Object.fromEntries(entries) as Readonly<Record<string, Value | undefined>>
    const { memory, cpu, pids } = given
    return {
      resources: Object.fromEntries(
        entries.filter(([name]) => !CGROUP.includes(name)).map(([name, item]) => [name, readLimit(name, item)]),
      ),
      memory: memory === undefined ? undefined : atLeastOne('memory', readCount('memory', memory, readBytes)),
      cpu: cpu === undefined ? undefined : readCpu(cpu),
      pids: pids === undefined ? undefined : atLeastOne('pids', readCount('pids', pids, readInteger)),
    }
  },
}

function checkName(name: string): void {
  const known = [...SIZES, ...COUNTS, ...CGROUP]
  if (known.includes(name)) return
  const close = nearest(name, known)
  throw new ValueError(
    `there is no limit ${quote(name)}${close === undefined ? '' : `; did you mean ${quote(close)}?`}`,
  )
}

/** One number for both limits, or `soft:hard`. */
function readLimit(name: string, value: Value): ResourceLimit {
  const [soft = '', hard = soft, ...more] = String(value).split(':')
  if (more.length > 0 || (typeof value !== 'string' && typeof value !== 'number')) {
    throw new ValueError(`${name} is neither a number nor "soft:hard"`)
  }
  const limit = { soft: readHalf(name, soft), hard: readHalf(name, hard) }
  if (order(limit.soft) > order(limit.hard)) throw new ValueError(`${name} has a soft limit above the hard one`)
  return limit
}

function readHalf(name: string, written: string): number | 'unlimited' {
  if (strip(written).toLowerCase() === 'unlimited') return 'unlimited'
  return readCount(name, written, SIZES.includes(name) ? readBytes : readInteger)
}

function order(limit: number | 'unlimited'): number {
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : limit
}

function readCount(name: string, value: Value, read: (text: string) => number): number {
  const number = read(typeof value === 'number' || typeof value === 'string' ? String(value) : '')
  if (!Number.isSafeInteger(number) || number < 0) throw new ValueError(`${name} cannot be ${number}`)
  return number
}

function atLeastOne(name: string, number: number): number {
  if (number < 1) throw new ValueError(`${name} must be at least 1`)
  return number
}

function readCpu(value: Value): number {
  const number = typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number >= 0.01 && number <= 100_000)) {
    throw new ValueError('cpu is not a number of processors from 0.01 on')
  }
  return number
}
