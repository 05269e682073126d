// The state machine, row by row: what supervisord does at each event, and that no cell leads where it does not say.

import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cell, MACHINE, step } from '../../../runtime/service/machine/machine.ts'
import type { Effect, Event, Policy, State } from '../../../runtime/service/machine/state.ts'
import { deathBy, exitCode } from '../../helpers/fake-shim.ts'
import { processSettings } from '../../helpers/settings.ts'

const POLICY: Policy = { ...processSettings(), automatic: true }
const EVENTS: readonly Event['type'][] = [
  'start',
  'stop',
  'restart',
  'shutdown',
  'kill',
  'spawned',
  'spawn-failed',
  'exited',
  'timer',
  'signal-failed',
  'group-left',
  'group-empty',
  'finished',
  'stop-command-failed',
  'give-up',
  'relapse',
  'adopted',
]

const starting: State = { name: 'starting', tries: 0, pid: 7, startedAtMs: 0 }
const running: State = { name: 'running', pid: 7, startedAtMs: 0 }
const stopping: State = { name: 'stopping', tries: 0, pid: 7 }
const emptying: State = { name: 'emptying', tries: 0, leader: 7, status: exitCode(0), told: false }
const exited = (atMs: number, code = 0): Event => ({ type: 'exited', status: exitCode(code), atMs })
const killed = (atMs: number): Event => ({ type: 'exited', status: deathBy(9), atMs })

/** One line an effect. */
function show(effect: Effect): string {
  switch (effect.type) {
    case 'announce': {
      const extras = `${effect.pid ? ` pid ${effect.pid}` : ''}${effect.tries ? ` tries ${effect.tries}` : ''}`
      return `${effect.from}>${effect.to}${extras}${effect.expected ? ' expected' : ''}`
    }
    case 'timer':
      return `timer ${effect.afterMs}`
    case 'signal':
      return `signal ${effect.signal} ${effect.target}`
    case 'log':
      return `${effect.level}: ${effect.message}`
    case 'spawn-error':
      return `spawnerr ${effect.message}`
    case 'exit-status':
      return `status ${effect.number}`
    case 'end-daemon':
      return `end-daemon ${effect.code} ${effect.reason}`
    default:
      return effect.type
  }
}

function run(state: State, event: Event, policy: Partial<Policy> = {}): [State, ...string[]] {
  const [next, ...effects] = step(state, event, { ...POLICY, ...policy })
  return [next, ...effects.filter((effect) => effect.type !== 'log' || effect.level !== 'debug').map(show)]
}

const TOO_QUICK = 'spawnerr Exited too quickly (process log may have details)'
const SUCCESS = 'success: web entered RUNNING state, process has stayed up for > than'
const GAVE_UP = 'info: gave up: web entered FATAL state, too many start retries too quickly'

interface Row {
  readonly says: string
  readonly state: State
  readonly event: Event
  readonly policy?: Partial<Policy>
  readonly next: State
  readonly effects: readonly string[]
}

const STARTS: readonly Row[] = [
  {
    says: 'a start request spawns',
    state: { name: 'stopped', tries: 0 },
    event: { type: 'start' },
    next: { name: 'spawning', tries: 0 },
    effects: ['stopped>starting', 'spawn'],
  },
  {
    says: 'failed tries from before a stop still count',
    state: { name: 'stopped', tries: 2 },
    event: { type: 'start' },
    next: { name: 'spawning', tries: 2 },
    effects: ['stopped>starting tries 2', 'spawn'],
  },
  {
    says: 'FATAL starts afresh',
    state: { name: 'fatal' },
    event: { type: 'start' },
    next: { name: 'spawning', tries: 0 },
    effects: ['fatal>starting', 'spawn'],
  },
  {
    says: 'a new process has startsecs to prove itself',
    state: { name: 'spawning', tries: 1 },
    event: { type: 'spawned', pid: 7, atMs: 5 },
    next: { name: 'starting', tries: 1, pid: 7, startedAtMs: 5 },
    effects: ["info: spawned: 'web' with pid 7", 'timer 1000'],
  },
  {
    says: 'startsecs 0 is RUNNING at once',
    state: { name: 'spawning', tries: 1 },
    event: { type: 'spawned', pid: 7, atMs: 5 },
    policy: { startsecs: 0 },
    next: { name: 'running', pid: 7, startedAtMs: 5 },
    effects: ["info: spawned: 'web' with pid 7", 'starting>running pid 7', `info: ${SUCCESS} 0 seconds (startsecs)`],
  },
  {
    says: 'up for startsecs is RUNNING',
    state: starting,
    event: { type: 'timer' },
    next: running,
    effects: ['starting>running pid 7', `info: ${SUCCESS} 1 seconds (startsecs)`],
  },
  {
    says: 'a start request while STOPPING changes nothing',
    state: stopping,
    event: { type: 'start' },
    next: stopping,
    effects: [],
  },
]

