// The second reader of supervisord.conf: what supervisord would run, read directly from the sections, by supervisord's
// own steps, without the key tables, the mapping and the Document. `kahi migrate --verify` compares the TOML with it,
// so that a mistake of the conversion is found. Source: supervisor 4.2.5,
// options.ServerOptions._processes_from_section, process_groups_from_parser.

import { constants } from 'node:os'
import { dirname, resolve as resolvePath } from 'node:path'
import { splitCommand } from '../../config/values/command.ts'
import type { Machine } from '../../config/model/machine.ts'
import type { Place } from '../../config/model/diagnostic.ts'
import { readEnvironment } from '../../config/values/environment.ts'
import { expand, type Names } from '../../config/values/expand.ts'
import { ValueError } from '../../config/values/values.ts'
import type { ConvertOptions, Expected, Witness } from '../format.ts'
import { readSource, type Source } from './include.ts'
import type { IniEntry, IniSection } from './read-ini.ts'
import { type Takeover, takeOver } from './takeover.ts'

/** The kinds of sections that make processes. */
const KINDS = ['program', 'eventlistener', 'fcgi-program']

/** The second reader of a supervisord.conf. */
export function witnessSupervisord(path: string, machine: Machine, { text }: ConvertOptions): Witness {
  const source = readSource(path, machine, text)
  return {
    texts: source.sections.flatMap(({ entries }) => [...entries.values()].map(({ value }) => value)),
    expect: (other, { tables }) => {
      const converted = new Set(tables.map(({ place }) => keyOf(place)))
      return expectProcesses(source, other, ({ place }) => converted.has(keyOf(place)))
    },
  }
}

function keyOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

/**
 * The processes of the converted sections (`isConverted`), in the order of the source. Throws ValueError where
 * supervisord would refuse the file.
 */
function expectProcesses(
  source: Source,
  machine: Machine,
  isConverted: (section: IniSection) => boolean,
): readonly Expected[] {
  const reader = new Reader(source, machine)
  const sections = source.sections.filter(
    (section) => KINDS.includes(section.name.split(':')[0] ?? '') && section.name.includes(':') && isConverted(section),
  )
  const groups = source.sections.filter(({ name }) => name.startsWith('group:'))
  const byName = new Map(sections.map((section) => [section.name, section]))
  const grouped = new Set<string>()
  const members = groups.flatMap((group) => {
    const names = reader.get(group, 'programs', {}) ?? ''
    return names.split(',').flatMap((name) => {
      const [member] = KINDS.flatMap((kind) => byName.get(`${kind}:${name.trim()}`) ?? [])
      if (member === undefined) return []
      grouped.add(member.name)
      return reader.processes(member, nameOf(group))
    })
  })
  const alone = sections.filter(({ name }) => !grouped.has(name))
  return [...members, ...alone.flatMap((section) => reader.processes(section, nameOf(section)))]
}

function nameOf(section: IniSection): string {
  return section.name.slice(section.name.indexOf(':') + 1).trim()
}

type Get = (key: string, names?: Names) => string | undefined

class Reader {
  readonly #machine: Machine
  readonly #defaults: IniSection | undefined
  readonly #here: string
  readonly #hasInclude: boolean
  readonly #names: Names
  readonly #takeover: Takeover
  readonly #environment: Readonly<Record<string, string>>

  constructor(source: Source, machine: Machine) {
    this.#machine = machine
    this.#defaults = source.sections.find(({ name }) => name === 'DEFAULT')
    this.#takeover = takeOver(source.sections)
    this.#here = dirname(source.file)
    this.#hasInclude = source.sections.some(({ name }) => name === 'include')
    this.#names = { here: this.#here, host_node_name: machine.hostName, ...variablesOf(machine.environment) }
    const daemon = source.sections.find(({ name }) => name === 'supervisord')
    const once = daemon === undefined ? undefined : this.get(daemon, 'environment', {})
    this.#environment = readVariables(once === undefined ? '' : expand(once, this.#names, 'percent'))
    this.#names = { ...this.#names, ...variablesOf(this.#environment) }
  }

