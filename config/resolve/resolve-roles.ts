// The role of a group with one table: a program, an event listener, or processes that share a FastCGI socket.
// Combinations that supervisord refuses are refused. Source: supervisor 4.2.5,
// ServerOptions.process_groups_from_parser, parse_fcgi_socket.

import { isAbsolute, resolve as resolvePath } from 'node:path'
import type { FcgiSocket, GroupRole } from '../model/roles.ts'
import type { Place } from '../model/diagnostic.ts'
import { findEntry, type Table, tableName } from '../keys/document.ts'
import type { Names } from '../values/expand.ts'
import { DEFAULT_RESULT_HANDLER, listenerKeys } from '../keys/event-listener.ts'
import { type SocketValues, socketKeys } from '../keys/fcgi-program.ts'
import { programKeys } from '../keys/program.ts'
import { readOwner } from './resolve-servers.ts'
import type { Resolver } from './resolver.ts'
import { readSettings } from './read-settings.ts'
import { quote } from '../values/values.ts'

/** The role and the priority of the group that the table makes. */
export function resolveRole(
  resolver: Resolver,
  table: Table,
  names: Names,
): { readonly role: GroupRole; readonly priority: number } {
  if (table.kind === 'event_listeners') return resolveListener(resolver, table, names)
  const keys = { priority: programKeys.priority, user: programKeys.user }
  const { priority, user } = readSettings(table, keys, ['program'], names, resolver.findings)
  const role: GroupRole =
    table.kind === 'fcgi_programs'
      ? { kind: 'fcgi', socket: resolveSocket(resolver, table, names, user) }
      : { kind: 'program' }
  return { role, priority }
}

function placeOf(table: Table, key: string): Place {
  return findEntry(table, key)?.place ?? table.place
}

/** Result handlers whose work runtime/listeners does. */
const PRINTS = /^supervisor_(?:stdout|console)[:.]/

function resolveListener(
  resolver: Resolver,
  table: Table,
  names: Names,
): { readonly role: GroupRole; readonly priority: number } {
  const { findings } = resolver
  const keys = { ...listenerKeys, redirect_stderr: programKeys.redirect_stderr }
  const { priority, redirect_stderr, ...own } = readSettings(table, keys, ['program'], names, findings)
  if (own.buffer_size < 1)
    findings.error(`"buffer_size" is ${own.buffer_size}, less than 1`, placeOf(table, 'buffer_size'))
  if (redirect_stderr) {
    const message = `[${tableName(table)}] cannot have redirect_stderr = true`
    findings.error(message, placeOf(table, 'redirect_stderr'), 'its standard output speaks the listener protocol')
  }
  if (own.result_handler !== DEFAULT_RESULT_HANDLER) {
    const message = `result_handler = ${quote(own.result_handler)} is Python code, which kahi cannot call`
    const hint = PRINTS.test(own.result_handler)
      ? 'kahi prints the same, and accepts every answer'
      : 'kahi accepts every answer, like a handler that returns'
    findings.add({ severity: 'warning', message, place: placeOf(table, 'result_handler'), hint })
  }
  for (const key of ['stdout_capture_maxbytes', 'stdout_events_enabled', 'stdout_syslog']) {
    if (findEntry(table, key) === undefined) continue
    const message = `"${key}" has no effect in [${tableName(table)}]: standard output speaks the listener protocol`
    findings.add({ severity: 'warning', message, place: placeOf(table, key) })
  }
  return { role: { kind: 'listener', ...own }, priority }
}

function resolveSocket(resolver: Resolver, table: Table, names: Names, user: string | undefined): FcgiSocket {
  const values = readSettings(table, socketKeys, ['program'], names, resolver.findings)
  const backlog = values.socket_backlog
  const path = values.socket.startsWith('unix://') ? values.socket.slice('unix://'.length) : undefined
  if (path !== undefined) return resolveUnix(resolver, table, { ...values, path, user })
  for (const key of ['socket_owner', 'socket_mode']) {
    if (findEntry(table, key) === undefined) continue
    resolver.findings.error(`"${key}" is for unix sockets only`, placeOf(table, key), 'leave it out')
  }
  const [, host = '', digits = ''] = /^tcp:\/\/([^\s:]+):(\d+)$/.exec(values.socket) ?? []
  const port = Number(digits)
  if ((port < 1 || port > 65_535) && findEntry(table, 'socket') !== undefined) {
    const hint = 'write unix:///absolute/path or tcp://host:port'
    resolver.findings.error(`${quote(values.socket)} is no socket`, placeOf(table, 'socket'), hint)
  }
  return { kind: 'tcp', host: host.toLowerCase(), port, backlog }
}

function resolveUnix(
  resolver: Resolver,
  table: Table,
  { path, user, ...values }: SocketValues & { readonly path: string; readonly user: string | undefined },
): FcgiSocket {
  if (!isAbsolute(path)) resolver.findings.error(`The path ${quote(path)} is not absolute`, placeOf(table, 'socket'))
  const ids = user === undefined ? undefined : resolver.user(user, placeOf(table, 'user'))
  const ofUser = ids === undefined || ids.uid === resolver.machine.uid ? undefined : { uid: ids.uid, gid: ids.gid }
  const owner =
    values.socket_owner === undefined
      ? ofUser
      : readOwner(resolver, values.socket_owner, placeOf(table, 'socket_owner'))
  return {
    kind: 'unix',
    path: resolvePath(path),
    owner,
    mode: values.socket_mode ?? 0o700,
    backlog: values.socket_backlog,
  }
}
