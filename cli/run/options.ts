// The options of `kahi run`.

import type { OptionSpec } from '../command.ts'

const CHECKS = 'tcp:HOST:PORT, unix:PATH, http(s)://…, file:PATH, "exec:COMMAND", "log:PATTERN"'

/** The options, as the help shows them. */
export const RUN_OPTIONS = {
  watch: { type: 'string', many: true, summary: 'Restart it when this file, directory or pattern changes' },
  'watch-action': { type: 'string', summary: 'Instead of a restart: reload (runs --reload) or signal:NAME' },
  reload: { type: 'string', summary: 'Command that makes it read its files again, with its pid in $MAINPID' },
  ready: { type: 'string', summary: `When it is ready, for kahi ctl and probes: ${CHECKS}, fd:NUMBER, notify` },
  health: { type: 'string', summary: `Whether it is healthy: ${CHECKS}, notify` },
  'health-interval': { type: 'string', summary: 'Seconds between two health checks (10)' },
  'on-unhealthy': { type: 'string', summary: 'What follows: none, restart, stop, shutdown or signal:NAME' },
  restart: {
    type: 'string',
    choices: ['no', 'on-failure', 'always'],
    default: 'no',
    summary: 'When it is started again after an end',
  },
  retries: { type: 'string', summary: 'Most restarts in a row (10; 0 = no limit)' },
  user: { type: 'string', summary: 'User to run it as: NAME, UID or NAME:GROUP' },
  dir: { type: 'string', summary: 'Directory to run it in' },
  env: { type: 'string', many: true, summary: 'A variable for it, as NAME=VALUE' },
  set: { type: 'string', many: true, summary: 'Any other key of a program, as KEY=VALUE; VALUE is JSON, or text' },
  'stop-timeout': { type: 'string', summary: 'Seconds between the stop signal and SIGKILL (10)' },
  'log-format': {
    type: 'string',
    choices: ['raw', 'prefix', 'channel', 'json'],
    default: 'raw',
    summary: 'How its lines are written: unchanged, or with time and name',
  },
  'log-level': {
    type: 'string',
    summary:
      "The least important lines of kahi's own log, on stderr; info with --watch, --restart or --health, else only failures",
  },
  socket: {
    type: 'string',
    alias: 's',
    summary: 'Where kahi ctl reaches it; as PID 1 the default socket, otherwise none',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>
