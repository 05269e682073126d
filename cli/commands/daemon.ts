// `kahi daemon`: what its help says. The code that runs the programs has a bundle of its own, which only that needs.

import type { Command } from '../command.ts'
import { SEARCHED } from '../config-file.ts'

/** Runs the programs of a kahi.toml. */
export const daemonCommand: Command = {
  name: 'daemon',
  usage: '[-c FILE] [--log-format FORMAT] [--survive]',
  summary: 'Run the programs of a kahi.toml in the foreground',
  options: {
    config: {
      type: 'string',
      alias: 'c',
      summary: `A kahi.toml, or what kahi migrate converts, which is converted each time it is read; else $KAHI_CONFIG, ${SEARCHED.join(', ')}`,
    },
    survive: {
      type: 'boolean',
      summary:
        'Programs keep running when kahi itself is killed or upgraded, as with survive = true; the helper starts it again',
    },
    'log-format': {
      type: 'string',
      choices: ['auto', 'text', 'json'],
      summary: 'How the log is written on standard output; auto is text on a terminal, JSON elsewhere',
    },
  },
  positionals: [],
  examples: [
    ['kahi daemon -c kahi.toml', 'run it; Ctrl-C stops everything in reverse order'],
    ['kahi daemon -c s6-rc.d', 'run a tree of s6-rc as kahi migrate would convert it'],
    ['kahi daemon --survive', 'run it so that a crash or kahi ctl upgrade ends no program'],
    ['kill -HUP PID', 'read the file again and apply what changed'],
    ['kill -USR2 PID', 'open all log files anew'],
  ],
  run: async (args) => (await import('./run-daemon.ts')).runDaemonCommand(args),
}
