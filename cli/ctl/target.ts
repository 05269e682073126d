// Finds the daemon: -s, then -c, then $KAHI_SOCKET, then the kahi.toml that is found, then the default socket.

import { ConfigError } from '../../config/model/diagnostic.ts'
import type { Config } from '../../config/settings/config.ts'
import { type Credentials, type Server, serverUrl } from '../../config/settings/server.ts'
import { type Arguments, textOf } from '../command.ts'
import { findConfigFile } from '../config-file.ts'
import { defaultSocket, refuseDefaultSocket, thisAsker } from '../default-socket.ts'
import type { Target } from './client.ts'

/** Finds the daemon. Rejects with ConfigError when its file is invalid. */
export async function findTarget(args: Arguments): Promise<Target> {
  const { url, credentials } = await findServer(args)
  const username = textOf(args, 'username') ?? credentials?.username
  const password = textOf(args, 'password') ?? credentials?.password
  return { url, credentials: username === undefined ? undefined : { username, password: password ?? '' } }
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
  // All formats are loaded here: a client that is given the socket needs none of them.
  const [{ loadControl }, { thisMachine }] = await Promise.all([
    import('../load.ts'),
    import('../../runtime/system/users.ts'),
  ])
  const config = loadControl(file, thisMachine())
  const url = config.ctl?.serverurl ?? serverUrl(config.servers) ?? defaultUrl()
  return { url, credentials: ctlCredentials(config) ?? plainCredentials(config.servers, url) }
}

/** The default socket. Throws ConfigError when another user could answer there. */
function defaultUrl(): string {
  const asker = thisAsker()
  const message = refuseDefaultSocket(asker)
  if (message !== undefined) throw new ConfigError([{ severity: 'error', message }])
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
  if (text.startsWith('unix://') || text.startsWith('http://')) return text.replace(/\/+$/, '')
  return `unix://${text}`
}
