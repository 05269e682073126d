// Shapes of a process and of a verb's result for it. Times are whole seconds since the epoch, 0 = never.

import * as v from 'valibot'
import { errorCode, flag, listOf, object, oneOf, orNull, text, texts, whole } from './words.ts'

const ENDED_AT = whole('When it ended')

/** The end of a process: with an exit code, or by a signal. */
export const Death = v.pipe(
  v.union([
    v.strictObject({ at: ENDED_AT, exitcode: whole('Its exit code') }),
    v.strictObject({ at: ENDED_AT, signal: whole('The number of the signal that ended it') }),
  ]),
  v.title('Death'),
  v.description('The end of a process'),
)

/** A process or oneshot. */
export const Process = object('Process', 'A process of a program, or a oneshot', {
  name: text('Its name in its group'),
  group: text('Its group; a program of one process is a group of its name'),
  kind: oneOf(['program', 'oneshot'], 'A oneshot that is up is EXITED'),
  dynamic: flag('It is not in the configuration file: a client added it'),
  state: oneOf(
    ['STOPPED', 'STARTING', 'RUNNING', 'BACKOFF', 'STOPPING', 'FINISHING', 'EXITED', 'FATAL', 'UNKNOWN'],
    'Its state, in the words of supervisord',
  ),
  statecode: whole('The number that supervisord uses for the state'),
  pid: whole('0 when there is no process'),
  uptime: whole('Seconds since it was started; 0 when there is no process'),
  start: whole('When it was last started'),
  stop: whole('When it last ended'),
  now: whole('The time of this answer'),
  ready: orNull(v.boolean(), 'Whether its dependents may start; null when only its state decides'),
  health: orNull(
    v.strictObject({
      status: oneOf(['starting', 'healthy', 'unhealthy'], '`starting` until a check has succeeded'),
      problem: text('Why the last check failed; empty after a success'),
    }),
    'Its health by the key `health`; null where it is not checked',
  ),
  status_text: text('The status text that it sends with STATUS= to NOTIFY_SOCKET'),
  waiting_for: texts('The dependencies that its start waits for'),
  description: text('One line for people: `pid 42, uptime 0:01:07`'),
  exitstatus: whole('Exit code of its last process; -1 after an end by a signal'),
  spawnerr: text('Why it does not run; empty when there is no reason to show'),
  survivors: v.pipe(
    v.array(v.number()),
    v.readonly(),
    v.description('Pids in its process group that are still running after its process ended'),
  ),
  deaths: listOf(Death, 'Its last ends, the oldest first, as many as `max_deaths` says'),
  stdout_logfile: text('Path of its log of standard output; empty without one'),
  stderr_logfile: text('Path of its log of standard error; empty without one'),
})

/** A process as JSON. */
export type ProcessObject = v.InferOutput<typeof Process>

/** The result of a verb for one process. */
export const ProcessOutcome = object('Outcome', 'The result for one process', {
  name: text('The process'),
  group: text('Its group'),
  status: oneOf(
    [
      'started',
      'starting',
      'stopped',
      'stopping',
      'unchanged',
      'restarted',
      'signaled',
      'reloaded',
      'cleared',
      'error',
    ],
    'What was done; with `error` there is a code',
  ),
  code: v.exactOptional(errorCode),
  error: v.exactOptional(text('What failed, as a sentence')),
  hint: v.exactOptional(text('The reason or a remedy, where one is known')),
  also: v.exactOptional(
    texts('The dependents that were stopped before it, or that its start starts again after it was stopped'),
  ),
})

/** The result of a verb for one process. */
export type Outcome = v.InferOutput<typeof ProcessOutcome>

/** The results of a verb for the processes of a group. */
export const GroupOutcome = object('GroupOutcome', 'The results for the processes of a group', {
  group: text('The group'),
  status: oneOf(['started', 'stopped', 'restarted', 'signaled'], 'What was requested'),
  processes: listOf(ProcessOutcome, 'The result for each process'),
})