  /** The expanded value of a key, also from [DEFAULT]; undefined when it is not set. */
  get(section: IniSection, key: string, names: Names, expanded = true): string | undefined {
    const entry = this.find(section, key)
    if (entry === undefined) return undefined
    const directory = this.#hasInclude ? dirname(resolvePath(entry.place.file)) : this.#here
    const raw = this.#hasInclude ? entry.value.replaceAll('%(here)s', () => directory) : entry.value
    return expanded && raw.includes('%') ? expand(raw, { ...this.#names, ...names }, 'percent') : raw
  }

  find(section: IniSection, key: string): IniEntry | undefined {
    return section.entries.get(key) ?? this.#defaults?.entries.get(key)
  }

  processes(section: IniSection, group: string): readonly Expected[] {
    const program = nameOf(section)
    const outer = { program_name: program, group_name: group }
    const count = integer(this.get(section, 'numprocs', outer) ?? '1')
    const first = integer(this.get(section, 'numprocs_start', outer) ?? '0')
    const place = (key: string): Place => {
      const name = key.startsWith('environment.') ? 'environment' : key === 'argv' ? 'command' : key
      return section.entries.get(name)?.place ?? section.place
    }
    return Array.from({ length: Math.max(0, count) }, (_, index) => {
      const names = { ...outer, process_num: first + index, numprocs: count }
      const own = readVariables(this.get(section, 'environment', names) ?? '')
      const inner = { ...names, ...variablesOf(own) }
      const get: Get = (key, extra = inner) => this.get(section, key, extra)
      const name = get('process_name') ?? program
      const environment = Object.entries({ ...this.#environment, ...own })
      const values = {
        ...this.#plainValues(get),
        ...Object.fromEntries(environment.map(([variable, value]) => [`environment.${variable}`, value])),
        ...this.#logValues(get, inner, 'stdout'),
        ...this.#logValues(get, inner, 'stderr'),
        ...this.#takenValues(section),
      }
      return { group, name, values, place }
    })
  }

  #plainValues(get: Get): Readonly<Record<string, unknown>> {
    const words = splitCommand(get('command') ?? '')
    const user = get('user')
    const stopsAll = boolean(get('stopasgroup') ?? 'false')
    const umask = get('umask')
    const restart = (get('autorestart') ?? 'unexpected').toLowerCase()
    const url = get('serverurl')
    return {
      argv: 'error' in words || words.words.length === 0 ? null : words.words,
      directory: get('directory') ?? null,
      ...this.#userValue(user),
      umask: umask === undefined ? null : Number.parseInt(umask.trim().replace(/^0o/i, '').replaceAll('_', ''), 8),
      priority: integer(get('priority') ?? '999'),
      autostart: boolean(get('autostart') ?? 'true'),
      autorestart: restart === 'unexpected' ? restart : String(boolean(restart)),
      startsecs: integer(get('startsecs') ?? '1'),
      startretries: integer(get('startretries') ?? '3'),
      exitcodes: numbers(get('exitcodes') ?? '0'),
      stopsignal: signal(get('stopsignal') ?? 'TERM'),
      stopwaitsecs: integer(get('stopwaitsecs') ?? '10'),
      stopasgroup: stopsAll,
      killasgroup: boolean(get('killasgroup') ?? String(stopsAll)),
      redirect_stderr: boolean(get('redirect_stderr') ?? 'false'),
      serverurl: url === undefined || url.trim().toUpperCase() === 'AUTO' ? null : url,
    }
  }

  /** What kahi does in place of a plug-in: its starts, and its copies of output. */
  #takenValues({ name }: IniSection): Readonly<Record<string, unknown>> {
    const taken = [...this.#takeover.keys].flatMap(([id, { entry }]) =>
      id.startsWith(`${name}\n`) && entry !== undefined ? [entry] : [],
    )
    const logs = [...taken.map(({ key }) => key), ...Object.keys(this.#takeover.added.get(name) ?? {})]
    return {
      ...(taken.some(({ key }) => key === 'autostart') ? { autostart: true } : {}),
      ...Object.fromEntries(logs.filter((key) => key.endsWith('_logfile')).map((key) => [key, '/dev/stdout'])),
    }
  }

  /** A user that this machine does not have is not compared. */
  #userValue(user: string | undefined): Readonly<Record<string, unknown>> {
    const uid = user === undefined ? null : this.#machine.findUser(user)?.uid
    return uid === undefined ? {} : { uid }
  }

  #logValues(get: Get, names: Names, stream: 'stdout' | 'stderr'): Readonly<Record<string, unknown>> {
    const once = get(`${stream}_logfile`)
    const file = once === undefined ? 'auto' : expand(once, { ...this.#names, ...names }, 'percent')
    const word = file.toLowerCase()
    const isNone = ['none', 'off', '', 'syslog'].includes(word)
    const isRedirected = stream === 'stderr' && boolean(get('redirect_stderr') ?? 'false')
    const path = word === 'auto' ? 'AUTO' : this.#machine.expandHome(file)
    return {
      [`${stream}_logfile`]: isNone || isRedirected ? null : path,
      [`${stream}_logfile_maxbytes`]: size(get(`${stream}_logfile_maxbytes`) ?? '50MB'),
      [`${stream}_logfile_backups`]: integer(get(`${stream}_logfile_backups`) ?? '10'),
      [`${stream}_capture_maxbytes`]: size(get(`${stream}_capture_maxbytes`) ?? '0'),
      [`${stream}_events_enabled`]: boolean(get(`${stream}_events_enabled`) ?? 'false'),
      [`${stream}_syslog`]: boolean(get(`${stream}_syslog`) ?? 'false') || word === 'syslog',
    }
  }
}

function variablesOf(environment: Readonly<Record<string, string | undefined>>): Names {
  return Object.fromEntries(Object.entries(environment).map(([key, value]) => [`ENV_${key}`, value]))
}

function readVariables(text: string): Readonly<Record<string, string>> {
  const result = readEnvironment(text)
  if ('error' in result) throw new ValueError(result.error)
  return result.variables
}

function integer(text: string): number {
  const digits = text.trim().replaceAll('_', '')
  if (!/^[+-]?\d+$/.test(digits)) throw new ValueError(`${text} is no number`)
  // adding 0 turns -0 into 0
  return Number(digits) + 0
}

function numbers(text: string): readonly number[] {
  return text === '' ? [] : text.split(',').map(integer)
}

function boolean(text: string): boolean {
  if (/^(?:true|yes|on|1)$/i.test(text)) return true
  if (/^(?:false|no|off|0)$/i.test(text)) return false
  throw new ValueError(`${text} is no flag`)
}

function size(text: string): number {
  const unit = ['kb', 'mb', 'gb'].indexOf(text.slice(-2).toLowerCase()) + 1
  return unit === 0 ? integer(text) : integer(text.slice(0, -2)) * 1024 ** unit
}

function signal(text: string): number | string {
  if (/^\s*\+?\d+\s*$/.test(text)) return integer(text)
  const name = text.trim().toUpperCase().replace(/^SIG/, '')
  const known: Readonly<Record<string, number>> = { ...constants.signals, SIGRTMIN: 34, SIGRTMAX: 64, SIGCLD: 17 }
  return known[`SIG${name}`] ?? name
}
