// Keys of [fcgi_programs.X]: those of a program and the socket that its processes share as standard input.
// Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser, parse_fcgi_socket.

import { key, optionalKey, type Settings } from './key.ts'
import { integerBetween, octal, text } from '../values/values.ts'
import { programKeys } from './program.ts'

/** Keys of a FastCGI program besides those of a program. */
export const socketKeys = {
  socket: key(
    text,
    '',
    'Socket on which all its processes accept connections: unix:///absolute/path or tcp://host:port.',
    {
      required: true,
    },
  ),
  socket_owner: optionalKey(
    text,
    'Owner of a unix socket as `user` or `user:group`; by default that of `user`, if that is not the daemon’s.',
  ),
  socket_mode: optionalKey(octal, 'Mode of a unix socket as octal text; by default "0700".'),
  socket_backlog: optionalKey(
    integerBetween(1, 65_535),
    'Number of connections that may wait; by default that of the system.',
  ),
}

/** Keys of a FastCGI program, in the order in which they are written. */
export const fcgiProgramKeys = { ...programKeys, ...socketKeys }

/** The values of the socket's keys. */
export type SocketValues = Settings<typeof socketKeys>
