// Which daemon is meant: -s, then -c, then $KAHI_SOCKET, then the kahi.toml that is found, then the default socket.

import { type Config, type Credentials, type Server, serverUrl } from '../../config/config.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, textOf } from '../command.ts'
import { findConfigFile } from '../config-file.ts'
import { defaultSocket, thisAsker } from '../default-socket.ts'
import { loadDoors } from '../load.ts'
import type { Target } from './client.ts'

/** Finds the daemon. Throws ConfigError when its file cannot be used. */
export function findTarget(args: Arguments): Target {
  const { url, credentials } = findServer(args)
  const username = textOf(args, 'username') ?? credentials?.username
  const password = textOf(args, 'password') ?? credentials?.password
  return { url, credentials: username === undefined ? undefined : { username, password: password ?? '' } }
}

function findServer(args: Arguments): Target {
  const socket = textOf(args, 'socket')
  if (socket !== undefined) return { url: urlOf(socket), credentials: undefined }
  const config = textOf(args, 'config')
  if (config !== undefined) return serverOf(config)
  const named = process.env.KAHI_SOCKET ?? ''
  if (named !== '') return { url: urlOf(named), credentials: undefined }
  const found = findConfigFile(process.env)
  return found === undefined ? { url: `unix://${defaultSocket(thisAsker())}`, credentials: undefined } : serverOf(found)
}

/** `[ctl]` says it; else the first server; else the default socket, as the daemon does. */
function serverOf(file: string): Target {
  const config = loadDoors(file, thisMachine())
  const url = config.ctl?.serverurl ?? serverUrl(config.servers) ?? `unix://${defaultSocket(thisAsker())}`
  return { url, credentials: ctlCredentials(config) ?? plainCredentials(config.servers, url) }
}

function ctlCredentials({ ctl }: Pick<Config, 'ctl'>): Credentials | undefined {
  return ctl?.username === undefined ? undefined : { username: ctl.username, password: ctl.password ?? '' }
}

/** What the server asks for, when the file tells it in the clear. */
function plainCredentials(servers: readonly Server[], url: string): Credentials | undefined {
  const server = servers.find((candidate) => serverUrl([candidate]) === url)
  return server?.credentials?.password.startsWith('{SHA}') === true ? undefined : server?.credentials
}

function urlOf(text: string): string {
  if (text.startsWith('unix://') || text.startsWith('http://')) return text.replace(/\/+$/, '')
  return `unix://${text}`
}
