// Which section becomes which table, and facts about supervisord's keys that kahi's key tables do not contain: other
// defaults, keys that are expanded twice, names that are unknown in some keys. Source: supervisor 4.2.5, options.py;
// section 1.5 of its behaviour as verified by experiment.

import { type TableKind, tableRow } from '../../config/keys/tables.ts'
import { bySupervisordName, type Key, type KeyTable } from '../../config/keys/key.ts'
import { eventListenerKeys, listenerKeys } from '../../config/keys/event-listener.ts'
import { fcgiProgramKeys, socketKeys } from '../../config/keys/fcgi-program.ts'
import { groupKeys } from '../../config/keys/group.ts'
import { programKeys } from '../../config/keys/program.ts'
import { ctlKeys, httpServerKeys, unixServerKeys } from '../../config/keys/server.ts'
import { supervisorKeys } from '../../config/keys/supervisor.ts'
import { strip } from '../../config/values/values.ts'
import type { IniEntry, IniSection } from './read-ini.ts'

/** How sections of one kind are converted. */
export interface SectionRow {
  /** The title as supervisord writes it: `[program:x]`. */
  readonly title: string
  /** Whether a section with that name is of this kind. */
  accepts(section: string): boolean
  readonly kind: TableKind
  readonly keys: KeyTable
  /** Keys that supervisord expands twice. */
  readonly twice: readonly string[]
  /** Names besides ENV_… that a key may use; undefined means those of the key's scope. */
  allowed(key: string): readonly string[] | undefined
}

/** The row of a section, with the name in the section's title. */
export interface SectionMapping extends SectionRow {
  /** `web` of `program:web`. */
  readonly name: string
}

const NONE: readonly string[] = []
const LOGS = ['stdout_logfile', 'stderr_logfile']
const ONLY_HERE = ['here']

/** The sections that become tables. */
export const sectionRows: readonly SectionRow[] = [
  {
    title: '[supervisord]',
    accepts: (section) => section === 'supervisord',
    kind: 'supervisor',
    keys: supervisorKeys,
    twice: ['environment'],
    allowed: () => ONLY_HERE,
  },
  {
    title: '[unix_http_server]',
    accepts: (section) => section.startsWith('unix_http_server'),
    kind: 'server.unix',
    keys: unixServerKeys,
    twice: NONE,
    allowed: (key) => (key === 'file' ? ONLY_HERE : NONE),
  },
  {
    title: '[inet_http_server]',
    accepts: (section) => section.startsWith('inet_http_server'),
    kind: 'server.http',
    keys: httpServerKeys,
    twice: NONE,
    allowed: () => NONE,
  },
  {
    title: '[supervisorctl]',
    accepts: (section) => section === 'supervisorctl',
    kind: 'ctl',
    keys: ctlKeys,
    twice: NONE,
    allowed: (key) => (key === 'serverurl' || key === 'history_file' ? ONLY_HERE : NONE),
  },
  {
    title: '[program:x]',
    accepts: (section) => section.startsWith('program:'),
    kind: 'programs',
    keys: programKeys,
    twice: LOGS,
    allowed: (key) => (key === 'priority' ? ONLY_HERE : undefined),
  },
  {
    title: '[group:x]',
    accepts: (section) => section.startsWith('group:'),
    kind: 'groups',
    keys: groupKeys,
    twice: NONE,
    allowed: () => ONLY_HERE,
  },
  {
    title: '[eventlistener:x]',
    accepts: (section) => section.startsWith('eventlistener:'),
    kind: 'event_listeners',
    keys: eventListenerKeys,
    twice: LOGS,
    allowed: (key) => (key in listenerKeys || key === 'redirect_stderr' ? ONLY_HERE : undefined),
  },
  {
    title: '[fcgi-program:x]',
    accepts: (section) => section.startsWith('fcgi-program:'),
    kind: 'fcgi_programs',
    keys: fcgiProgramKeys,
    twice: LOGS,
    allowed: allowedInFcgi,
  },
]

/** How a section of that name is converted; undefined when it is not. */
export function mapSection(section: string): SectionMapping | undefined {
  const row = sectionRows.find((candidate) => candidate.accepts(section))
  if (row === undefined) return undefined
  const name = row.title.includes(':') ? section.slice(section.indexOf(':') + 1) : ''
  return { ...row, name: row.kind === 'event_listeners' ? name : name.trim() }
}

/**
 * The rows of all sections, by section name. A FastCGI program in a group is converted to a plain program without
 * socket, because supervisord runs it as one. Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser.
 */
export function mapSections(sections: readonly IniSection[]): ReadonlyMap<string, SectionMapping> {
  const groups = sections.filter(({ name }) => name.startsWith('group:'))
  const members = groups.flatMap(({ entries }) => entries.get('programs')?.value.split(',') ?? []).map(strip)
  const mappings = new Map<string, SectionMapping>()
  for (const { name } of sections) {
    const member = name.startsWith('fcgi-program:') ? name.slice('fcgi-program:'.length) : undefined
    const plain = `program:${member}`
    const isPlain = member !== undefined && members.includes(member) && !sections.some((other) => other.name === plain)
    const mapping = mapSection(isPlain ? plain : name)
    if (mapping !== undefined) mappings.set(name, mapping)
  }
  return mappings
}

function allowedInFcgi(key: string): readonly string[] | undefined {
  if (key === 'socket') return [...ONLY_HERE, 'program_name']
  return key in socketKeys || key === 'priority' || key === 'user' ? ONLY_HERE : undefined
}

/** Whether clients of the daemon read a section. */
export function isForClients(section: string): boolean {
  return sectionRows.some((row) => row.accepts(section) && tableRow(row.kind).isForClients)
}

/** The row of a key of supervisord.conf, with its name. */
export function findKey({ keys }: SectionMapping, key: string): readonly [string, Key<unknown>] | undefined {
  return bySupervisordName(keys).get(key)
}

/** Whether one of the sections knows the key of an entry. Sections of one kind are asked once. */
export function knownBySome(mappings: Iterable<SectionMapping>): (entry: Pick<IniEntry, 'key'>) => boolean {
  const kinds = new Map(Array.from(mappings, (mapping) => [mapping.keys, mapping]))
  return ({ key }) => [...kinds.values()].some((mapping) => findKey(mapping, key) !== undefined)
}

/** Whether a section knows a key and has no value for it. */
export function takes(section: IniSection, mapping: SectionMapping | undefined, key: string): boolean {
  return mapping !== undefined && !section.entries.has(key) && findKey(mapping, key) !== undefined
}
