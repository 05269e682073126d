// Finds the daemon: -s, then -c, then $KAHI_SOCKET, then the kahi.toml that is found, then the default socket. --addr and
// --peers name several.

import { ConfigError } from '../../config/model/diagnostic.ts'
import type { Config } from '../../config/settings/config.ts'
import type { Peer } from '../../config/settings/receivers.ts'
import { type Credentials, type Server, serverUrl } from '../../config/settings/server.ts'
import { type Arguments, flagOf, listOf, textOf } from '../command.ts'
import { findConfigFile } from '../config-file.ts'
import { defaultSocket, refuseDefaultSocket, thisAsker } from '../default-socket.ts'
import type { Target } from './client.ts'

/** Finds the daemon. Rejects with ConfigError when its file is invalid. */
export async function findTarget(args: Arguments): Promise<Target> {
  return withOptions(await findServer(args), args)
}

/** Finds the daemons: one, unless several are named. Rejects with ConfigError when the file is invalid, or lacks a name. */
export async function findTargets(args: Arguments): Promise<readonly Target[]> {
  const named = listOf(args, 'addr')
  if (named.length === 0 && !flagOf(args, 'peers')) return [await findTarget(args)]
  const given = await Promise.all(named.map((text) => namedTarget(text, args)))
  if (!flagOf(args, 'peers')) return given
  const peers = await Promise.all((await readPeers(args)).map(peerTarget))
  return [await findTarget(args), ...given, ...peers]
}

async function namedTarget(text: string, args: Arguments): Promise<Target> {
  if (text.includes('/')) return withOptions({ url: urlOf(text), credentials: undefined }, args)
  const peers = await readPeers(args)
  const peer = peers.find(({ name }) => name === text)
  if (peer !== undefined) return peerTarget(peer)
  const known =
    peers.length === 0 ? 'the configuration has no [peers]' : `there are ${peers.map(({ name }) => name).join(', ')}`
  throw refused(`--addr ${text} is no address and no daemon of [peers]`, known)
}

async function readPeers(args: Arguments): Promise<readonly Peer[]> {
  const file = textOf(args, 'config') ?? findConfigFile(process.env)
  return file === undefined ? [] : (await load(file)).peers
}

async function peerTarget({ name, url, headers, authorization_file: file, ca }: Peer): Promise<Target> {
  const { readSecret } = await import('../../runtime/outbound/request.ts')
  try {
    const authorization = file === undefined ? {} : { Authorization: readSecret(file) }
    return { name, url, credentials: undefined, ca, headers: { ...headers, ...authorization } }
  } catch (error) {
    throw refused(`cannot read ${file}, the authorization of ${name}: ${codeOf(error)}`)
  }
}

/** The credentials and the trust that the command line names have priority. */
async function withOptions(target: Target, args: Arguments): Promise<Target> {
  const username = textOf(args, 'username') ?? target.credentials?.username
  const password = textOf(args, 'password') ?? target.credentials?.password
  const credentials = username === undefined ? undefined : { username, password: password ?? '' }
  return { ...target, credentials, ...(await trustOf(args)) }
}

async function trustOf(args: Arguments): Promise<Pick<Target, 'ca' | 'fingerprint'>> {
  const [ca, given] = [textOf(args, 'cacert'), textOf(args, 'fingerprint')]
  if (given === undefined) return ca === undefined ? {} : { ca, fingerprint: undefined }
  const { parseFingerprint } = await import('./secure.ts')
  const fingerprint = parseFingerprint(given)
  if (fingerprint !== undefined) return { fingerprint }
  throw refused(
    '--fingerprint is not 64 hexadecimal digits',
    'openssl x509 -in FILE -noout -fingerprint -sha256 prints it',
  )
}

async function findServer(args: Arguments): Promise<Target> {
  const socket = textOf(args, 'socket')
  if (socket !== undefined) return { url: urlOf(socket), credentials: undefined }
  const config = textOf(args, 'config')
  if (config !== undefined) return serverOf(config)
  const named = process.env.KAHI_SOCKET ?? ''
  if (named !== '') return { url: urlOf(named), credentials: undefined }
  const found = findConfigFile(process.env)
  return found === undefined ? { url: defaultUrl(), credentials: undefined } : serverOf(found)
}

/** The address in `[ctl]`, else the first server, else the default socket, as for the daemon. */
async function serverOf(file: string): Promise<Target> {
  const config = await load(file)
  const url = config.ctl?.serverurl ?? serverUrl(config.servers) ?? defaultUrl()
  const credentials = ctlCredentials(config) ?? plainCredentials(config.servers, url)
  return { url, credentials, ...(await ownTrust(config.servers, url)) }
}

/** The daemon of the file has the certificate of the file, whatever names are in it. */
async function ownTrust(servers: readonly Server[], url: string): Promise<Pick<Target, 'fingerprint'>> {
  const server = servers.find((candidate) => serverUrl([candidate]) === url)
  if (server?.kind !== 'http' || server.tls === undefined) return {}
  const { fingerprintOf } = await import('./secure.ts')
  return { fingerprint: fingerprintOf(server.tls.certificate) }
}

/** All formats are loaded here: a client that is given the socket needs none of them. */
async function load(file: string) {
  const [{ loadControl }, { thisMachine }] = await Promise.all([
    import('../load.ts'),
    import('../../runtime/system/users.ts'),
  ])
  return loadControl(file, thisMachine())
}

/** The default socket. Throws ConfigError when another user could answer there. */
function defaultUrl(): string {
  const asker = thisAsker()
  const message = refuseDefaultSocket(asker)
  if (message !== undefined) throw refused(message)
  return `unix://${defaultSocket(asker)}`
}

function ctlCredentials({ ctl }: Pick<Config, 'ctl'>): Credentials | undefined {
  return ctl?.username === undefined ? undefined : { username: ctl.username, password: ctl.password ?? '' }
}

/** The credentials of the server, when its password is in the file as plain text. */
function plainCredentials(servers: readonly Server[], url: string): Credentials | undefined {
  const server = servers.find((candidate) => serverUrl([candidate]) === url)
  return /^(?:\{SHA\}|\$2[abxy]\$)/.test(server?.credentials?.password ?? '') ? undefined : server?.credentials
}

function urlOf(text: string): string {
  if (/^(unix|https?):\/\//.test(text)) return text.replace(/\/+$/, '')
  return `unix://${text}`
}

function refused(message: string, hint?: string): ConfigError {
  return new ConfigError([{ severity: 'error', message, ...(hint !== undefined && { hint }) }])
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
