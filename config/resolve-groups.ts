// The groups and their processes: every program makes `numprocs` of them, in its own group or in those
// that name it. Order, shadowing and doubling follow supervisord.
// Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser, _processes_from_section.

import { splitCommand } from './command.ts'
import { compareText } from './compare.ts'
import type { Group, ProcessSettings } from './config.ts'
import type { Place } from './diagnostic.ts'
import { findEntry, type Table, tableName } from './document.ts'
import { environmentNames, type Names } from './expand.ts'
import type { KeyTable } from './key.ts'
import { eventListenerKeys } from './keys/event-listener.ts'
import { fcgiProgramKeys } from './keys/fcgi-program.ts'
import { groupKeys } from './keys/group.ts'
import { type ProgramValues, programKeys } from './keys/program.ts'
import { nearest } from './nearest.ts'
import { resolveRole } from './resolve-roles.ts'
import { makeStream } from './resolve-stream.ts'
import type { GroupRole } from './roles.ts'
import type { Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './settings.ts'
import { quote, strip } from './values.ts'

const MOST_PROCESSES = 10_000

/** Tables that make processes, with their keys, in the order in which supervisord looks at them. */
const MAKERS = {
  programs: programKeys,
  event_listeners: eventListenerKeys,
  fcgi_programs: fcgiProgramKeys,
} as const

type Unmarked = Omit<Group, 'shadowed'>

/** All groups in start order. `environment` is that of [supervisor]. */
export function resolveGroups(resolver: Resolver, environment: Readonly<Record<string, string>>): Group[] {
  const { tables } = resolver.document
  const grouped = new Set<Table>()
  const found: Unmarked[] = []
  for (const table of tables.filter(({ kind }) => kind === 'groups'))
    found.push(resolveGroup(resolver, table, environment, grouped))
  for (const [kind, keys] of Object.entries(MAKERS)) {
    for (const table of tables.filter((candidate) => candidate.kind === kind)) {
      const isGrouped = grouped.has(table)
      checkName(table, resolver)
      checkKeys(table, isGrouped ? withoutSocket(keys) : keys, resolver.findings)
      if (!isGrouped) found.push(resolveOwnGroup(resolver, table, environment))
    }
  }
  return markShadowed(found.sort((a, b) => a.priority - b.priority || compareText(a.name, b.name)))
}

/** In a group a FastCGI program needs no socket: it gets none. */
function withoutSocket(keys: KeyTable): KeyTable {
  return Object.fromEntries(
    Object.entries(keys).map(([name, row]) => [name, name === 'socket' ? { ...row, required: false } : row]),
  )
}

/** The group of one table: its name is not stripped of blanks when it is a listener's. */
function resolveOwnGroup(resolver: Resolver, table: Table, environment: Readonly<Record<string, string>>): Unmarked {
  const name = table.kind === 'event_listeners' ? table.name : strip(table.name)
  const { role, priority } = resolveRole(resolver, table, programNames(resolver, table, name))
  return { name, priority, role, processes: resolveProgram(resolver, table, { name, kind: role.kind, environment }) }
}

function resolveGroup(
  resolver: Resolver,
  table: Table,
  environment: Readonly<Record<string, string>>,
  grouped: Set<Table>,
): Unmarked {
  checkName(table, resolver)
  checkKeys(table, groupKeys, resolver.findings)
  const values = readSettings(table, groupKeys, ['daemon'], resolver.names, resolver.findings)
  const place = findEntry(table, 'programs')?.place ?? table.place
  const name = strip(table.name)
  const processes = values.programs.flatMap((member) => {
    const program = findMember(resolver, table, member, place)
    if (program === undefined) return []
    grouped.add(program)
    if (program.kind === 'fcgi_programs') {
      const message = `In [${tableName(table)}] ${quote(member)} is a plain program: its socket is never opened`
      resolver.findings.add({ severity: 'warning', message, place, hint: 'leave it out of the group' })
    }
    return resolveProgram(resolver, program, { name, kind: 'program', environment })
  })
  warnOfDoubles(resolver, table, processes)
  return { name, priority: values.priority, role: { kind: 'program' }, processes }
}

function findMember(resolver: Resolver, table: Table, name: string, place: Place): Table | undefined {
  const members = resolver.document.tables.filter(({ kind }) => kind === 'programs' || kind === 'fcgi_programs')
  const [program, other] = members.filter((candidate) => candidate.name === name)
  if (other !== undefined)
    resolver.findings.error(`[${tableName(table)}] names ${quote(name)}, of which there are two`, place)
  if (program !== undefined) return program
  const close = nearest(
    name,
    members.map((candidate) => candidate.name),
  )
  const message = `[${tableName(table)}] names the unknown program ${quote(name)}`
  resolver.findings.error(message, place, close && `did you mean "${close}"?`)
  return undefined
}

function warnOfDoubles(resolver: Resolver, table: Table, processes: readonly ProcessSettings[]): void {
  const seen = new Set<string>()
  for (const { name } of processes) {
    if (seen.has(name)) {
      const message = `[${tableName(table)}] has several processes called ${quote(name)}: only the last one runs`
      resolver.findings.add({ severity: 'warning', message, place: table.place })
    }
    seen.add(name)
  }
}

function markShadowed(groups: readonly Unmarked[]): Group[] {
  const seen = new Set<string>()
  return groups.map((group) => {
    const shadowed = seen.has(group.name)
    seen.add(group.name)
    return { ...group, shadowed }
  })
}

function programNames(resolver: Resolver, program: Table, group: string): Names {
  return { ...resolver.names, program_name: strip(program.name), group_name: group }
}

/** The group that processes are made for. */
export interface Owner {
  readonly name: string
  readonly kind: GroupRole['kind']
  /** That of [supervisor]. */
  readonly environment: Readonly<Record<string, string>>
}

/** The processes of one program. */
export function resolveProgram(resolver: Resolver, program: Table, owner: Owner): ProcessSettings[] {
  const { findings } = resolver
  const names = programNames(resolver, program, owner.name)
  const shared = readSettings(program, programKeys, ['program'], names, findings)
  const count = checkCount(resolver, program, shared.numprocs)
  if (shared.stopasgroup && shared.killasgroup === false) {
    const place = findEntry(program, 'killasgroup')?.place ?? program.place
    findings.error(
      'Cannot have stopasgroup = true with killasgroup = false',
      place,
      'leave killasgroup out: it follows stopasgroup',
    )
  }
  const processes: ProcessSettings[] = []
  for (let number = shared.numprocs_start; number < shared.numprocs_start + count; number += 1) {
    const inner = { ...names, process_num: number, numprocs: shared.numprocs }
    const own = readSettings(
      program,
      { environment: programKeys.environment },
      ['process'],
      inner,
      findings,
    ).environment
    const values = readSettings(program, programKeys, ['process'], { ...inner, ...environmentNames(own) }, findings)
    const merged = { ...owner.environment, ...own }
    processes.push(makeProcess(resolver, program, mergeScopes(shared, values), { ...owner, environment: merged }))
  }
  return processes.sort((a, b) => compareText(a.name, b.name))
}

function checkCount(resolver: Resolver, program: Table, count: number): number {
  const template = findEntry(program, 'process_name')
  if (count > 1 && !String(template?.value).includes('%(process_num)')) {
    resolver.findings.error(
      `[${tableName(program)}] has ${count} processes but "process_name" does not hold %(process_num)`,
      (template ?? findEntry(program, 'numprocs'))?.place ?? program.place,
      'write process_name = "%(program_name)s_%(process_num)02d"',
    )
  }
  if (count <= MOST_PROCESSES) return count
  resolver.findings.error(
    `"numprocs" is ${count}, more than ${MOST_PROCESSES}`,
    findEntry(program, 'numprocs')?.place ?? program.place,
  )
  return 0
}

const ALL_KEYS = Object.keys(programKeys) as (keyof ProgramValues)[]
/** Keys whose values each process of a program has for itself. */
const OWN_KEYS = ALL_KEYS.filter((name) => programKeys[name].scope === 'process')

function mergeScopes(shared: ProgramValues, own: ProgramValues): ProgramValues {
  return { ...shared, ...Object.fromEntries(OWN_KEYS.map((name) => [name, own[name]])) }
}

function makeProcess(
  resolver: Resolver,
  program: Table,
  values: ProgramValues,
  { name: group, kind, environment }: Owner,
): ProcessSettings {
  const place = (key: string): Place => findEntry(program, key)?.place ?? program.place
  const { commandError, argv } = splitWords(values.command)
  if (commandError !== undefined && (values.command !== '' || findEntry(program, 'command')?.value === '')) {
    const message = `The command of ${program.name} will fail: ${commandError}`
    resolver.findings.add({ severity: 'warning', message, place: place('command') })
  }
  const { user, serverurl, killasgroup, process_name: name } = values
  return {
    ...pickPlain(values),
    is_logger: false,
    name: name ?? strip(program.name),
    group,
    program: strip(program.name),
    dynamic: program.isDynamic === true,
    kind,
    argv,
    commandError,
    environment,
    user: user === undefined ? undefined : resolver.user(user, place('user')),
    killasgroup: killasgroup ?? values.stopasgroup,
    serverurl: serverurl !== undefined && strip(serverurl).toUpperCase() === 'AUTO' ? undefined : serverurl,
    stdout: makeStream(resolver, program, values, 'stdout'),
    stderr: makeStream(resolver, program, values, 'stderr'),
  }
}

type StreamKey = Extract<keyof ProgramValues, `stdout_${string}` | `stderr_${string}`>
/** Keys that a process does not have as they were read. */
type Special = StreamKey | 'process_name' | 'numprocs' | 'numprocs_start' | 'user' | 'serverurl' | 'killasgroup'

const SPECIAL_KEYS = ['process_name', 'numprocs', 'numprocs_start', 'user', 'serverurl', 'killasgroup']
const PLAIN_KEYS = ALL_KEYS.filter((key) => !SPECIAL_KEYS.includes(key) && !/^std(?:out|err)_/.test(key))

/** The values that a process has as they were read. */
function pickPlain(values: ProgramValues): Omit<ProgramValues, Special> {
  return Object.fromEntries(PLAIN_KEYS.map((key) => [key, values[key]])) as unknown as Omit<ProgramValues, Special>
}

function splitWords(command: string | readonly string[]): Pick<ProcessSettings, 'argv' | 'commandError'> {
  if (typeof command !== 'string') return { argv: command, commandError: undefined }
  const result = splitCommand(command)
  if ('error' in result)
    return { argv: undefined, commandError: `can't parse command ${quote(command)}: ${result.error}` }
  if (result.words.length === 0) return { argv: undefined, commandError: 'command is empty' }
  return { argv: result.words, commandError: undefined }
}

/** Source: supervisor 4.2.5, datatypes.process_or_group_name. */
const FORBIDDEN = /[ :/]/
/** Nobody forges lines of the log, or steers terminals, with a name that comes while the daemon runs. */
const FORBIDDEN_LATER = /[ :/]|\p{Cc}/u
/** Source: s6 2.15, s6-svscan -L. */
const LONGEST_LATER = 251

/** What `NAME/log` is the logger of: its service directory lies below that one's. Undefined for other names. */
function writerOf(name: string, { isDynamic }: Table, { document }: Resolver): string | undefined {
  const writer = /^(.+)\/log$/s.exec(name)?.[1]
  return isDynamic === true || document.tables.some((one) => one.kind === 'programs' && strip(one.name) === writer)
    ? writer
    : undefined
}

/** Says it when the name of a table cannot be one of a process. */
export function checkName(table: Table, resolver: Resolver): void {
  const template = findEntry(table, 'process_name')
  const isLater = table.isDynamic === true
  const own = isLater ? table.name : strip(table.name)
  const service = writerOf(own, table, resolver) ?? own
  if (isLater && !(service.length >= 1 && service.length <= LONGEST_LATER))
    resolver.findings.error(`A name has 1 to ${LONGEST_LATER} characters, not ${service.length}`, table.place)
  const names = [{ name: service, place: table.place }]
  if (typeof template?.value === 'string') names.push({ name: strip(template.value), place: template.place })
  for (const { name, place } of names) {
    const [character] = (isLater ? FORBIDDEN_LATER : FORBIDDEN).exec(name) ?? []
    if (character !== undefined)
      resolver.findings.error(`The name ${quote(name)} must not contain ${quote(character)}`, place)
  }
}
