// Keys of [server.unix], [server.http] and [ctl]: where the daemon listens and where its clients connect.
// Source: supervisor 4.2.5, ServerOptions.server_configs_from_parser, ClientOptions.read_config.

import { key, optionalKey, type Settings } from './key.ts'
import { tokens } from '../values/tokens.ts'
import { choice, flag, octal, text } from '../values/values.ts'

const daemon = { scope: 'daemon' } as const
const own = { ...daemon, supervisord: '' } as const

const credentials = {
  username: optionalKey(text, 'Name that clients must send; requires password.', daemon),
  password: optionalKey(
    text,
    'Password that clients must send: plain, {SHA} and its hexadecimal SHA-1, or a bcrypt hash as `kahi hash-password` makes. Its role is admin.',
    daemon,
  ),
  tokens: key(
    tokens,
    [],
    'Tokens that clients may send instead, with Authorization: Bearer, or as a password with the name of the token: `{ prometheus = { hash = "sha256:...", role = "metrics" } }`. `kahi hash-password --token` makes one. Roles: metrics (only /metrics), read, control (also start, stop, signals, apply), admin (everything).',
    own,
  ),
}

/** Keys of a unix socket. */
export const unixServerKeys = {
  file: key(text, '', 'Path of the socket.', { ...daemon, required: true }),
  chmod: key(octal, 0o700, 'Mode of the socket as octal text.', daemon),
  chown: optionalKey(text, 'Owner of the socket as `user` or `user:group`.', daemon),
  ...credentials,
}

/** Keys of a TCP server. */
export const httpServerKeys = {
  enabled: key(flag, false, 'Whether the server is opened.', own),
  listen: key(text, '', 'Address to listen on: `127.0.0.1:9001`; `*:9001` or `:9001` is every interface.', {
    ...daemon,
    supervisord: 'port',
    required: true,
  }),
  access: optionalKey(
    choice(['open']),
    '"open": clients need neither password nor token. A server without credentials must say so, on 127.0.0.1 too: every user of the machine, and every process in a container, reaches it.',
    own,
  ),
  certificate: optionalKey(
    text,
    'File with a certificate and its chain, PEM: the server then speaks TLS. It is read again when it has changed.',
    own,
  ),
  certificate_key: optionalKey(text, 'File with the key of the certificate, PEM.', own),
  ...credentials,
}

/** Keys of the clients. */
export const ctlKeys = {
  serverurl: key(text, 'http://localhost:9001', 'Address of the daemon: unix:///path or http://host:port.', daemon),
  username: optionalKey(text, 'Name to send to the daemon.', daemon),
  password: optionalKey(text, 'Password to send to the daemon, plain.', daemon),
  prompt: key(text, 'supervisor', 'Prompt of the interactive client.', daemon),
  history_file: optionalKey(text, 'File that keeps the interactive client’s history.', daemon),
}

/** The values of the servers' and clients' keys. */
export type UnixServerValues = Settings<typeof unixServerKeys>
/** The values of a TCP server's keys. */
export type HttpServerValues = Settings<typeof httpServerKeys>
/** The values of the clients' keys. */
export type CtlValues = Settings<typeof ctlKeys>