const FAILURES: readonly Row[] = [
  {
    says: 'an exit before startsecs is a failed start even with an expected code',
    state: starting,
    event: exited(999, 0),
    next: { name: 'backoff', tries: 1 },
    effects: [
      'status 0',
      TOO_QUICK,
      'warn: exited: web (exit status 0; not expected)',
      'starting>backoff tries 1',
      'timer 1000',
    ],
  },
  {
    says: 'the second failure waits two seconds',
    state: { ...starting, tries: 1 },
    event: exited(10, 1),
    next: { name: 'backoff', tries: 2 },
    effects: [
      'status 0',
      TOO_QUICK,
      'warn: exited: web (exit status 1; not expected)',
      'starting>backoff tries 2',
      'timer 2000',
    ],
  },
  {
    says: 'startretries failures after the first end in FATAL',
    state: { ...starting, tries: 3 },
    event: exited(10, 1),
    next: { name: 'fatal' },
    effects: [
      'status 0',
      TOO_QUICK,
      'warn: exited: web (exit status 1; not expected)',
      'starting>backoff tries 4',
      'backoff>fatal',
      GAVE_UP,
    ],
  },
  {
    says: 'startretries 0 is one attempt',
    state: { name: 'spawning', tries: 0 },
    event: { type: 'spawn-failed', message: "can't find command 'x'", atMs: 0 },
    policy: { startretries: 0 },
    next: { name: 'fatal' },
    effects: [
      "spawnerr can't find command 'x'",
      "info: spawnerr: can't find command 'x'",
      'starting>backoff tries 1',
      'backoff>fatal',
      GAVE_UP,
    ],
  },
  {
    says: 'a spawn error backs off',
    state: { name: 'spawning', tries: 0 },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    next: { name: 'backoff', tries: 1 },
    effects: ['spawnerr no', 'info: spawnerr: no', 'starting>backoff tries 1', 'timer 1000'],
  },
  {
    says: 'the next try comes when the delay is over',
    state: { name: 'backoff', tries: 2 },
    event: { type: 'timer' },
    next: { name: 'spawning', tries: 2 },
    effects: ['backoff>starting tries 2', 'spawn'],
  },
  {
    says: 'no next try while the daemon stops',
    state: { name: 'backoff', tries: 2 },
    event: { type: 'timer' },
    policy: { automatic: false },
    next: { name: 'backoff', tries: 2 },
    effects: [],
  },
  {
    says: 'BACKOFF is FATAL when the daemon stops',
    state: { name: 'backoff', tries: 2 },
    event: { type: 'shutdown' },
    next: { name: 'fatal' },
    effects: ['backoff>fatal'],
  },
]

const EXITS: readonly Row[] = [
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
]

