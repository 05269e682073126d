// Restarts on request.

import { emptying, exited, FINISH, finishing, inARow, rows, rule, running, stopping } from './rows.ts'

const toStart = { thenStart: true } as const
const NOT_AGAIN = 'info: web is not started again: it was stopped meanwhile'

rows('restarts on request', [
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
])
