// The other programs of supervisor, those of s6-rc and the init of s6-overlay: they stand here for the list of commands only; main.ts hands their words to the
// stand-ins before any of ours would be read.

import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

/** One for each program. */
export const standIns: readonly Command[] = [
  standIn('init-s6', '[COMMAND [ARGUMENT…]]', 'Boot an image of s6-overlay as its /init does', [
    'kahi init-s6 nginx -g "daemon off;"',
    'cont-init.d, s6-rc.d and services.d first, then the command; ends with its exit code',
  ]),
  standIn(
    'supervisorctl',
    '[OPTIONS OF SUPERVISORCTL] [COMMAND]',
    'Control a daemon with the commands of supervisorctl',
    ['kahi supervisorctl -c /etc/supervisord.conf status', 'as supervisorctl would'],
  ),
  standIn('echo_supervisord_conf', '', 'Print a sample supervisord.conf', [
    'kahi echo_supervisord_conf > supervisord.conf',
    'a file to begin with',
  ]),
  standIn('pidproxy', 'PIDFILE COMMAND [ARGUMENT…]', 'Run a command and hand signals to the process in its pidfile', [
    'kahi pidproxy /run/mysqld.pid /usr/bin/mysqld_safe',
    'for a program that goes into the background',
  ]),
  standIn('s6-rc', '[OPTIONS OF S6-RC] COMMAND [NAME…]', 'List and change services with the commands of s6-rc', [
    'kahi s6-rc -u change web',
    'web, after all that it needs',
  ]),
  standIn('s6-rc-db', '[OPTIONS OF S6-RC-DB] COMMAND…', 'Ask about services with the commands of s6-rc-db', [
    'kahi s6-rc-db list all',
    'every name there is',
  ]),
]

function standIn(name: string, usage: string, summary: string, example: readonly [string, string]): Command {
  return { name, usage, summary, options: {}, positionals: [], examples: [example], run: async () => EXIT.usage }
}
