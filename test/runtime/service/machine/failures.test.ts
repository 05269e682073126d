// A process that fails permanently or becomes unhealthy while it runs.

import { exitCode } from '../../../helpers/fake-shim.ts'
import {
  emptying,
  exited,
  FINISH,
  finishing,
  killed,
  RELAPSE,
  rows,
  rule,
  running,
  starting,
  stopping,
} from './rows.ts'
import type { Event } from '../../../../runtime/service/machine/state.ts'

const RULES = { ...rule, delay: 2, limit: 1 }

rows('what is unhealthy', [
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
])

const LATE: Event = { type: 'give-up', message: 'was late' }
const SAID = ['spawnerr was late', 'warn: web was late']
const FATAL = 'info: gave up: web entered FATAL state, was late'

rows('what is given up', [
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
])
