// Groups and their processes: every program makes `numprocs` processes, in its own group or in the groups that contain
// it. Order, shadowing and double names are as in supervisord. Source: supervisor 4.2.5,
// ServerOptions.process_groups_from_parser, _processes_from_section.

import { splitCommand } from '../values/command.ts'
import { compareText } from '../model/compare.ts'
import type { Group } from '../settings/config.ts'
import { plainValues, type ProcessSettings } from '../settings/process.ts'
import type { Place } from '../model/diagnostic.ts'
import { findEntry, type Table, tableName } from '../keys/document.ts'
import { environmentNames, type Names } from '../values/expand.ts'
import type { KeyTable } from '../keys/key.ts'
import { tableRow } from '../keys/tables.ts'
import { groupKeys } from '../keys/group.ts'
import { type ProgramValues, programKeys } from '../keys/program.ts'
import { nearest } from '../values/nearest.ts'
import { resolveEnvFiles, textsOf, withoutFiles, withoutOwn } from './resolve-env-files.ts'
import { resolveRole } from './resolve-roles.ts'
import { makeStream } from './resolve-stream.ts'
import type { GroupRole } from '../model/roles.ts'
import type { Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './read-settings.ts'
import { withSchedule } from './resolve-schedule.ts'
import { quote, strip } from '../values/values.ts'

const MOST_PROCESSES = 10_000

/** Tables that make processes, in the order in which supervisord reads them. */
const MAKERS = ['programs', 'event_listeners', 'fcgi_programs'] as const

type Unmarked = Omit<Group, 'shadowed'>

/** All groups in start order. `environment` is a value of [supervisor]. */
export function resolveGroups(resolver: Resolver, environment: Readonly<Record<string, string>>): Group[] {
  const { tables } = resolver
  const grouped = new Set<Table>()
  const found: Unmarked[] = []
  for (const table of tables('groups')) found.push(resolveGroup(resolver, table, environment, grouped))
  for (const kind of MAKERS) {
    const { keys } = tableRow(kind)
    for (const table of tables(kind)) {
      const isGrouped = grouped.has(table)
      checkName(table, resolver)
      checkKeys(table, isGrouped ? withoutSocket(keys) : keys, resolver.findings)
      if (!isGrouped) found.push(resolveOwnGroup(resolver, table, environment))
    }
  }
  return markShadowed(found.sort((a, b) => a.priority - b.priority || compareText(a.name, b.name)))
}

/** In a group a FastCGI program has no socket, so the key is not required. */
function withoutSocket(keys: KeyTable): KeyTable {
  return Object.fromEntries(
    Object.entries(keys).map(([name, row]) => [name, name === 'socket' ? { ...row, required: false } : row]),
  )
}

/** The group of one table. Blanks around its name are removed, unless it is a listener's. */
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
  const isMember = ({ kind }: Table): boolean => kind === 'programs' || kind === 'fcgi_programs'
  const [program, other] = resolver.named(strip(name)).filter((one) => isMember(one) && one.name === name)
  if (other !== undefined)
    resolver.findings.error(`[${tableName(table)}] names ${quote(name)}, of which there are two`, place)
  if (program !== undefined) return program
  const members = resolver.document.tables.filter(isMember).map((one) => one.name)
  const close = resolver.findings.isFull ? undefined : nearest(name, members)
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

/** The group for which processes are made. */
export interface Owner {
  readonly name: string
  readonly kind: GroupRole['kind']
  /** The environment of [supervisor]. */
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
  const files = resolveEnvFiles(resolver, program, shared.env_file)
  const filled = environmentNames(textsOf(files))
  const outer = withoutFiles(owner.environment, files)
  for (let number = shared.numprocs_start; number < shared.numprocs_start + count; number += 1) {
    const inner = { ...names, ...filled, process_num: number, numprocs: shared.numprocs }
    const own = readSettings(
      program,
      { environment: programKeys.environment },
      ['process'],
      inner,
      findings,
    ).environment
    const values = readSettings(program, programKeys, ['process'], { ...inner, ...environmentNames(own) }, findings)
    processes.push({
      ...makeProcess(resolver, program, withSchedule(program, mergeScopes(shared, values)), {
        ...owner,
        environment: { ...outer, ...own },
      }),
      env_file: withoutOwn(files, own),
    })
  }
  return processes.sort((a, b) => compareText(a.name, b.name))
}

function checkCount(resolver: Resolver, program: Table, count: number): number {
  const template = findEntry(program, 'process_name')
  if (count > 1 && !String(template?.value).includes('%(process_num)')) {
    resolver.findings.error(
      `[${tableName(program)}] has ${count} processes but "process_name" does not contain %(process_num)`,
      (template ?? findEntry(program, 'numprocs'))?.place ?? program.place,
      'write process_name = "%(program_name)s_%(process_num)02d"',
    )
  }
  if (count < 1) {
    const message = `"numprocs" is ${count}: [${tableName(program)}] has no process`
    resolver.findings.add({
      severity: 'warning',
      message,
      place: findEntry(program, 'numprocs')?.place ?? program.place,
    })
  }
  if (count <= MOST_PROCESSES) return count
  resolver.findings.error(
    `"numprocs" is ${count}, more than ${MOST_PROCESSES}`,
    findEntry(program, 'numprocs')?.place ?? program.place,
  )
  return 0
}

const ALL_KEYS = Object.keys(programKeys) as (keyof ProgramValues)[]
/** Keys whose values may differ between the processes of a program. */
const OWN_KEYS = ALL_KEYS.filter((name) => programKeys[name].scope === 'process')

function mergeScopes(shared: ProgramValues, own: ProgramValues): ProgramValues {
  return { ...shared, ...Object.fromEntries(OWN_KEYS.map((name) => [name, own[name]])) }
}

function makeProcess(
  resolver: Resolver,
  program: Table,
  values: ProgramValues,
  { name: group, kind, environment }: Owner,
): Omit<ProcessSettings, 'env_file'> {
  const place = (key: string): Place => findEntry(program, key)?.place ?? program.place
  const { commandError, argv } = splitWords(values.command)
  if (commandError !== undefined && (values.command !== '' || findEntry(program, 'command')?.value === '')) {
    // the command itself may contain secrets
    const reason = commandError.slice(commandError.startsWith("can't parse") ? commandError.lastIndexOf(': ') + 2 : 0)
    const message = `The command of ${program.name} will fail: ${reason}`
    resolver.findings.add({ severity: 'warning', message, place: place('command') })
  }
  const { user, serverurl, killasgroup, process_name: name } = values
  return {
    ...plainValues(values),
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
/** A name that a client adds must not be able to forge log lines or to control terminals. */
const FORBIDDEN_LATER = /[ :/]|\p{Cc}/u
/** Longest name of a service directory. Source: s6 2.15, s6-svscan -L. */
const LONGEST_LATER = 251

/**
 * The service whose logger `NAME/log` is: its service directory is inside that of the service. Undefined for other
 * names.
 */
function writerOf(name: string, { isDynamic }: Table, { named }: Resolver): string | undefined {
  const writer = /^(.+)\/log$/s.exec(name)?.[1]
  const isThere = writer !== undefined && named(writer).some(({ kind }) => kind === 'programs')
  return isDynamic === true || isThere ? writer : undefined
}

/** Names that mean all programs in commands. */
const RESERVED = ['all', '*']

/** Reports a table whose name cannot be the name of a process. */
export function checkName(table: Table, resolver: Resolver): void {
  if (RESERVED.includes(strip(table.name))) {
    const message = `${quote(strip(table.name))} means every program in commands, so [${tableName(table)}] could not be controlled alone`
    resolver.findings.add({ severity: 'warning', message, place: table.place, hint: 'give it another name' })
  }
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