const STOPS: readonly Row[] = [
  {
    says: 'a stop sends the stop signal and sets the deadline',
    state: running,
    event: { type: 'stop' },
    next: stopping,
    effects: ['running>stopping pid 7', 'signal 15 process', 'timer 10000'],
  },
  {
    says: 'stopasgroup signals the group',
    state: running,
    event: { type: 'stop' },
    policy: { stopasgroup: true, killasgroup: true },
    next: stopping,
    effects: ['running>stopping pid 7', 'signal 15 group', 'timer 10000'],
  },
  {
    says: 'stopsignal 0 sends nothing and waits',
    state: running,
    event: { type: 'stop' },
    policy: { stopsignal: 0 },
    next: stopping,
    effects: ['running>stopping pid 7', 'timer 10000'],
  },
  {
    says: 'stopwaitsecs over: SIGKILL, and again after the same time',
    state: stopping,
    event: { type: 'timer' },
    next: stopping,
    effects: ["warn: killing 'web' (7) with SIGKILL", 'signal 9 process', 'timer 10000'],
  },
  {
    says: 'killasgroup kills the group; stopwaitsecs 0 repeats once a second',
    state: stopping,
    event: { type: 'timer' },
    policy: { killasgroup: true, stopwaitsecs: 0 },
    next: stopping,
    effects: ["warn: killing 'web' (7) with SIGKILL", 'signal 9 group', 'timer 1000'],
  },
  {
    says: 'a stopped process that died of the signal is a warning',
    state: stopping,
    event: { type: 'exited', status: deathBy(15), atMs: 1 },
    next: { name: 'stopped', tries: 0 },
    effects: ['status -1', 'stopping>stopped pid 7', 'warn: stopped: web (terminated by SIGTERM)'],
  },
  {
    says: 'a group that is stopped as a whole must be empty first',
    state: stopping,
    event: exited(1),
    policy: { stopasgroup: true, killasgroup: true },
    next: { ...emptying, told: true },
    effects: ['status 0', 'await-group'],
  },
  {
    says: 'members that heard no stop signal because only SIGKILL goes to the group',
    state: stopping,
    event: exited(1),
    policy: { killasgroup: true },
    next: emptying,
    effects: ['status 0', 'await-group'],
  },
  {
    says: 'get it when their leader is gone',
    state: emptying,
    event: { type: 'group-left' },
    policy: { killasgroup: true },
    next: { ...emptying, told: true },
    effects: ['signal 15 group'],
  },
  {
    says: 'once',
    state: { ...emptying, told: true },
    event: { type: 'group-left' },
    policy: { killasgroup: true },
    next: { ...emptying, told: true },
    effects: [],
  },
  {
    says: 'stopwaitsecs over: SIGKILL to what is left of the group, and again',
    state: { ...emptying, told: true },
    event: { type: 'timer' },
    policy: { killasgroup: true },
    next: { ...emptying, told: true },
    effects: [
      "warn: killing what is left of the group of 'web' (7) with SIGKILL",
      'signal 9 group',
      'await-group',
      'timer 10000',
    ],
  },
  {
    says: 'an empty group is STOPPED',
    state: emptying,
    event: { type: 'group-empty' },
    policy: { killasgroup: true },
    next: { name: 'stopped', tries: 0 },
    effects: ['stopping>stopped pid 7', 'info: stopped: web (exit status 0)'],
  },
  {
    says: 'a group that may not be signalled is STOPPED with its leader',
    state: emptying,
    event: { type: 'signal-failed', message: 'EPERM' },
    policy: { killasgroup: true },
    next: { name: 'stopped', tries: 0 },
    effects: [
      'critical: cannot signal the group of web (7): EPERM',
      'stopping>stopped pid 7',
      'info: stopped: web (exit status 0)',
    ],
  },
  {
    says: 'a stop from BACKOFF is at once and keeps the counter',
    state: { name: 'backoff', tries: 2 },
    event: { type: 'stop' },
    next: { name: 'stopped', tries: 2 },
    effects: ['backoff>stopped'],
  },
  {
    says: 'a stop while the spawn is pending waits for the process',
    state: { name: 'spawning', tries: 0 },
    event: { type: 'stop' },
    next: { name: 'aborting', tries: 0, signal: 15 },
    effects: [],
  },
  {
    says: 'and stops it the moment it exists',
    state: { name: 'aborting', tries: 0, signal: 15 },
    event: { type: 'spawned', pid: 7, atMs: 0 },
    next: stopping,
    effects: ["info: spawned: 'web' with pid 7", 'starting>stopping pid 7', 'signal 15 process', 'timer 10000'],
  },
  {
    says: 'a spawn that fails after the stop request ends stopped',
    state: { name: 'aborting', tries: 1, signal: 15 },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    next: { name: 'stopped', tries: 1 },
    effects: ['starting>stopped', 'spawnerr no', 'info: spawnerr: no'],
  },
  {
    says: 'a kill while the spawn is pending kills the group when it exists',
    state: { name: 'aborting', tries: 0, signal: 9 },
    event: { type: 'spawned', pid: 7, atMs: 0 },
    next: stopping,
    effects: [
      "info: spawned: 'web' with pid 7",
      'starting>stopping pid 7',
      "warn: killing 'web' (7) with SIGKILL",
      'signal 9 group',
      'timer 10000',
    ],
  },
  {
    says: 'a refused signal leads to UNKNOWN',
    state: stopping,
    event: { type: 'signal-failed', message: 'EPERM' },
    next: { name: 'unknown', pid: 7 },
    effects: ['stopping>unknown', 'critical: unknown problem killing web (7):EPERM'],
  },
]

const ENDS: readonly Row[] = [
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
]

const rule = {
  delay: 1,
  factor: 2,
  max_delay: 60,
  limit: 3,
  window: 0,
  reset_after: 300,
  jitter: 0,
  no_restart_codes: [],
}
const inARow = (count: number, afterMs = 1000 * 2 ** (count - 1)) => ({ inARow: count, times: [], afterMs })

