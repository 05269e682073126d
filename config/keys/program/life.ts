// Keys of [programs.X] about its life.

import type { EndPolicy, ExitPolicy } from '../../model/ends.ts'
import {
  autorestart,
  choice,
  command,
  exitCode,
  exitcodes,
  flag,
  integer,
  integerBetween,
  seconds,
  signal,
  timeLimit,
} from '../../values/values.ts'
import { key, optionalKey } from '../key.ts'
import { live, liveNative, native, process } from './options.ts'
import { restart } from '../../values/restart.ts'
import { schedule } from '../../values/schedule.ts'

/** What may follow when a program ends. */
export const END_POLICIES: readonly EndPolicy[] = ['none', 'shutdown']
const EXIT_POLICIES: readonly ExitPolicy[] = [...END_POLICIES, 'shutdown_if_final']

/** Starts, exits, restarts and stops. */
export const lifeKeys = {
  autostart: key(flag, true, 'Whether it is started together with the daemon.', live),
  autorestart: key(
    autorestart,
    'unexpected',
    'Whether it is restarted after an exit: true ("always"), false ("never"), or "unexpected" ("on-failure") for exit codes that are not in exitcodes.',
    live,
  ),
  schedule: optionalKey(
    schedule,
    'Times at which it is started, as in crontab(5): "0 3 * * *" is every day at three. Six fields begin with seconds; or "@hourly", "@daily", "@weekly", "@monthly", "@yearly". Or a table: cron, timezone (such as "Europe/Berlin"; by default that of the daemon), and overlap, for a program that is still running then: "skip", "queue" (started when it has ended), or "restart". With a schedule, but overlap = "restart", autostart and autorestart are false and startsecs is 0 unless the program says otherwise. A oneshot is run again: down, then up.',
    liveNative,
  ),
  startsecs: key(
    seconds,
    1,
    'Seconds that it must stay up to count as RUNNING; an earlier exit is a failed start, whatever its code.',
    live,
  ),
  startretries: key(
    integer,
    3,
    'How many times a failed start is tried again, after 1, 2, 3 … seconds; after the last one the program is FATAL.',
    live,
  ),
  restart: optionalKey(
    restart,
    'Table of rules for restarts, instead of startretries. The first restart comes after delay seconds (1), each further one after factor (2) times as long, at most max_delay (60). After limit (10; 0 = never) restarts in a row, or within window seconds, the program is FATAL. A process that lived for reset_after seconds (300) resets the counters. Each delay is longer by a random part of jitter seconds (0). After an exit code of the list no_restart_codes it is not restarted. "s6": without limit, as s6 does: one second after the end of finish, or one second after it was ready if that is later, and one minute after a command that could not be run. Without the key: as supervisord.',
    liveNative,
  ),
  exitcodes: key(exitcodes, [0], 'Exit codes that are expected; death by a signal never is.', live),
  max_deaths: key(
    integerBetween(0, 4096),
    100,
    'How many of its last exits are kept; `kahi ctl status --json` shows them as deaths.',
    liveNative,
  ),
  finish: optionalKey(
    command,
    'Command that is run after each exit, with four more arguments: the exit code (256 after a signal), the signal (else 0), the name, and the pid that the process had. When it exits with 125, the program is not restarted. Its output goes to the logs of the program.',
    { ...liveNative, ...process },
  ),
  timeout_finish: key(timeLimit, 5, 'Seconds that finish may take before it is killed; 0 = no limit.', liveNative),
  stopsignal: key(signal, 15, 'The stop signal, by name or number.', live),
  stopwaitsecs: key(seconds, 10, 'Seconds between the stop signal and SIGKILL.', live),
  timeout_kill: optionalKey(
    timeLimit,
    'Seconds, with decimals, between the stop signal and SIGKILL, instead of stopwaitsecs; 0 = no SIGKILL.',
    liveNative,
  ),
  stop_command: optionalKey(
    command,
    'Command that is run instead of sending the stop signal, with the pid in $MAINPID; when it fails, the stop signal is sent. Its output is discarded.',
    { ...liveNative, ...process },
  ),
  essential: key(
    flag,
    false,
    'Whether only a shutdown of the daemon stops it: `stop` and `restart` are refused, also a `stop` of its dependencies, and a reload leaves it as it is. If it exits by itself, the usual restart rules apply.',
    native,
  ),
  stopasgroup: key(
    flag,
    false,
    'Whether the stop signal goes to the whole process group, and a stop is done when the group is empty; implies killasgroup.',
    live,
  ),
  killasgroup: optionalKey(
    flag,
    'Whether SIGKILL goes to the whole process group, and a stop is done when the group is empty; by default as stopasgroup.',
    live,
  ),
  on_exit: key(
    choice(EXIT_POLICIES),
    'none',
    '"shutdown": when it ends without a request, the daemon stops everything and ends with the program’s exit code, or with a number for the signal (exit_signal_base). The program is not restarted then. "shutdown_if_final": the same, but only for an end after which the program is not restarted by its other rules.',
    liveNative,
  ),
  on_fatal: key(
    choice(END_POLICIES),
    'none',
    '"shutdown": when it becomes FATAL, or a dependency fails, the daemon stops everything and ends with 1; with 127 when its command does not exist, with 126 when the command cannot be run.',
    liveNative,
  ),
  exit_code: optionalKey(
    exitCode,
    'Exit code of the daemon after on_exit and on_fatal, instead of the codes described there.',
    liveNative,
  ),
  exit_signal_base: key(
    integerBetween(0, 256),
    128,
    'Number that is added to the signal’s number when a signal ended the program and the daemon ends with its exit code: 128 as in shells, 256 for only the signal’s number, as in s6-overlay 1 and 2.',
    liveNative,
  ),
}
