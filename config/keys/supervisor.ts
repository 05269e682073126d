// Keys of [supervisor]: the daemon itself. Source: supervisor 4.2.5, ServerOptions.read_config.

import { LOG_LEVELS, type LogFormat, type SupervisorSettings } from '../config.ts'
import { key, optionalKey, type Settings } from '../key.ts'
import { bytes, choice, environment, flag, integer, names, octal, seconds, text } from '../values.ts'

const FORMATS: readonly LogFormat[] = ['auto', 'text', 'json']
const LAYOUTS: readonly SupervisorSettings['scan_layout'][] = ['s6', 's6-2.10']
const daemon = { scope: 'daemon' } as const
const own = { ...daemon, supervisord: '' } as const

/** Keys of the daemon, in the order in which they are written. */
export const supervisorKeys = {
  identifier: key(text, 'supervisor', 'Name of this daemon, in the names of AUTO logs.', daemon),
  user: optionalKey(text, 'User to switch to at start, by name or number; only root can.', daemon),
  directory: optionalKey(text, 'Directory to change to when going into the background; must exist.', daemon),
  umask: key(octal, 0o022, 'File mode creation mask when going into the background, as octal text.', daemon),
  environment: key(environment, {}, 'Variables for every program; later expansions see them as %(ENV_X)s.', daemon),
  logfile: optionalKey(text, 'Activity log besides standard output.', {
    ...daemon,
    supervisordDefault: 'supervisord.log',
  }),
  logfile_maxbytes: key(bytes, 50 * 1024 ** 2, 'Size at which the activity log is rotated; 0 never.', daemon),
  logfile_backups: key(integer, 10, 'Rotated activity logs to keep; 0 truncates instead.', daemon),
  log_level: key(
    choice(LOG_LEVELS),
    'info',
    'Least important lines to log: critical, error, warn, info, debug, trace or blather.',
    { ...daemon, supervisord: 'loglevel' },
  ),
  log_format: key(
    choice(FORMATS),
    'auto',
    '"text", "json", or "auto": text on a terminal and in files, JSON on any other standard output.',
    own,
  ),
  pidfile: optionalKey(text, 'File that holds the process id while the daemon runs.', {
    ...daemon,
    supervisordDefault: 'supervisord.pid',
  }),
  nodaemon: key(flag, false, 'Whether `kahi supervisord` stays in the foreground; `kahi daemon` always does.', daemon),
  silent: key(flag, false, 'Whether the activity log is kept from standard output.', daemon),
  minfds: key(integer, 1024, 'Least number of open files the daemon needs.', daemon),
  minprocs: key(integer, 200, 'Least number of processes the daemon needs.', daemon),
  nocleanup: key(flag, false, 'Whether AUTO logs of earlier runs are kept at start.', daemon),
  childlogdir: optionalKey(text, 'Directory of AUTO logs; the system’s temporary directory when absent.', daemon),
  strip_ansi: key(flag, false, 'Whether terminal escape sequences are taken out of the programs’ logs.', daemon),
  shutdown_timeout: key(
    seconds,
    0,
    'Seconds after which a shutdown kills what is left; 0 waits for each program’s stopwaitsecs.',
    own,
  ),
  boot: optionalKey(
    names,
    'Programs, oneshots, groups and bundles to start, with all they need, instead of everything with autostart.',
    own,
  ),
  survive: key(
    flag,
    false,
    'Whether programs go on when kahi itself is killed, and a new kahi takes them over; outside of PID 1 start it with `kahi daemon --survive`.',
    own,
  ),
  scan_directory: optionalKey(
    text,
    'Directory in which every program has a service directory, NAME or GROUP:NAME, for the tools of s6 (s6-svc, s6-svstat …), as "/run/service". Directories that somebody makes there, with a `run`, are programs too: s6-svscanctl -a starts them.',
    own,
  ),
  scan_layout: key(
    choice(LAYOUTS),
    's6',
    'For which tools the files in scan_directory are written: "s6" from 2.11 on, "s6-2.10" for older ones.',
    own,
  ),
  environment_directory: optionalKey(
    text,
    'Directory into which the daemon’s own variables are written at start, a file for each, for programs that read them there (s6-overlay’s with-contenv); of these variables programs then have only PATH.',
    own,
  ),
  exit_code_file: optionalKey(
    text,
    'File with the exit code of the daemon, as s6-overlay has it: 0 at start, that of the program that ends the daemon, and at the end whatever number stands there.',
    own,
  ),
  main: optionalKey(
    text,
    'The program whose end is the end of the daemon, as with on_exit and on_fatal = "shutdown"; a stop by request is none.',
    own,
  ),
}

/** The values of the daemon's keys. */
export type SupervisorValues = Settings<typeof supervisorKeys>