const BY_RULE: readonly Row[] = [
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
]

const finishing = (from: State, code = 3, readyAtMs?: number): State =>
  ({
    name: 'finishing',
    from,
    exit: { ...exited(5000, code), ...(readyAtMs === undefined ? {} : { readyAtMs }) },
  }) as State

/** Ends of a process that started at 0 and ended at 5000. */
const BY_S6: readonly Row[] = [
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
}))

const FINISH = { finish: 'clean-up' }

const FINISHES: readonly Row[] = [
  {
    says: 'an exit is thought over after finish',
    state: running,
    event: exited(5000, 3),
    policy: FINISH,
    next: finishing(running),
    effects: ['finish'],
  },
  {
    says: 'then everything is as without it',
    state: finishing(running),
    event: { type: 'finished', code: 1, atMs: 0 },
    policy: FINISH,
    next: { name: 'spawning', tries: 0 },
    effects: [
      'status 3',
      'spawnerr Bad exit code 3',
      'warn: exited: web (exit status 3; not expected)',
      'running>exited pid 7',
      'exited>starting',
      'spawn',
    ],
  },
  {
    says: '125 forbids the restart',
    state: finishing(running),
    event: { type: 'finished', code: 125, atMs: 0 },
    policy: { ...FINISH, autorestart: 'true', restart: rule },
    next: { name: 'exited', restarting: false },
    effects: [
      'info: finish of web ended with 125: it is not started again',
      'status 3',
      'spawnerr Bad exit code 3',
      'warn: exited: web (exit status 3; not expected)',
      'running>exited pid 7',
    ],
  },
  {
    says: '125 after a failed start gives up',
    state: finishing({ ...starting, startedAtMs: 4900 }),
    event: { type: 'finished', code: 125, atMs: 0 },
    policy: { ...FINISH, restart: rule },
    next: { name: 'fatal' },
    effects: [
      'info: finish of web ended with 125: it is not started again',
      'status 0',
      TOO_QUICK,
      'warn: exited: web (exit status 3; not expected)',
      'starting>backoff tries 1',
      'backoff>fatal',
      GAVE_UP,
    ],
  },
  {
    says: 'a stop meanwhile makes it the end of a stop',
    state: finishing(running),
    event: { type: 'stop' },
    policy: FINISH,
    next: finishing(stopping),
    effects: ['running>stopping pid 7'],
  },
  {
    says: 'which 125 does not change',
    state: finishing(stopping, 0),
    event: { type: 'finished', code: 125, atMs: 0 },
    policy: FINISH,
    next: { name: 'stopped', tries: 0 },
    effects: ['status 0', 'stopping>stopped pid 7', 'info: stopped: web (exit status 0)'],
  },
  {
    says: 'a kill does not wait for it',
    state: finishing(running, 0),
    event: { type: 'kill' },
    policy: { ...FINISH, automatic: false },
    next: { name: 'stopped', tries: 0 },
    effects: [
      'running>stopping pid 7',
      'end-finish',
      'status 0',
      'stopping>stopped pid 7',
      'info: stopped: web (exit status 0)',
    ],
  },
  {
    says: 'a group that is left after finish has its time too',
    state: finishing(stopping, 0),
    event: { type: 'finished', code: 0, atMs: 0 },
    policy: { ...FINISH, stopasgroup: true, killasgroup: true },
    next: { name: 'emptying', tries: 0, leader: 7, status: exitCode(0), told: true },
    effects: ['status 0', 'await-group', 'timer 10000'],
  },
  {
    says: 'stop_command is run instead of a signal',
    state: running,
    event: { type: 'stop' },
    policy: { stop_command: 'stop' },
    next: stopping,
    effects: ['running>stopping pid 7', 'stop-command', 'timer 10000'],
  },
  {
    says: 'and the signal is sent when that fails',
    state: stopping,
    event: { type: 'stop-command-failed', message: 'exit status 1' },
    policy: { stop_command: 'stop' },
    next: stopping,
    effects: ['warn: stop_command of web failed: exit status 1; sending the stop signal', 'signal 15 process'],
  },
  {
    says: 'timeout_kill comes instead of stopwaitsecs',
    state: running,
    event: { type: 'stop' },
    policy: { timeout_kill: 1.5 },
    next: stopping,
    effects: ['running>stopping pid 7', 'signal 15 process', 'timer 1500'],
  },
  {
    says: 'timeout_kill 0 waits without limit',
    state: running,
    event: { type: 'stop' },
    policy: { timeout_kill: 0 },
    next: stopping,
    effects: ['running>stopping pid 7', 'signal 15 process'],
  },
]

