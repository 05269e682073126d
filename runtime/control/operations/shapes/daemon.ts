// Shapes of the daemon, of its configuration, and of programs that are in no file.

import * as v from 'valibot'
import { errorCode, listOf, object, oneOf, text, texts, whole } from './words.ts'

/** The daemon. */
export const Version = object('Version', 'The running daemon', {
  version: text('Its version'),
  pid: whole('The process id to signal; it stays the same over upgrades'),
  node_pid: whole('The process id of its Node process, which an upgrade replaces'),
})

/** An upgrade that has begun. */
export const UpgradeStatus = object('Upgrade', 'An upgrade that has begun', {
  status: v.literal('upgrading'),
  from: text('The running version'),
  to: text('The new version'),
})

/** A shutdown that has begun. */
export const ShutdownStatus = object('Shutdown', 'The end of the daemon has begun', {
  status: v.literal('shutting_down'),
})

const Trouble = object('Trouble', 'What is wrong with something', {
  name: text('Its name'),
  problem: text('Why, where that is known'),
})

/** The daemon works. */
export const Healthy = object('Healthy', 'The daemon works', { status: v.literal('ok') })

/** The daemon does not work, and why. */
export const Unhealthy = object('Unhealthy', 'The daemon does not work, or is shutting down', {
  status: oneOf(['shutting_down', 'helper_hangs'], 'Why'),
})

/** The health of the daemon and of its processes. */
export const HealthShape = object('Health', 'The health of the daemon, its processes and its deliveries', {
  status: oneOf(
    ['ok', 'degraded', 'shutting_down', 'helper_hangs'],
    '`degraded`: the daemon works, and a list below is not empty; the last two as in /healthz',
  ),
  version: text('Its version'),
  pid: whole('The process id to signal'),
  processes: whole('The number of programs’ processes and oneshots'),
  states: v.pipe(v.record(v.string(), v.number()), v.readonly(), v.description('State → number of those in it')),
  failed: listOf(Trouble, 'FATAL, in BACKOFF, exited unexpectedly, or a oneshot that failed'),
  unhealthy: listOf(Trouble, 'Those whose health check fails'),
  pending: texts('Those that are on their way up, as in /readyz'),
  deliveries: listOf(Trouble, 'Webhooks and log targets whose last attempt failed'),
})

/** All processes are up. */
export const Ready = object('Ready', 'All requested processes are up', { status: v.literal('ready') })

/** Some processes are not up yet. */
export const NotReady = object('NotReady', 'Some processes are not up yet', {
  status: v.literal('not_ready'),
  pending: v.exactOptional(texts('Their names; left out for clients without the credentials')),
})

/** The result for a program. */
export const ProgramStatus = object('ProgramStatus', 'The result for a program that is in no configuration file', {
  name: text('The program'),
  status: oneOf(['added', 'replaced', 'removed'], 'What was done'),
})

/** What scaling a program has changed. */
export const ScaledProgram = object('ScaledProgram', 'What scaling a program has changed', {
  name: text('The program'),
  numprocs: whole('The number of its processes'),
  added: texts('Processes that came'),
  removed: texts('Processes that went'),
})

const ValueChange = object('ValueChange', 'One value that changes', {
  subject: text('The program or process that it belongs to: `web`, `group:name`'),
  key: text('The key: `stopwaitsecs`, `environment.PATH`'),
  before: v.optional(v.pipe(v.unknown(), v.description('The value before; absent when there was none'))),
  after: v.optional(v.pipe(v.unknown(), v.description('The value after; absent when there is none'))),
  effect: oneOf(['restart', 'live'], 'Whether its processes end and start again because of it, or keep running'),
})

/** The changes that a configuration makes. */
export const Changes = object('Changes', 'The differences between the file and the configuration in force', {
  added: texts('Groups that are added'),
  removed: texts('Groups that are removed'),
  changed: listOf(
    v.strictObject({
      name: text('The group'),
      keys: texts('The keys that differ'),
      kept: texts('Its processes that keep running'),
      restarted: texts('Its processes that end and start again'),
      values: listOf(ValueChange, 'Each value, before and after; secrets are left out'),
    }),
    'Groups that are changed',
  ),
  relinked: listOf(ValueChange, 'Dependencies that change; no process is restarted for them'),
  unchanged: texts('Groups that are not changed'),
  essential: texts('Essential groups that stay as they are although the file differs'),
  oneshots: v.pipe(
    v.strictObject({
      added: texts('Oneshots that are added'),
      removed: texts('Oneshots that are removed'),
      changed: texts('Oneshots that are changed; they are not run again'),
    }),
    v.description('Oneshots that are added, removed or changed'),
  ),
  receivers: v.pipe(
    v.strictObject({
      added: texts('Those that are added'),
      removed: texts('Those that are removed'),
      changed: texts('Those that are changed; only they are opened anew'),
    }),
    v.description('Webhooks and log targets that are added, removed or changed: `webhooks.ops`'),
  ),
  needs_restart: texts('Keys that only a restart of the daemon applies'),
})

/** An error. */
export const ErrorBody = object('Error', 'A request that failed', {
  error: text('What is wrong, as a sentence'),
  code: errorCode,
  hint: v.exactOptional(text('The reason or a remedy, where one is known')),
})

/** The changes that a configuration makes. */
export type ChangesObject = v.InferOutput<typeof Changes>

/** The health of the whole, for clients. */
export type HealthObject = v.InferOutput<typeof HealthShape>
