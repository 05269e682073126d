// Exits of a process, and those that end the daemon.

import { exited, GAVE_UP, killed, rows, running, starting, stopping, TOO_QUICK } from './rows.ts'

rows('exits', [
  {
    says: 'an expected exit stays EXITED',
    state: running,
    event: exited(5000),
    next: { name: 'exited', restarting: false },
    effects: ['status 0', 'info: exited: web (exit status 0; expected)', 'running>exited pid 7 expected'],
  },
  {
    says: 'an unexpected exit of a program that was up longer than a second restarts at once',
    state: running,
    event: exited(5000, 1),
    next: { name: 'spawning', tries: 0 },
    effects: [
      'status 1',
      'spawnerr Bad exit code 1',
      'warn: exited: web (exit status 1; not expected)',
      'running>exited pid 7',
      'exited>starting',
      'spawn',
    ],
  },
  {
    says: 'death by a signal is never expected',
    state: running,
    event: killed(5000),
    policy: { autorestart: 'false' },
    next: { name: 'exited', restarting: false },
    effects: [
      'status -1',
      'spawnerr Bad exit code -1',
      'warn: exited: web (terminated by SIGKILL; not expected)',
      'running>exited pid 7',
    ],
  },
  {
    says: 'a restart comes no sooner than a second after the start before',
    state: running,
    event: exited(300),
    policy: { autorestart: 'true', startsecs: 0 },
    next: { name: 'exited', restarting: true },
    effects: ['status 0', 'info: exited: web (exit status 0; expected)', 'running>exited pid 7 expected', 'timer 700'],
  },
  {
    says: 'an exit after startsecs that came before the promotion was RUNNING',
    state: starting,
    event: exited(1001),
    next: { name: 'exited', restarting: false },
    effects: [
      'starting>running pid 7',
      'status 0',
      'info: exited: web (exit status 0; expected)',
      'running>exited pid 7 expected',
    ],
  },
  {
    says: 'nothing restarts while the daemon stops',
    state: running,
    event: exited(5000, 1),
    policy: { automatic: false, autorestart: 'true' },
    next: { name: 'exited', restarting: false },
    effects: [
      'status 1',
      'spawnerr Bad exit code 1',
      'warn: exited: web (exit status 1; not expected)',
      'running>exited pid 7',
    ],
  },
  {
    says: 'a stop request calls off a restart that is due',
    state: { name: 'exited', restarting: true },
    event: { type: 'stop' },
    next: { name: 'stopped', tries: 0 },
    effects: ['exited>stopped'],
  },
])

rows('ends of the daemon', [
  {
    says: 'on_exit ends the daemon with the exit code and restarts nothing',
    state: running,
    event: exited(5000, 3),
    policy: { on_exit: 'shutdown', autorestart: 'true' },
    next: { name: 'exited', restarting: false },
    effects: [
      'status 3',
      'spawnerr Bad exit code 3',
      'warn: exited: web (exit status 3; not expected)',
      'running>exited pid 7',
      'end-daemon 3 has ended (exit status 3)',
    ],
  },
  {
    says: 'death by a signal counts as 128 and its number',
    state: running,
    event: killed(5000),
    policy: { on_exit: 'shutdown' },
    next: { name: 'exited', restarting: false },
    effects: [
      'status -1',
      'spawnerr Bad exit code -1',
      'warn: exited: web (terminated by SIGKILL; not expected)',
      'running>exited pid 7',
      'end-daemon 137 has ended (terminated by SIGKILL)',
    ],
  },
  {
    says: 'an exit before startsecs ends the daemon too',
    state: starting,
    event: exited(10, 0),
    policy: { on_exit: 'shutdown', exit_code: 7 },
    next: { name: 'backoff', tries: 1 },
    effects: [
      'status 0',
      TOO_QUICK,
      'warn: exited: web (exit status 0; not expected)',
      'end-daemon 7 has ended (exit status 0)',
      'starting>backoff tries 1',
      'timer 1000',
    ],
  },
  {
    says: 'an end that was asked for ends nothing else',
    state: stopping,
    event: exited(1),
    policy: { on_exit: 'shutdown', on_fatal: 'shutdown' },
    next: { name: 'stopped', tries: 0 },
    effects: ['status 0', 'stopping>stopped pid 7', 'info: stopped: web (exit status 0)'],
  },
  {
    says: 'on_fatal ends the daemon with 1 when it is given up',
    state: { name: 'spawning', tries: 3 },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    policy: { on_exit: 'shutdown', on_fatal: 'shutdown' },
    next: { name: 'fatal' },
    effects: [
      'spawnerr no',
      'info: spawnerr: no',
      'starting>backoff tries 4',
      'backoff>fatal',
      GAVE_UP,
      'end-daemon 1 is FATAL',
    ],
  },
])
