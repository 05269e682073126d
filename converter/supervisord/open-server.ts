// TCP servers of supervisord.conf. A server without a user name asks clients for nothing, also when it has a password; kahi.toml
// has to say so. Source: supervisor 4.2.5, ServerOptions.make_http_servers.

import type { Entry } from '../../config/keys/document.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { SectionMapping } from './mapping.ts'
import type { IniSection } from './read-ini.ts'

/** What the table of a TCP server needs besides what is in the section. */
export function addedToServer({ place }: IniSection, mapping: SectionMapping, entries: readonly Entry[]): Entry[] {
  if (mapping.kind !== 'server.http') return []
  const enabled = { key: 'enabled', value: true, place }
  return isOpen(mapping, entries) ? [enabled, { key: 'access', value: 'open', place }] : [enabled]
}

/** Warns of a server that asks clients for nothing. */
export function describeOpenServer(
  { name, place }: IniSection,
  mapping: SectionMapping,
  entries: readonly Entry[],
): Diagnostic[] {
  if (!isOpen(mapping, entries)) return []
  const message = `[${name}] asks for no password: every client that reaches it controls all programs`
  return [{ severity: 'warning', message, place, hint: 'set username and password, or use a unix socket' }]
}

function isOpen({ kind }: SectionMapping, entries: readonly Entry[]): boolean {
  const value = (name: string) => entries.find(({ key }) => key === name)?.value
  if (kind !== 'server.http' || (value('username') ?? '') !== '') return false
  return value('username') !== undefined || value('password') === undefined
}
