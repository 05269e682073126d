// `log_to`: the standard output of a program is the standard input of another one, which it therefore depends on.

import { type Group, namespec, type ProcessSettings, type StreamSettings } from './config.ts'
import { findEntry, type Table, tableName } from './document.ts'
import { nearest } from './nearest.ts'
import type { Resolver } from './resolver.ts'
import { unitId } from './graph.ts'
import { quote, strip } from './values.ts'

/** The groups with both sides of each `log_to` told of it; says what is wrong with the names. */
export function connectPipes(groups: Group[], resolver: Resolver): Group[] {
  const processes = groups.filter(({ shadowed }) => !shadowed).flatMap((group) => group.processes)
  if (processes.every(({ log_to: name }) => name === undefined)) return groups
  const told = new Set<string>()
  const readers = new Map<string, ProcessSettings | undefined>()
  for (const process of processes) {
    const { log_to: name, program } = process
    if (name === undefined) continue
    if (!told.has(program)) readers.set(program, findReader(resolver, processes, process, name))
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

/** A stream that kahi does not see. */
export function notKept(stream: StreamSettings): StreamSettings {
  return { ...stream, logfile: { kind: 'none' }, syslog: false, events_enabled: false, capture_maxbytes: 0 }
}

/** The one process that the name stands for. */
function findReader(
  { document, findings }: Resolver,
  processes: readonly ProcessSettings[],
  { program, kind }: ProcessSettings,
  name: string,
): ProcessSettings | undefined {
  const table = document.tables.find((one) => one.kind !== 'groups' && strip(one.name) === program)
  const place = table && (findEntry(table, 'log_to')?.place ?? table.place)
  const key = `"log_to"${table === undefined ? '' : ` of [${tableName(table)}]`}`
  if (table !== undefined) tellUnused(table, /^stdout_/, 'standard output goes to another program (log_to)', findings)
  if (kind === 'listener') findings.error(`${key}: standard output of an event listener speaks its protocol`, place)
  const found = processes.filter((one) => one.program === name || unitId(one.group, one.name) === name)
  const [reader, other] = found
  if (reader === undefined) {
    const close = nearest(name, [...new Set(processes.map((one) => one.program))])
    findings.error(`${key} names the unknown program ${quote(name)}`, place, close && `did you mean "${close}"?`)
  } else if (other !== undefined) {
    const hint = `name one of them, such as "${unitId(reader.group, reader.name)}"`
    findings.error(`${key}: ${quote(name)} has ${found.length} processes, and only one can read`, place, hint)
  } else if (reader.kind !== 'program')
    findings.error(`${key}: standard input of ${namespec(reader.group, reader.name)} is something else`, place)
  return reader
}

/** Warns of keys of that kind which mean nothing here, and why. */
export function tellUnused(table: Table, keys: RegExp, why: string, findings: Resolver['findings']): void {
  for (const { key, place, value } of table.entries) {
    if (!keys.test(key) || value === 'NONE' || value === false) continue
    findings.add({ severity: 'warning', message: `${key} does nothing in [${tableName(table)}]: ${why}`, place })
  }
}