const RELAPSE = { atMs: 5000, livedMs: 5000 }
const RULES = {
  delay: 2,
  factor: 2,
  max_delay: 60,
  limit: 1,
  window: 0,
  reset_after: 300,
  jitter: 0,
  no_restart_codes: [],
}

const RELAPSES: readonly Row[] = [
  {
    says: 'an unhealthy process is stopped',
    state: running,
    event: { type: 'relapse', message: 'is unhealthy', atMs: 5000 },
    next: { name: 'stopping', tries: 0, pid: 7, relapse: RELAPSE },
    effects: [
      ...['spawnerr is unhealthy', 'warn: stopping web: is unhealthy'],
      ...['running>stopping pid 7', 'signal 15 process', 'timer 10000'],
    ],
  },
  {
    says: 'and then started as after an unexpected exit, though it ended with 0',
    state: { ...stopping, relapse: RELAPSE },
    event: exited(6000),
    next: { name: 'spawning', tries: 0 },
    effects: ['status 0', 'stopping>exited pid 7', 'info: stopped: web (exit status 0)', 'exited>starting', 'spawn'],
  },
  {
    says: 'after its delay',
    state: { ...stopping, relapse: RELAPSE },
    event: exited(6000),
    policy: { restart: RULES },
    next: { name: 'exited', restarting: true, restarts: { inARow: 1, times: [], afterMs: 2000 } },
    effects: [
      ...['status 0', 'stopping>exited pid 7', 'info: stopped: web (exit status 0)'],
      ...['info: restarting: web in 2 seconds (restart 1 in a row)', 'timer 2000'],
    ],
  },
  {
    says: 'up to the limit',
    state: { ...stopping, relapse: { ...RELAPSE, restarts: { inARow: 1, times: [], afterMs: 2000 } } },
    event: exited(6000),
    policy: { restart: RULES },
    next: { name: 'fatal' },
    effects: [
      ...['status 0', 'stopping>exited pid 7', 'info: stopped: web (exit status 0)'],
      ...['exited>fatal', 'info: gave up: web entered FATAL state, restarted 1 times'],
    ],
  },
  {
    says: 'not where nothing is restarted',
    state: { ...stopping, relapse: RELAPSE },
    event: killed(6000),
    policy: { autorestart: 'false' },
    next: { name: 'exited', restarting: false },
    effects: ['status -1', 'stopping>exited pid 7', 'warn: stopped: web (terminated by SIGKILL)'],
  },
  {
    says: 'after its group is empty',
    state: { ...emptying, relapse: RELAPSE },
    event: { type: 'group-empty' },
    next: { name: 'spawning', tries: 0 },
    effects: ['stopping>exited pid 7', 'info: stopped: web (exit status 0)', 'exited>starting', 'spawn'],
  },
  {
    says: 'a stop meanwhile is the last word',
    state: { ...stopping, relapse: RELAPSE },
    event: { type: 'stop' },
    next: { ...stopping, thenStart: false, relapse: undefined },
    effects: ['info: web is not started again: it was stopped meanwhile'],
  },
  {
    says: 'a client’s restart begins its counters anew',
    state: { ...stopping, relapse: RELAPSE, thenStart: true },
    event: exited(6000),
    policy: { restart: RULES },
    next: { name: 'spawning', tries: 0 },
    effects: ['status 0', 'stopping>stopped pid 7', 'info: stopped: web (exit status 0)', 'stopped>starting', 'spawn'],
  },
]

const LATE: Event = { type: 'give-up', message: 'was late' }
const SAID = ['spawnerr was late', 'warn: web was late']
const FATAL = 'info: gave up: web entered FATAL state, was late'

