// Keys of [supervisor]: the daemon itself. Source: supervisor 4.2.5, ServerOptions.read_config.

import { LOG_LEVELS, type LogFormat } from '../model/log-level.ts'
import { key, optionalKey, type Settings } from './key.ts'
import { dependsOn } from '../values/depends-on.ts'
import { bytes, choice, environment, flag, integer, names, octal, seconds, text, timeLimit } from '../values/values.ts'

const FORMATS: readonly LogFormat[] = ['auto', 'text', 'json']
const OUTPUT_FORMATS = ['auto', 'raw', 'prefix', 'json'] as const
const LAYOUTS = ['s6', 's6-2.10'] as const
const RUN_LAYOUTS = ['none', 's6-overlay', 's6-overlay-2'] as const

/** For which version of s6-overlay the names in /run are laid. */
export type RunLayout = (typeof RUN_LAYOUTS)[number]

const daemon = { scope: 'daemon' } as const
const own = { ...daemon, supervisord: '' } as const

/** Keys of the daemon, in the order in which they are written. */
export const supervisorKeys = {
  identifier: key(text, 'supervisor', 'Name of this daemon, in the names of AUTO logs.', daemon),
  user: optionalKey(text, 'User to switch to at start, by name or number; only possible for root.', daemon),
  directory: optionalKey(text, 'Directory to change to when going into the background; must exist.', daemon),
  umask: key(octal, 0o022, 'File mode creation mask when going into the background, as octal text.', daemon),
  environment: key(environment, {}, 'Variables for every program; later expansions see them as %(ENV_X)s.', daemon),
  logfile: optionalKey(text, 'File of the activity log, in addition to standard output.', {
    ...daemon,
    supervisordDefault: 'supervisord.log',
  }),
  logfile_maxbytes: key(bytes, 50 * 1024 ** 2, 'Size at which the activity log is rotated; 0 = never.', daemon),
  logfile_backups: key(integer, 10, 'Number of rotated activity logs to keep; 0 truncates the log instead.', daemon),
  log_level: key(
    choice(LOG_LEVELS),
    'info',
    'Level of the least important lines to log: critical, error, warn, info, debug, trace or blather.',
    { ...daemon, supervisord: 'loglevel' },
  ),
  log_format: key(
    choice(FORMATS),
    'auto',
    '"text", "json", or "auto": text on a terminal and in files, JSON on any other standard output.',
    own,
  ),
  output_format: key(
    choice(OUTPUT_FORMATS),
    'auto',
    'How the lines of programs and oneshots without `log_format` are written to the daemon’s own stdout and stderr: "raw" unchanged, "prefix" after time and [name], "json" as objects. "auto": as the daemon’s own log there, "prefix" beside text and "json" beside JSON.',
    { ...own, supervisordDefault: 'raw' },
  ),
  pidfile: optionalKey(text, 'File with the process id while the daemon runs.', {
    ...daemon,
    supervisordDefault: 'supervisord.pid',
  }),
  nodaemon: key(flag, false, 'Whether `kahi supervisord` stays in the foreground; `kahi daemon` always does.', daemon),
  silent: key(flag, false, 'Whether the activity log is not written to standard output.', daemon),
  minfds: key(integer, 1024, 'Smallest limit of open files that the daemon needs.', daemon),
  minprocs: key(integer, 200, 'Smallest limit of processes that the daemon needs.', daemon),
  nocleanup: key(flag, false, 'Whether AUTO logs of earlier runs are not removed at start.', daemon),
  childlogdir: optionalKey(text, 'Directory of AUTO logs; by default the temporary directory of the system.', daemon),
  strip_ansi: key(flag, false, 'Whether terminal escape sequences are removed from the programs’ logs.', daemon),
  shutdown_timeout: key(
    seconds,
    0,
    'Seconds after which a shutdown kills all processes that are left; 0 waits for each program’s stopwaitsecs.',
    own,
  ),
  kill_grace: key(
    timeLimit,
    3,
    'Seconds between SIGTERM and SIGKILL at the end of a shutdown, for processes that programs left behind, and for programs that took longer than timeout_down. The daemon ends as soon as all of them have ended; 0 kills at once.',
    own,
  ),
  boot: optionalKey(
    names,
    'Programs, oneshots, groups and bundles to start with all their dependencies, instead of everything with autostart.',
    own,
  ),
  survive: key(
    flag,
    false,
    'Whether programs keep running when kahi itself is killed, and are taken over by a new daemon process. If kahi is not PID 1, start it with `kahi daemon --survive`.',
    own,
  ),
  scan_directory: optionalKey(
    text,
    'Directory in which every program has a service directory, NAME or GROUP:NAME, for the tools of s6 (s6-svc, s6-svstat …), such as "/run/service". Other directories in it that contain a file `run` become programs too: s6-svscanctl -a starts them.',
    own,
  ),
  scan_layout: key(
    choice(LAYOUTS),
    's6',
    'Version of the tools for which the files in scan_directory are written: "s6" from 2.11 on, "s6-2.10" for older ones.',
    own,
  ),
  scan_depends_on: key(
    dependsOn,
    [],
    'Dependencies of programs from scan_directory: they start after these and stop before them.',
    own,
  ),
  scan_timeout_down: key(timeLimit, 0, 'timeout_down of programs from scan_directory, in seconds; 0 = no limit.', own),
  environment_directory: optionalKey(
    text,
    'Directory into which the daemon’s own variables are written at start, one file for each, for programs that read them there (s6-overlay’s with-contenv). Programs then inherit only PATH. Files of an earlier start are removed.',
    own,
  ),
  environment_newline: key(
    flag,
    true,
    'Whether each of these files ends with a newline, as in s6-overlay from 3.2.2 on; readers remove it.',
    own,
  ),
  journal_size: key(
    bytes,
    256 * 1024,
    'Memory for the newest events, which `kahi ctl events` shows; about 1500 fit into the default.',
    own,
  ),
  exit_code_file: optionalKey(
    text,
    'File with the exit code of the daemon, as in s6-overlay. It contains 0 at start, then the code of the program that ends the daemon. At its end the daemon uses the number that is in the file.',
    own,
  ),
  halt_directory: optionalKey(
    text,
    'Directory into which the daemon writes the commands halt, poweroff and reboot at start, as in s6-overlay: each stops the daemon.',
    own,
  ),
  run_layout: key(
    choice(RUN_LAYOUTS),
    'none',
    'Whether the names that scripts of s6-overlay images look for are laid in /run at start, and those of an earlier start removed: "s6-overlay" for version 3 (/run/s6-rc with scandir, compiled and servicedirs, /run/s6/db, legacy-services and workdir), "s6-overlay-2" for versions 1 and 2 (/var/run/s6/etc).',
    own,
  ),
  main: optionalKey(
    text,
    'The program whose end is also the end of the daemon, as with on_exit and on_fatal = "shutdown"; a requested stop does not count.',
    own,
  ),
}

/** The values of the daemon's keys. */
export type SupervisorValues = Settings<typeof supervisorKeys>
