// Keys of [fcgi_programs.X]: those of a program and the socket that its processes share as standard input.
// Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser, parse_fcgi_socket.

import { key, optionalKey, type Settings } from '../key.ts'
import { integerBetween, octal, text } from '../values.ts'
import { programKeys } from './program.ts'

/** What a FastCGI program has besides the keys of a program. */
export const socketKeys = {
  socket: key(text, '', 'Where all its processes accept: unix:///absolute/path or tcp://host:port.', {
    required: true,
  }),
  socket_owner: optionalKey(
    text,
    'Owner of a unix socket as `user` or `user:group`; when absent that of `user`, if that is not the daemon’s.',
  ),
  socket_mode: optionalKey(octal, 'Mode of a unix socket as octal text; "0700" when absent.'),
  socket_backlog: optionalKey(
    integerBetween(1, 65_535),
    'Connections that may wait; the system’s default when absent.',
  ),
}

/** Keys of a FastCGI program, in the order in which they are written. */
export const fcgiProgramKeys = { ...programKeys, ...socketKeys }

/** The values of the socket's keys. */
export type SocketValues = Settings<typeof socketKeys>
