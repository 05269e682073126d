// Restarts by the rules of `restart`, and by the rules of s6.

import { exited, finishing, inARow, rows, rule, running, starting, TOO_QUICK } from './rows.ts'

rows('restarts by rule', [
  {
    says: 'an exit is followed by the first delay, however long it lived before',
    state: running,
    event: exited(5000),
    policy: { restart: rule, autorestart: 'true' },
    next: { name: 'exited', restarting: true, restarts: inARow(1) },
    effects: [
      'status 0',
      'info: exited: web (exit status 0; expected)',
      'running>exited pid 7 expected',
      'info: restarting: web in 1 seconds (restart 1 in a row)',
      'timer 1000',
    ],
  },
  {
    says: 'the count continues over failed starts and runs',
    state: { ...starting, restarts: inARow(1) },
    event: exited(10, 3),
    policy: { restart: rule },
    next: { name: 'backoff', tries: 1, restarts: inARow(2) },
    effects: [
      'status 0',
      TOO_QUICK,
      'warn: exited: web (exit status 3; not expected)',
      'starting>backoff tries 1',
      'info: restarting: web in 2 seconds (restart 2 in a row)',
      'timer 2000',
    ],
  },
  {
    says: 'the limit is the end',
    state: { ...running, restarts: inARow(3) },
    event: exited(5000, 3),
    policy: { restart: rule, on_fatal: 'shutdown' },
    next: { name: 'fatal' },
    effects: [
      'status 3',
      'spawnerr Bad exit code 3',
      'warn: exited: web (exit status 3; not expected)',
      'running>exited pid 7',
      'exited>fatal',
      'info: gave up: web entered FATAL state, restarted 3 times',
      'end-daemon 1 is FATAL',
    ],
  },
  {
    says: 'the limit is the end for failed starts too',
    state: { name: 'spawning', tries: 3, restarts: inARow(3) },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    policy: { restart: rule, startretries: 99 },
    next: { name: 'fatal' },
    effects: [
      'spawnerr no',
      'info: spawnerr: no',
      'starting>backoff tries 4',
      'backoff>fatal',
      'info: gave up: web entered FATAL state, restarted 3 times',
    ],
  },
  {
    says: 's6 waits a minute when nothing could be run',
    state: { name: 'spawning', tries: 0 },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    policy: { restart: 's6', startretries: 0 },
    next: { name: 'backoff', tries: 1, restarts: inARow(1, 60_000) },
    effects: [
      'spawnerr no',
      'info: spawnerr: no',
      'starting>backoff tries 1',
      'info: restarting: web in 60 seconds (restart 1 in a row)',
      'timer 60000',
    ],
  },
  {
    says: 'a process that proved itself begins a new row',
    state: { ...running, restarts: inARow(3) },
    event: exited(300_000, 3),
    policy: { restart: rule },
    next: { name: 'exited', restarting: true, restarts: inARow(1) },
    effects: [
      'status 3',
      'spawnerr Bad exit code 3',
      'warn: exited: web (exit status 3; not expected)',
      'running>exited pid 7',
      'info: restarting: web in 1 seconds (restart 1 in a row)',
      'timer 1000',
    ],
  },
  {
    says: 'a start by a client during the delay resets the count',
    state: { name: 'exited', restarting: true, restarts: inARow(2) },
    event: { type: 'start' },
    policy: { restart: rule },
    next: { name: 'spawning', tries: 0 },
    effects: ['exited>starting', 'spawn'],
  },
  {
    says: 'the end of the delay does not',
    state: { name: 'exited', restarting: true, restarts: inARow(2) },
    event: { type: 'timer' },
    policy: { restart: rule },
    next: { name: 'spawning', tries: 0, restarts: inARow(2) },
    effects: ['exited>starting', 'spawn'],
  },
  {
    says: 'a stop ends the delay at once',
    state: { name: 'exited', restarting: true, restarts: inARow(2) },
    event: { type: 'stop' },
    policy: { restart: rule },
    next: { name: 'stopped', tries: 0 },
    effects: ['exited>stopped'],
  },
])

/** Ends of a process that started at 0 and ended at 5000. */
rows(
  'restarts as s6 has them',
  [
    {
      says: 's6 waits a second for what was never ready, however long it lived',
      state: running,
      event: exited(5000),
      afterMs: 1000,
    },
    {
      says: 'not at all for what had been ready',
      state: running,
      event: { ...exited(5000), readyAtMs: 3000 },
      afterMs: 0,
    },
    {
      says: 'what is left of a second after it became ready',
      state: running,
      event: { ...exited(5000), readyAtMs: 4600 },
      afterMs: 600,
    },
    {
      says: 'less the time that finish took',
      state: finishing(running, 0, 4600),
      event: { type: 'finished', code: 0, atMs: 5200 } as const,
      afterMs: 400,
    },
  ].map(({ afterMs, ...row }) => ({
    ...row,
    policy: { restart: 's6', autorestart: 'true' } as const,
    next: { name: 'exited', restarting: true, restarts: inARow(1, afterMs) } as const,
    effects: [
      'status 0',
      'info: exited: web (exit status 0; expected)',
      'running>exited pid 7 expected',
      `info: restarting: web in ${afterMs / 1000} seconds (restart 1 in a row)`,
      `timer ${afterMs}`,
    ],
  })),
)
