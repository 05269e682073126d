// Which section becomes which table, and what supervisord knows about its keys that the key tables of
// kahi do not say: keys with another default, keys expanded twice, names that are unknown in some keys.
// Source: supervisor 4.2.5, options.py; section 1.5 of its behaviour as verified by experiment.

import type { TableKind } from '../../config/document.ts'
import type { KeyTable } from '../../config/key.ts'
import { groupKeys } from '../../config/keys/group.ts'
import { programKeys } from '../../config/keys/program.ts'
import { ctlKeys, httpServerKeys, unixServerKeys } from '../../config/keys/server.ts'
import { supervisorKeys } from '../../config/keys/supervisor.ts'

/** How sections of one kind are converted. */
export interface SectionMapping {
  readonly kind: TableKind
  /** `web` of `program:web`. */
  readonly name: string
  readonly keys: KeyTable
  /** Keys that the original expands twice. */
  readonly twice: readonly string[]
  /** Names besides ENV_… that a key may use; undefined leaves it to the key's scope. */
  allowed(key: string): readonly string[] | undefined
}

const NONE: readonly string[] = []

/** How the section is converted; undefined when it has no counterpart. */
export function mapSection(section: string): SectionMapping | undefined {
  const colon = section.indexOf(':')
  const kind = colon < 0 ? '' : section.slice(0, colon)
  const name = section.slice(colon + 1).trim()
  if (kind === 'program')
    return {
      kind: 'programs',
      name,
      keys: programKeys,
      twice: ['stdout_logfile', 'stderr_logfile'],
      allowed: allowedInProgram,
    }
  if (kind === 'group') return { kind: 'groups', name, keys: groupKeys, twice: NONE, allowed: () => ['here'] }
  if (section === 'supervisord')
    return { kind: 'supervisor', name: '', keys: supervisorKeys, twice: ['environment'], allowed: () => ['here'] }
  if (section === 'supervisorctl') return { kind: 'ctl', name: '', keys: ctlKeys, twice: NONE, allowed: allowedInCtl }
  if (section.startsWith('unix_http_server'))
    return { kind: 'server.unix', name: '', keys: unixServerKeys, twice: NONE, allowed: allowedInUnixServer }
  if (section.startsWith('inet_http_server'))
    return { kind: 'server.http', name: '', keys: httpServerKeys, twice: NONE, allowed: () => NONE }
  return undefined
}

/** What is told about sections that have no counterpart, by the part of their name before the colon. */
export function describeUnmapped(
  section: string,
  mainInterface: boolean,
): { message: string; hint?: string; replaced: boolean } {
  const [kind = ''] = section.split(':')
  if (kind === 'rpcinterface' && mainInterface) {
    return { message: `[${section}] is not needed: kahi has its own control interface`, replaced: true }
  }
  const later = 'it is kept as a comment at the end of the TOML'
  const known: Readonly<Record<string, string>> = {
    eventlistener: 'an event listener',
    'fcgi-program': 'a FastCGI program',
    rpcinterface: 'a Python plug-in of the daemon',
    ctlplugin: 'a Python plug-in of supervisorctl',
  }
  const what = known[kind]
  if (what !== undefined && section.includes(':'))
    return { message: `[${section}] is ${what}, which kahi cannot run`, hint: later, replaced: false }
  return { message: `[${section}] is a section that supervisord ignores`, hint: later, replaced: false }
}

function allowedInProgram(key: string): readonly string[] | undefined {
  return key === 'priority' ? ['here'] : undefined
}

function allowedInCtl(key: string): readonly string[] {
  return key === 'serverurl' || key === 'history_file' ? ['here'] : NONE
}

function allowedInUnixServer(key: string): readonly string[] {
  return key === 'file' ? ['here'] : NONE
}