const LATES: readonly Row[] = [
  {
    says: 'what is not up in time is stopped',
    state: running,
    event: LATE,
    next: { name: 'stopping', tries: 0, pid: 7, failure: 'was late' },
    effects: [...SAID, 'running>stopping pid 7', 'signal 15 process', 'timer 10000'],
  },
  {
    says: 'and FATAL then',
    state: { name: 'stopping', tries: 0, pid: 7, failure: 'was late' },
    event: exited(5000),
    policy: { on_fatal: 'shutdown' },
    next: { name: 'fatal' },
    effects: ['status 0', 'info: stopped: web (exit status 0)', 'stopping>fatal', FATAL, 'end-daemon 1 is FATAL'],
  },
  {
    says: 'after its group is empty too',
    state: { name: 'emptying', tries: 0, leader: 7, status: exitCode(0), told: true, failure: 'was late' },
    event: { type: 'group-empty' },
    next: { name: 'fatal' },
    effects: ['info: stopped: web (exit status 0)', 'stopping>fatal', FATAL],
  },
  {
    says: 'while it waits for its next try it is given up at once',
    state: { name: 'backoff', tries: 1 },
    event: LATE,
    next: { name: 'fatal' },
    effects: [...SAID, 'backoff>fatal', FATAL],
  },
  {
    says: 'also after an exit',
    state: { name: 'exited', restarting: true },
    event: LATE,
    next: { name: 'fatal' },
    effects: [...SAID, 'exited>fatal', FATAL],
  },
  {
    says: 'a process that is on its way is stopped when it is there',
    state: { name: 'spawning', tries: 0 },
    event: LATE,
    next: { name: 'aborting', tries: 0, signal: 15, failure: 'was late' },
    effects: SAID,
  },
  {
    says: 'and becomes FATAL',
    state: { name: 'aborting', tries: 0, signal: 15, failure: 'was late' },
    event: { type: 'spawned', pid: 7, atMs: 0 },
    next: { name: 'stopping', tries: 0, pid: 7, failure: 'was late' },
    effects: ["info: spawned: 'web' with pid 7", 'starting>stopping pid 7', 'signal 15 process', 'timer 10000'],
  },
  {
    says: 'when it never comes it is FATAL at once',
    state: { name: 'aborting', tries: 0, signal: 15, failure: 'was late' },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    next: { name: 'fatal' },
    effects: ['spawnerr was late', 'info: spawnerr: no', 'starting>fatal', FATAL],
  },
  {
    says: 'finish is waited for',
    state: finishing(starting),
    event: LATE,
    policy: FINISH,
    next: finishing({ name: 'stopping', tries: 0, pid: 7, failure: 'was late' }),
    effects: [...SAID, 'starting>stopping pid 7'],
  },
]

const toStart = { thenStart: true } as const
const NOT_AGAIN = 'info: web is not started again: it was stopped meanwhile'

