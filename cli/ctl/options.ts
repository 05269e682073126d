// The options that all commands of `kahi ctl` share.

import type { OptionSpec } from '../command.ts'

/** By their long names. */
export const ctlOptions: Readonly<Record<string, OptionSpec>> = {
  socket: {
    type: 'string',
    alias: 's',
    summary: 'Where the daemon listens: a path, unix://PATH or http://HOST:PORT; else $KAHI_SOCKET',
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
