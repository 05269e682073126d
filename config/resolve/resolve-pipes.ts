// `log_to`: the standard output of one program is the standard input of another one, on which it therefore depends.

import { isUnitId, namespec, unitId } from '../model/names.ts'
import type { Group } from '../settings/config.ts'
import type { ProcessSettings, StreamSettings } from '../settings/process.ts'
import { findEntry, type Table, tableName } from '../keys/document.ts'
import { nearest } from '../values/nearest.ts'
import type { Resolver } from './resolver.ts'
import { quote } from '../values/values.ts'

/** The groups, with both sides of each `log_to` set. Reports invalid names. */
export function connectPipes(groups: Group[], resolver: Resolver): Group[] {
  const processes = groups.filter(({ shadowed }) => !shadowed).flatMap((group) => group.processes)
  if (processes.every(({ log_to: name }) => name === undefined)) return groups
  const byName = new Map<string, ProcessSettings[]>()
  for (const one of processes)
    for (const name of new Set([one.program, unitId(one.group, one.name)]))
      byName.set(name, [...(byName.get(name) ?? []), one])
  const told = new Set<string>()
  const readers = new Map<string, ProcessSettings | undefined>()
  for (const process of processes) {
    const { log_to: name, program } = process
    if (name === undefined) continue
    if (!told.has(program)) readers.set(program, findReader(resolver, byName, process, name))
    told.add(program)
  }
  const read = new Set([...readers.values()].flatMap((one) => (one === undefined ? [] : [unitId(one.group, one.name)])))
  const connect = (process: ProcessSettings): ProcessSettings => {
    const own = read.has(unitId(process.group, process.name)) ? { ...process, is_logger: true } : process
    const reader = process.log_to === undefined ? undefined : readers.get(process.program)
    return reader === undefined ? own : writer(own, reader)
  }
  return groups.map((group) => ({ ...group, processes: group.processes.map(connect) }))
}

function writer(process: ProcessSettings, { group, name }: ProcessSettings): ProcessSettings {
  const { depends_on: needs, log_to: written = '' } = process
  const isNeeded = needs.some((need) => need.name === written)
  const depends_on = isNeeded ? needs : [...needs, { name: written, reached: undefined }]
  return { ...process, log_to: unitId(group, name), stdout: notKept(process.stdout), depends_on }
}

/** The settings of a stream that kahi does not read. */
export function notKept(stream: StreamSettings): StreamSettings {
  return { ...stream, logfile: { kind: 'none' }, syslog: false, events_enabled: false, capture_maxbytes: 0 }
}

/** The process that the name means; it must be exactly one. */
function findReader(
  { named, findings }: Resolver,
  processes: ReadonlyMap<string, readonly ProcessSettings[]>,
  { program, kind }: ProcessSettings,
  name: string,
): ProcessSettings | undefined {
  const table = named(program).find(({ kind: one }) => one !== 'groups')
  const place = table && (findEntry(table, 'log_to')?.place ?? table.place)
  const key = `"log_to"${table === undefined ? '' : ` of [${tableName(table)}]`}`
  if (table !== undefined) tellUnused(table, /^stdout_/, 'standard output goes to another program (log_to)', findings)
  if (kind === 'listener') findings.error(`${key}: standard output of an event listener speaks its protocol`, place)
  const found = processes.get(name) ?? []
  const [reader, other] = found
  if (reader === undefined) {
    const close = nearest(
      name,
      [...processes.keys()].filter((one) => !isUnitId(one)),
    )
    findings.error(`${key} names the unknown program ${quote(name)}`, place, close && `did you mean "${close}"?`)
  } else if (other !== undefined) {
    const hint = `name one of them, such as "${unitId(reader.group, reader.name)}"`
    findings.error(`${key}: ${quote(name)} has ${found.length} processes, and only one can read`, place, hint)
  } else if (reader.kind !== 'program')
    findings.error(`${key}: standard input of ${namespec(reader.group, reader.name)} is something else`, place)
  return reader
}

/** Warns about keys that have no effect in this table, and says why. */
export function tellUnused(table: Table, keys: RegExp, why: string, findings: Resolver['findings']): void {
  for (const { key, place, value } of table.entries) {
    if (!keys.test(key) || value === 'NONE' || value === false) continue
    findings.add({ severity: 'warning', message: `${key} has no effect in [${tableName(table)}]: ${why}`, place })
  }
}