const RESTARTS: readonly Row[] = [
  {
    says: 'a running process is stopped, and the state says that a start follows',
    state: running,
    event: { type: 'restart' },
    next: { ...stopping, ...toStart },
    effects: ['running>stopping pid 7', 'signal 15 process', 'timer 10000'],
  },
  {
    says: 'which comes with its end',
    state: { ...stopping, ...toStart },
    event: exited(5000),
    next: { name: 'spawning', tries: 0 },
    effects: ['status 0', 'stopping>stopped pid 7', 'info: stopped: web (exit status 0)', 'stopped>starting', 'spawn'],
  },
  {
    says: 'SIGKILL after stopwaitsecs leaves the start',
    state: { ...stopping, ...toStart },
    event: { type: 'timer' },
    next: { ...stopping, ...toStart },
    effects: ["warn: killing 'web' (7) with SIGKILL", 'signal 9 process', 'timer 10000'],
  },
  {
    says: 'a group that is stopped as a whole must be empty first',
    state: { ...stopping, ...toStart },
    event: exited(5000),
    policy: { stopasgroup: true },
    next: { ...emptying, told: true, ...toStart },
    effects: ['status 0', 'await-group'],
  },
  {
    says: 'then the start follows too',
    state: { ...emptying, ...toStart },
    event: { type: 'group-empty' },
    next: { name: 'spawning', tries: 0 },
    effects: ['stopping>stopped pid 7', 'info: stopped: web (exit status 0)', 'stopped>starting', 'spawn'],
  },
  {
    says: 'where there is no process it is a start',
    state: { name: 'exited', restarting: true, restarts: inARow(3) },
    event: { type: 'restart' },
    policy: { restart: rule },
    next: { name: 'spawning', tries: 0 },
    effects: ['exited>starting', 'spawn'],
  },
  {
    says: 'a service that waits for its next try is started at once',
    state: { name: 'backoff', tries: 2 },
    event: { type: 'restart' },
    next: { name: 'spawning', tries: 2 },
    effects: ['backoff>starting tries 2', 'spawn'],
  },
  {
    says: 'a stop that comes while it goes down takes the start back',
    state: { ...stopping, ...toStart },
    event: { type: 'stop' },
    next: { ...stopping, thenStart: false },
    effects: [NOT_AGAIN],
  },
  {
    says: 'the end of the daemon does too',
    state: { ...emptying, ...toStart },
    event: { type: 'shutdown' },
    next: { ...emptying, thenStart: false },
    effects: [NOT_AGAIN],
  },
  {
    says: 'a restart while it is stopped asks for the start again',
    state: stopping,
    event: { type: 'restart' },
    next: { ...stopping, ...toStart },
    effects: [],
  },
  {
    says: 'a start while it is restarted changes nothing',
    state: { ...stopping, ...toStart },
    event: { type: 'start' },
    next: { ...stopping, ...toStart },
    effects: [],
  },
  {
    says: 'once the daemon stops nothing starts',
    state: { ...stopping, ...toStart },
    event: exited(5000),
    policy: { automatic: false },
    next: { name: 'stopped', tries: 0 },
    effects: ['status 0', 'stopping>stopped pid 7', 'info: stopped: web (exit status 0)'],
  },
  {
    says: 'a process that is on its way is stopped when it is there',
    state: { name: 'spawning', tries: 1 },
    event: { type: 'restart' },
    next: { name: 'aborting', tries: 1, signal: 15, ...toStart },
    effects: [],
  },
  {
    says: 'and the start is kept',
    state: { name: 'aborting', tries: 1, signal: 15, ...toStart },
    event: { type: 'spawned', pid: 7, atMs: 0 },
    next: { name: 'stopping', tries: 1, pid: 7, ...toStart },
    effects: ["info: spawned: 'web' with pid 7", 'starting>stopping pid 7', 'signal 15 process', 'timer 10000'],
  },
  {
    says: 'when it never comes the start is tried anew',
    state: { name: 'aborting', tries: 1, signal: 15, ...toStart },
    event: { type: 'spawn-failed', message: 'no', atMs: 0 },
    next: { name: 'spawning', tries: 1 },
    effects: ['starting>stopped', 'spawnerr no', 'info: spawnerr: no', 'stopped>starting tries 1', 'spawn'],
  },
  {
    says: 'a restart while finish runs waits for finish',
    state: finishing(running),
    event: { type: 'restart' },
    policy: FINISH,
    next: finishing({ ...stopping, ...toStart }),
    effects: ['running>stopping pid 7'],
  },
  {
    says: 'and starts then, whatever finish says',
    state: finishing({ ...stopping, ...toStart }, 0),
    event: { type: 'finished', code: 125, atMs: 0 },
    policy: FINISH,
    next: { name: 'spawning', tries: 0 },
    effects: ['status 0', 'stopping>stopped pid 7', 'info: stopped: web (exit status 0)', 'stopped>starting', 'spawn'],
  },
]

describe.each([
  ['restarts on request', RESTARTS],
  ['what is given up', LATES],
  ['what is unhealthy', RELAPSES],
  ['restarts by rule', BY_RULE],
  ['restarts as s6 has them', BY_S6],
  ['finish and stop commands', FINISHES],
  ['ends of the daemon', ENDS],
  ['starts', STARTS],
  ['failed starts', FAILURES],
  ['exits', EXITS],
  ['stops', STOPS],
])('%s', (_, rows) => {
  test.each(rows)('$says', ({ state, event, policy, next, effects }) => {
    expect(run(state, event, policy)).toEqual([next, ...effects])
  })
})

const pid = fc.integer({ min: 2, max: 99 })
const tries = fc.integer({ min: 0, max: 5 })
const at = fc.integer({ min: 0, max: 5000 })
const anyStatus = fc.oneof(fc.integer({ min: 0, max: 255 }).map(exitCode), fc.integer({ min: 1, max: 64 }).map(deathBy))

const restarts = fc.constantFrom(undefined, inARow(1), inARow(3))

const failure = fc.constantFrom(undefined, 'was late')
const thenStart = fc.constantFrom(undefined, false, true)

