// Rows for the programs of supervisor, of s6-rc and of s6-overlay that kahi replaces. They are only here for the help:
// main.ts passes their arguments to cli/compat before any command of kahi is read.

import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

/** One row for each program. */
export const otherPrograms: readonly Command[] = [
  otherProgram('init-s6', '[COMMAND [ARGUMENT…]]', 'Boot an image of s6-overlay as its /init does', [
    'kahi init-s6 nginx -g "daemon off;"',
    'cont-init.d, s6-rc.d and services.d first, then the command; ends with its exit code',
  ]),
  otherProgram(
    'supervisorctl',
    '[OPTIONS OF SUPERVISORCTL] [COMMAND]',
    'Control a daemon with the commands of supervisorctl',
    ['kahi supervisorctl -c /etc/supervisord.conf status', 'as supervisorctl would'],
  ),
  otherProgram('echo_supervisord_conf', '', 'Print a sample supervisord.conf', [
    'kahi echo_supervisord_conf > supervisord.conf',
    'a file to begin with',
  ]),
  otherProgram(
    'manager',
    '[-command COMMAND] [-config FILE] [ARGUMENT…]',
    'Run a command and restart it when its configuration file changes, with the options and log lines of flush-manager',
    ['kahi manager -command /usr/bin/app -config /etc/app.conf', 'as the program manager of flush-manager would'],
  ),
  otherProgram(
    'pidproxy',
    'PIDFILE COMMAND [ARGUMENT…]',
    'Run a command and pass signals on to the process in its pidfile',
    ['kahi pidproxy /run/mysqld.pid /usr/bin/mysqld_safe', 'for a program that goes into the background'],
  ),
  otherProgram('s6-rc', '[OPTIONS OF S6-RC] COMMAND [NAME…]', 'List and change services with the commands of s6-rc', [
    'kahi s6-rc -u change web',
    'web, after all its dependencies',
  ]),
  otherProgram('s6-rc-db', '[OPTIONS OF S6-RC-DB] COMMAND…', 'Ask about services with the commands of s6-rc-db', [
    'kahi s6-rc-db list all',
    'every name there is',
  ]),
]

function otherProgram(name: string, usage: string, summary: string, example: readonly [string, string]): Command {
  return { name, usage, summary, options: {}, positionals: [], examples: [example], run: async () => EXIT.usage }
}
