// The servers of the daemon, and the settings of the command line client.

import type { CtlValues } from '../keys/server.ts'
import type { Token } from '../model/access.ts'

/**
 * Credentials of a server: HTTP Basic authentication. `password` is plain, or `{SHA}` and a hexadecimal SHA-1, or a bcrypt
 * hash.
 */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** A server of the daemon. An empty username means that no password is needed. */
export type Server =
  | {
      readonly kind: 'unix'
      /** Absolute path of the socket. */
      readonly file: string
      readonly chmod: number
      /** An id of -1 is not changed. */
      readonly chown: { readonly uid: number; readonly gid: number }
      readonly credentials: Credentials | undefined
      readonly tokens?: readonly Token[]
    }
  | {
      readonly kind: 'http'
      /** The server speaks TLS with this certificate. */
      readonly tls?: { readonly certificate: string; readonly key: string }
      /** Empty means every interface. */
      readonly host: string
      readonly port: number
      readonly credentials: Credentials | undefined
      readonly tokens?: readonly Token[]
    }

/** The settings of command line clients: the values of `[ctl]`, with an absolute path of a socket. */
export type CtlSettings = CtlValues

/**
 * The URL of the first server for SUPERVISOR_SERVER_URL; unix sockets come before TCP. Source: supervisor 4.2.5,
 * ServerOptions.realize.
 */
export function serverUrl(servers: readonly Server[]): string | undefined {
  const unix = servers.find((server) => server.kind === 'unix')
  if (unix?.kind === 'unix') return `unix://${unix.file}`
  const http = servers.find((server) => server.kind === 'http')
  if (http?.kind === 'http')
    return `${http.tls === undefined ? 'http' : 'https'}://${http.host === '' ? 'localhost' : http.host}:${http.port}`
  return undefined
}

/**
 * Whether clients of the server need a name and a password. Source: supervisor 4.2.5, ServerOptions.make_http_servers.
 */
export function asksForPassword({ credentials, tokens = [] }: Server): boolean {
  return tokens.length > 0 || (credentials !== undefined && credentials.username !== '')
}
