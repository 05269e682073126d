// Starts of a process, and starts that fail.

import { exited, GAVE_UP, rows, running, starting, stopping, SUCCESS, TOO_QUICK } from './rows.ts'

rows('starts', [
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
])

rows('failed starts', [
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
])
