// The servers of the daemon, and the settings of its clients. Several servers of a kind are an array of tables. Source:
// supervisor 4.2.5, ServerOptions.server_configs_from_parser, datatypes.inet_address.

import { resolve as resolvePath } from 'node:path'
import { asksForPassword, type Credentials, type CtlSettings, type Server } from '../settings/server.ts'
import type { Place } from '../model/diagnostic.ts'
import { findEntry, type Table, tableName } from '../keys/document.ts'
import { ctlKeys, httpServerKeys, unixServerKeys } from '../keys/server.ts'
import type { Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './read-settings.ts'
import { hideInText } from '../values/secrets.ts'
import { quote, readInteger, strip } from '../values/values.ts'

/** The servers in the order in which they are opened: TCP first, then unix sockets. */
export function resolveServers(resolver: Resolver): Server[] {
  const { tables } = resolver.document
  const http = tables.filter(({ kind }) => kind === 'server.http').map((table) => resolveHttp(resolver, table))
  const unix = tables.filter(({ kind }) => kind === 'server.unix').map((table) => resolveUnix(resolver, table))
  return [...http, ...unix].filter((server) => server !== undefined)
}

/** `[ctl]`; undefined when it is absent. */
export function resolveCtl(resolver: Resolver): CtlSettings | undefined {
  const table = resolver.document.tables.find(({ kind }) => kind === 'ctl')
  if (table === undefined) return undefined
  checkKeys(table, ctlKeys, resolver.findings)
  const values = readSettings(table, ctlKeys, ['daemon'], resolver.names, resolver.findings)
  return { ...values, serverurl: ctlUrl(resolver, values.serverurl) }
}

/** Host and port of `9001`, `:9001`, `*:9001`, `host:9001`; undefined without a valid port. */
function readAddress(address: string): { host: string; port: number } | undefined {
  const colon = address.lastIndexOf(':')
  const host = colon < 0 ? '' : address.slice(0, colon).toLowerCase()
  try {
    const port = readInteger(address.slice(colon + 1))
    return port >= 1 && port <= 65_535 ? { host: host === '*' ? '' : host, port } : undefined
  } catch {
    return undefined
  }
}

function resolveHttp(resolver: Resolver, table: Table): Server | undefined {
  checkKeys(table, httpServerKeys, resolver.findings)
  const values = readSettings(table, httpServerKeys, ['daemon'], resolver.names, resolver.findings)
  const credentials = resolveCredentials(resolver, table, values)
  const address = readAddress(values.listen)
  const place = findEntry(table, 'listen')?.place
  if (address === undefined) {
    if (place !== undefined)
      resolver.findings.error(
        `${quote(hideInText(values.listen))} is not an address to listen on`,
        place,
        'write host:port, as in "127.0.0.1:9001"',
      )
    return undefined
  }
  const { tokens } = values
  const tls = resolveTls(resolver, table, values)
  if (!values.enabled) return undefined
  const server: Server = {
    kind: 'http',
    ...address,
    credentials,
    ...(tokens.length > 0 && { tokens }),
    ...(tls && { tls }),
  }
  checkAccess(resolver, table, server, values.access === 'open')
  return server
}

/** Who may use a TCP server is said in the file: credentials, or `access = "open"`. */
function checkAccess(resolver: Resolver, table: Table, server: Server, isOpen: boolean): void {
  if (asksForPassword(server) !== isOpen) return
  const has = (key: string): boolean => findEntry(table, key) !== undefined
  const title = `[${tableName(table)}]`
  const place = findEntry(table, 'access')?.place ?? table.place
  if (isOpen)
    resolver.findings.error(`${title} is open and asks for credentials`, place, 'remove "access", or the credentials')
  else if (has('username') === has('password'))
    resolver.findings.error(
      `${title} asks clients for nothing`,
      place,
      'give it username and password, or tokens, or write access = "open"',
    )
}

function resolveTls(
  resolver: Resolver,
  table: Table,
  {
    certificate,
    certificate_key: key,
  }: { readonly certificate: string | undefined; readonly certificate_key: string | undefined },
): { certificate: string; key: string } | undefined {
  if ((certificate === undefined) !== (key === undefined)) {
    const missing = certificate === undefined ? 'certificate' : 'certificate_key'
    resolver.findings.error(`[${tableName(table)}] has no "${missing}"`, table.place, 'TLS needs both files')
  }
  if (certificate === undefined || key === undefined) return undefined
  const { workingDirectory } = resolver.machine
  return { certificate: resolvePath(workingDirectory, certificate), key: resolvePath(workingDirectory, key) }
}

function resolveUnix(resolver: Resolver, table: Table): Server {
  checkKeys(table, unixServerKeys, resolver.findings)
  const values = readSettings(table, unixServerKeys, ['daemon'], resolver.names, resolver.findings)
  return {
    kind: 'unix',
    file: resolvePath(resolver.machine.workingDirectory, resolver.machine.expandHome(strip(values.file))),
    chmod: values.chmod,
    chown:
      values.chown === undefined
        ? { uid: -1, gid: -1 }
        : readOwner(resolver, values.chown, findEntry(table, 'chown')?.place ?? table.place),
    credentials: resolveCredentials(resolver, table, values),
    ...(values.tokens.length > 0 && { tokens: values.tokens }),
  }
}

/** Ids of `user` or `user:group`; -1 for a part that is not given. */
export function readOwner(resolver: Resolver, owner: string, place: Place): { uid: number; gid: number } {
  const colon = owner.indexOf(':')
  const uid = resolver.user(colon < 0 ? owner : owner.slice(0, colon), place)?.uid ?? -1
  return { uid, gid: colon < 0 ? -1 : (resolver.group(owner.slice(colon + 1), place) ?? -1) }
}

interface Secrets {
  readonly username: string | undefined
  readonly password: string | undefined
}

function resolveCredentials(
  resolver: Resolver,
  table: Table,
  { username, password }: Secrets,
): Credentials | undefined {
  if ((username === undefined) !== (password === undefined)) {
    const missing = username === undefined ? 'username' : 'password'
    resolver.findings.error(
      `[${tableName(table)}] has no "${missing}" to go with the other half`,
      table.place,
      'give both or neither',
    )
  }
  return username !== undefined && password !== undefined ? { username, password } : undefined
}

function ctlUrl(resolver: Resolver, url: string): string {
  if (!url.startsWith('unix://')) return url
  return `unix://${resolvePath(resolver.machine.workingDirectory, resolver.machine.expandHome(url.slice('unix://'.length)))}`
}