const relapse = fc.constantFrom(undefined, RELAPSE)
const anyState: fc.Arbitrary<State> = fc.oneof(
  fc.record({ name: fc.constant('stopped' as const), tries }),
  fc.record({ name: fc.constant('spawning' as const), tries }),
  fc.record({ name: fc.constant('aborting' as const), tries, signal: fc.constantFrom(9, 15), failure, thenStart }),
  fc.record({ name: fc.constant('starting' as const), tries, pid, startedAtMs: at }),
  fc.record({ name: fc.constant('running' as const), pid, startedAtMs: at, restarts }),
  fc.record({ name: fc.constant('backoff' as const), tries }),
  fc.record({ name: fc.constant('stopping' as const), tries, pid, failure, thenStart, relapse }),
  fc.record({
    name: fc.constant('emptying' as const),
    tries,
    leader: pid,
    status: anyStatus,
    told: fc.boolean(),
    failure,
    thenStart,
    relapse,
  }),
  fc.record({ name: fc.constant('exited' as const), restarting: fc.boolean() }),
  fc.record({ name: fc.constant('fatal' as const) }),
  fc.record({
    name: fc.constant('finishing' as const),
    from: fc.constantFrom(
      starting,
      running,
      stopping,
      { ...stopping, thenStart: true },
      { name: 'unknown' as const, pid: 7 },
    ),
    exit: fc.record({ type: fc.constant('exited' as const), status: anyStatus, atMs: at }),
  }) as fc.Arbitrary<State>,
  fc.record({ name: fc.constant('unknown' as const), pid }),
)

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc
    .constantFrom(
      'start' as const,
      'stop' as const,
      'restart' as const,
      'shutdown' as const,
      'kill' as const,
      'timer' as const,
      'group-left' as const,
      'group-empty' as const,
    )
    .map((type) => ({ type })),
  fc.record({ type: fc.constant('spawned' as const), pid, atMs: at }),
  fc.record({ type: fc.constant('spawn-failed' as const), message: fc.string(), atMs: at }),
  fc.record({
    type: fc.constantFrom('signal-failed' as const, 'stop-command-failed' as const, 'give-up' as const),
    message: fc.string(),
  }),
  fc.record({ type: fc.constant('relapse' as const), message: fc.string(), atMs: at }),
  fc.record({ type: fc.constant('finished' as const), code: fc.constantFrom(undefined, 0, 125), atMs: fc.nat() }),
  fc.record({ type: fc.constant('exited' as const), status: anyStatus, atMs: at }),
  fc.record({
    type: fc.constant('adopted' as const),
    state: anyState.filter(({ name }) => name !== 'aborting'),
    elapsedMs: at,
  }),
)

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    startsecs: fc.integer({ min: -1, max: 3 }),
    startretries: fc.integer({ min: -1, max: 3 }),
    autorestart: fc.constantFrom('true' as const, 'false' as const, 'unexpected' as const),
    stopsignal: fc.constantFrom(0, 2, 15),
    stopwaitsecs: fc.integer({ min: -1, max: 20 }),
    stopasgroup: fc.boolean(),
    killasgroup: fc.boolean(),
    on_exit: fc.constantFrom('none' as const, 'shutdown' as const),
    on_fatal: fc.constantFrom('none' as const, 'shutdown' as const),
    exit_code: fc.constantFrom(undefined, 0, 7),
    restart: fc.constantFrom(undefined, rule, 's6' as const),
    finish: fc.constantFrom(undefined, 'finish'),
    timeout_kill: fc.constantFrom(undefined, 0, 1.5),
    stop_command: fc.constantFrom(undefined, 'stop'),
    automatic: fc.boolean(),
  })
  .map((changes) => ({ ...POLICY, ...changes }))

test('every cell ends in a state it names, and asks for a spawn exactly when it enters spawning', () => {
  fc.assert(
    fc.property(anyState, anyEvent, anyPolicy, (state, event, policy) => {
      const [next, ...effects] = step(state, event, policy)
      const cell = MACHINE[state.name][event.type] as Cell<never, never> | undefined
      if (cell === undefined) expect([next, ...effects]).toEqual([state])
      else expect(cell.to).toContain(next.name)
      const spawns = effects.filter((effect) => effect.type === 'spawn').length
      expect(spawns).toBe(next.name === 'spawning' && state.name !== 'spawning' ? 1 : 0)
      expect(effects.findIndex((effect) => effect.type === 'spawn')).toBe(spawns === 0 ? -1 : effects.length - 1)
    }),
    { numRuns: 5000 },
  )
})

test('the drawing of the table is up to date (KAHI_GOLDEN=write rewrites it)', () => {
  const file = new URL('../../../runtime/service/machine/machine.matrix.txt', import.meta.url)
  if (process.env.KAHI_GOLDEN === 'write') writeFileSync(file, draw())
  expect(readFileSync(file, 'utf8')).toBe(draw())
})

/** A row a state, a line an event that it knows. */
function draw(): string {
  const rows = Object.entries(MACHINE).map(([state, cells]) => {
    const known = EVENTS.flatMap((event) => {
      const cell = (cells as Record<string, { to: readonly string[] } | undefined>)[event]
      return cell === undefined ? [] : [`  ${event.padEnd(14)} -> ${cell.to.join(' | ')}`]
    })
    return [state, ...known].join('\n')
  })
  return `${rows.join('\n\n')}\n`
}
