// `kahi run`: what its help says. main.ts reads its arguments itself, because those of the command that it runs must not
// be read as its own; the full parser is only for help and mistakes.

import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { printProblem } from '../print.ts'
import { RUN_OPTIONS } from '../run/options.ts'

/** Runs one command without a configuration file. */
export const runCommand: Command = {
  name: 'run',
  usage: '[OPTIONS] -- COMMAND [ARGUMENT…]',
  summary:
    'Run one command as the first process of a container: reap, pass on signals, watch files, restart; end with its exit code',
  options: RUN_OPTIONS,
  positionals: [{ name: 'command', summary: 'The command and its arguments', required: true, many: true }],
  examples: [
    ['kahi run -- nginx -g "daemon off;"', 'SIGTERM and Ctrl-C stop it; other signals are passed on to it'],
    ['kahi run --watch /etc/app -- app', 'restart it when files change, also those of a ConfigMap'],
    ['kahi run --watch app.conf --watch-action signal:HUP -- app', 'signal it instead'],
    [
      'kahi run --restart on-failure --health http://127.0.0.1:8080/up --on-unhealthy restart -- app',
      'keep it healthy',
    ],
    ['kahi run --user app --set \'limits={"memory":"200MB"}\' -- app', 'all other keys of a program'],
  ],
  run: () => {
    printProblem('name the command behind the options: kahi run [OPTIONS] -- COMMAND', 'kahi run --help')
    return Promise.resolve(EXIT.usage)
  },
}
