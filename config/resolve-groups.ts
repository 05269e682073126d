// The groups and their processes: every program makes `numprocs` of them, in its own group or in those
// that name it. Order, shadowing and doubling follow supervisord.
// Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser, _processes_from_section.

import { splitCommand } from './command.ts'
import { compareText } from './compare.ts'
import type { Group, LogFile, ProcessSettings, StreamSettings } from './config.ts'
import type { Place } from './diagnostic.ts'
import { findEntry, type Table } from './document.ts'
import { environmentNames, type Names } from './expand.ts'
import { groupKeys } from './keys/group.ts'
import { type ProgramValues, programKeys } from './keys/program.ts'
import { nearest } from './nearest.ts'
import type { Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './settings.ts'
import { quote, strip } from './values.ts'

const MOST_PROCESSES = 10_000

/** All groups in start order. `environment` is that of [supervisor]. */
export function resolveGroups(resolver: Resolver, environment: Readonly<Record<string, string>>): Group[] {
  const programs = resolver.document.tables.filter(({ kind }) => kind === 'programs')
  for (const program of programs) {
    checkName(program, resolver)
    checkKeys(program, programKeys, resolver.findings)
  }
  const grouped = new Set<Table>()
  const found: Omit<Group, 'shadowed'>[] = []
  for (const table of resolver.document.tables.filter(({ kind }) => kind === 'groups')) {
    found.push(resolveGroup(resolver, table, programs, environment, grouped))
  }
  for (const program of programs.filter((candidate) => !grouped.has(candidate))) {
    const { priority } = readSettings(
      program,
      programKeys,
      ['program'],
      programNames(resolver, program, program.name),
      resolver.findings,
    )
    found.push({
      name: strip(program.name),
      priority,
      processes: resolveProgram(resolver, program, strip(program.name), environment),
    })
  }
  return markShadowed(found.sort((a, b) => a.priority - b.priority || compareText(a.name, b.name)))
}

function resolveGroup(
  resolver: Resolver,
  table: Table,
  programs: readonly Table[],
  environment: Readonly<Record<string, string>>,
  grouped: Set<Table>,
): Omit<Group, 'shadowed'> {
  checkName(table, resolver)
  checkKeys(table, groupKeys, resolver.findings)
  const values = readSettings(table, groupKeys, ['daemon'], resolver.names, resolver.findings)
  const processes = values.programs.flatMap((name) => {
    const program = programs.find((candidate) => candidate.name === name)
    if (program === undefined) {
      const close = nearest(
        name,
        programs.map((candidate) => candidate.name),
      )
      const place = findEntry(table, 'programs')?.place ?? table.place
      resolver.findings.error(
        `[groups.${table.name}] names the unknown program ${quote(name)}`,
        place,
        close && `did you mean "${close}"?`,
      )
      return []
    }
    grouped.add(program)
    return resolveProgram(resolver, program, strip(table.name), environment)
  })
  warnOfDoubles(resolver, table, processes)
  return { name: strip(table.name), priority: values.priority, processes }
}

function warnOfDoubles(resolver: Resolver, table: Table, processes: readonly ProcessSettings[]): void {
  const seen = new Set<string>()
  for (const { name } of processes) {
    if (seen.has(name)) {
      const message = `[groups.${table.name}] has several processes called ${quote(name)}: only the last one runs`
      resolver.findings.add({ severity: 'warning', message, place: table.place })
    }
    seen.add(name)
  }
}

function markShadowed(groups: readonly Omit<Group, 'shadowed'>[]): Group[] {
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

function resolveProgram(
  resolver: Resolver,
  program: Table,
  group: string,
  environment: Readonly<Record<string, string>>,
): ProcessSettings[] {
  const { findings } = resolver
  const names = programNames(resolver, program, group)
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
    const merged = { ...environment, ...own }
    processes.push(makeProcess(resolver, program, group, mergeScopes(shared, values), merged))
  }
  return processes.sort((a, b) => compareText(a.name, b.name))
}

function checkCount(resolver: Resolver, program: Table, count: number): number {
  const template = findEntry(program, 'process_name')
  if (count > 1 && !String(template?.value).includes('%(process_num)')) {
    resolver.findings.error(
      `[programs.${program.name}] has ${count} processes but "process_name" does not hold %(process_num)`,
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

function mergeScopes(shared: ProgramValues, own: ProgramValues): ProgramValues {
  const isOwn = (name: string): boolean => programKeys[name as keyof ProgramValues].scope === 'process'
  return Object.fromEntries(
    Object.entries(shared).map(([name, value]) => [name, isOwn(name) ? own[name as keyof ProgramValues] : value]),
  ) as unknown as ProgramValues
}

function makeProcess(
  resolver: Resolver,
  program: Table,
  group: string,
  values: ProgramValues,
  environment: Record<string, string>,
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
    name: name ?? strip(program.name),
    group,
    program: strip(program.name),
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

/** The values that a process has as they were read. */
function pickPlain(values: ProgramValues): Omit<ProgramValues, Special> {
  const special = ['process_name', 'numprocs', 'numprocs_start', 'user', 'serverurl', 'killasgroup']
  const plain = Object.entries(values).filter(([key]) => !special.includes(key) && !/^std(?:out|err)_/.test(key))
  return Object.fromEntries(plain) as unknown as Omit<ProgramValues, Special>
}

function splitWords(command: string | readonly string[]): Pick<ProcessSettings, 'argv' | 'commandError'> {
  if (typeof command !== 'string') return { argv: command, commandError: undefined }
  const result = splitCommand(command)
  if ('error' in result)
    return { argv: undefined, commandError: `can't parse command ${quote(command)}: ${result.error}` }
  if (result.words.length === 0) return { argv: undefined, commandError: 'command is empty' }
  return { argv: result.words, commandError: undefined }
}

function makeStream(
  resolver: Resolver,
  program: Table,
  values: ProgramValues,
  name: 'stdout' | 'stderr',
): StreamSettings {
  const entry = findEntry(program, `${name}_logfile`)
  const place = entry?.place ?? program.place
  const written = values[`${name}_logfile`]
  const redirected = name === 'stderr' && values.redirect_stderr
  const maxbytes = values[`${name}_logfile_maxbytes`]
  if (redirected && entry !== undefined && written !== 'syslog' && written.kind === 'file') {
    resolver.findings.add({
      severity: 'warning',
      message: `redirect_stderr is on, so stderr_logfile of ${program.name} is not used`,
      place,
    })
  }
  const logfile: LogFile = written === 'syslog' ? { kind: 'none' } : written
  if (logfile.kind === 'auto' && maxbytes <= 0 && !redirected) {
    resolver.findings.add({
      severity: 'warning',
      message: `The AUTO log ${name} of ${program.name} is never rotated`,
      place,
      hint: `set ${name}_logfile_maxbytes`,
    })
  }
  const checked: LogFile =
    logfile.kind === 'file' ? { kind: 'file', path: resolver.filePath(logfile.path, place) } : logfile
  return {
    logfile: redirected ? { kind: 'none' } : checked,
    logfile_maxbytes: maxbytes,
    logfile_backups: values[`${name}_logfile_backups`],
    capture_maxbytes: values[`${name}_capture_maxbytes`],
    events_enabled: values[`${name}_events_enabled`],
    syslog: values[`${name}_syslog`] || written === 'syslog',
    logfile_compress: values[`${name}_logfile_compress`],
  }
}

function checkName(table: Table, resolver: Resolver): void {
  const template = findEntry(table, 'process_name')
  const names = [{ name: strip(table.name), place: table.place }]
  if (typeof template?.value === 'string') names.push({ name: strip(template.value), place: template.place })
  for (const { name, place } of names) {
    const character = [' ', ':', '/'].find((candidate) => name.includes(candidate))
    if (character !== undefined)
      resolver.findings.error(`The name ${quote(name)} must not contain "${character}"`, place)
  }
}
