// The options that all commands of `kahi ctl` share.

import type { OptionSpec } from '../command.ts'

/** By their long names. */
export const ctlOptions: Readonly<Record<string, OptionSpec>> = {
  socket: {
    type: 'string',
    alias: 's',
    summary: 'Where the daemon listens: a path, unix://PATH, http://HOST:PORT or https://HOST:PORT; else $KAHI_SOCKET',
  },
  addr: {
    type: 'string',
    isRepeated: true,
    summary: 'As --socket, or a name of [peers] in the configuration; several times for several daemons',
  },
  peers: { type: 'boolean', summary: 'The daemon and all daemons of [peers] in its configuration' },
  cacert: { type: 'string', summary: 'With https: certificates of the authorities that are trusted, PEM' },
  fingerprint: {
    type: 'string',
    summary: 'With https: SHA-256 of the certificate of the daemon, instead of authorities',
  },
  config: {
    type: 'string',
    alias: 'c',
    summary: 'The configuration of the daemon, which says where it listens',
  },
  username: { type: 'string', alias: 'u', summary: 'User name, where the daemon asks for one' },
  password: { type: 'string', alias: 'p', summary: 'Password, where the daemon asks for one' },
  json: { type: 'boolean', summary: 'Print the result as JSON; an error as {"error": ..., "code": ...}' },
  'wait-socket': {
    type: 'string',
    summary: 'How long to wait for a daemon that does not listen yet, in seconds',
  },
  timeout: {
    type: 'string',
    summary: 'How long the command may take, in seconds; then it ends with 124, and the daemon continues',
  },
}
