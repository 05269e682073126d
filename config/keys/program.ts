// Keys of [programs.X]. Names, types, defaults and scopes are supervisord's unless a row says otherwise.
// Source: supervisor 4.2.5, ServerOptions._processes_from_section.

import { capabilities } from '../capabilities.ts'
import type { LogFile, Stdio, StreamFormat } from '../config.ts'
import { dependsOn } from '../depends-on.ts'
import type { EndPolicy } from '../ends.ts'
import { key, optionalKey, type Settings } from '../key.ts'
import { limits } from '../limits.ts'
import { ready } from '../ready.ts'
import { restart } from '../restart.ts'
import {
  autorestart,
  bytes,
  choice,
  command,
  environment,
  exitCode,
  exitcodes,
  flag,
  integer,
  integerBetween,
  logfile,
  octal,
  seconds,
  signal,
  text,
  timeLimit,
} from '../values.ts'

const process = { scope: 'process' } as const
const native = { supervisord: '' } as const
const FORMATS: readonly StreamFormat[] = ['raw', 'prefix', 'json']
const STDIO: readonly Stdio[] = ['pipes', 'inherit']
const TERM = 15
/** What may follow an end. */
export const END_POLICIES: readonly EndPolicy[] = ['none', 'shutdown']

const stdout: LogFile = { kind: 'stdout', path: '/dev/stdout' }
const stderr: LogFile = { kind: 'stderr', path: '/dev/stderr' }

/** Keys of a program, in the order in which they are written. */
export const programKeys = {
  command: key(
    command,
    '',
    'What to run: a line, split into words as a shell quotes them but without variables, globs or pipes, or the exact argv as a list.',
    { ...process, required: true },
  ),
  process_name: optionalKey(
    text,
    'Name of each process; that of the program when absent. With more than one it must hold %(process_num), as in "%(program_name)s_%(process_num)02d".',
    process,
  ),
  numprocs: key(integer, 1, 'How many processes to run; 0 runs none.'),
  numprocs_start: key(integer, 0, 'Number of the first process, for %(process_num)d.'),
  directory: optionalKey(text, 'Directory to change to before the command is run.', process),
  service_files: optionalKey(
    text,
    'Directory of a service of s6 whose files (data, env …) are linked into the service directory of the process, below scan_directory; it then runs there, as under s6, so that s6-notifyoncheck and `s6-svc -O .` find it. Without scan_directory it runs in this directory; `directory` counts more.',
    { scope: 'process', supervisord: '' },
  ),
  user: optionalKey(
    text,
    'User to run as, by name or number, with all groups of that user; `user:group` names another primary group.',
  ),
  umask: optionalKey(octal, 'File mode creation mask as octal text; inherited when absent.'),
  nice: optionalKey(
    integerBetween(-20, 19),
    'Scheduling priority, from -20 (first) to 19; inherited when absent.',
    native,
  ),
  oom_score_adj: optionalKey(
    integerBetween(-1000, 1000),
    'How readily the kernel kills it when memory runs out, from -1000 (never) to 1000.',
    native,
  ),
  limits: optionalKey(
    limits,
    'Table of limits: nofile, nproc, core, memlock, as, fsize, data, stack, rss, cputime … as a number, "soft:hard" or "unlimited", as in setrlimit(2); memory (size), cpu (processors, such as 1.5) and pids for it and all its children, where a cgroup can be written.',
    native,
  ),
  capabilities: optionalKey(
    capabilities,
    'Capabilities to keep, such as ["net_bind_service"], also for a user that is not root; all others are dropped for good. [] keeps none; absent changes nothing.',
    native,
  ),
  no_new_privs: key(
    flag,
    false,
    'Whether it and its children can never gain rights, not even by set-user-id files.',
    native,
  ),
  pdeathsig: optionalKey(signal, 'Signal that it gets when its parent, the native helper, ends.', native),
  session: key(flag, false, 'Whether it leads a session of its native, not only a process group.', native),
  login_env: key(flag, false, 'Whether HOME, USER, LOGNAME and SHELL are those of its user in /etc/passwd.', native),
  environment: key(
    environment,
    {},
    'Variables for the process, over those of [supervisor] and of the daemon.',
    process,
  ),
  priority: key(integer, 999, 'Lower numbers start first and stop last.'),
  depends_on: key(
    dependsOn,
    [],
    'What must be up before it starts, and stops after it: programs, oneshots, groups, bundles. A table says how far: "started", "ready", "completed", or "ordered", which starts nothing. Plain names: completed for oneshots, ready for programs with `ready`, else started.',
    native,
  ),
  ready: optionalKey(
    ready,
    'When it is ready for those that depend on it: one of fd (a newline on that descriptor), notify = true (READY=1 to $NOTIFY_SOCKET, as systemd has it), tcp ("HOST:PORT"), unix, http, exec, file, log (a regular expression); with interval and timeout of a check, and deadline, in seconds. Absent: when it is RUNNING.',
    { scope: 'process', supervisord: '' },
  ),
  timeout_up: key(
    timeLimit,
    0,
    'Seconds, over all tries, in which it must be ready, or started where it has no `ready`, once somebody wants it up; else it is stopped and FATAL, and what depends on it is not started. 0 = for ever.',
    native,
  ),
  timeout_down: key(
    timeLimit,
    0,
    'Seconds after which nobody waits for its end any more: the stop has failed and what it depends on stays up. It is not killed before timeout_kill or stopwaitsecs say so; the end of the daemon goes on with the others and kills it last. 0 = for ever.',
    native,
  ),
  autostart: key(flag, true, 'Whether it is started together with the daemon.'),
  autorestart: key(
    autorestart,
    'unexpected',
    'Whether it is started again after an exit: true, false, or "unexpected" for exits whose code is not in exitcodes.',
  ),
  startsecs: key(
    seconds,
    1,
    'Seconds it must stay up to count as running; an earlier exit is a failed start, whatever the code.',
  ),
  startretries: key(integer, 3, 'Failed starts that are tried again, after 1, 2, 3 … seconds, before giving up.'),
  restart: optionalKey(
    restart,
    'Table of rules for restarts, instead of startretries: the first after delay seconds (1), each further one after factor (2) times as long, at most max_delay (60); given up (FATAL) after limit (10; 0 = never) restarts in a row, or within window seconds; a process that lived for reset_after (300) ends the row. "s6": as s6 does, for ever; a second after the end of finish, or a second after it was ready if that is later than now, and a minute after a command that could not be run. Absent: as supervisord.',
    native,
  ),
  exitcodes: key(exitcodes, [0], 'Exit codes that are expected; death by a signal never is.'),
  max_deaths: key(
    integerBetween(0, 4096),
    100,
    'How many of its last ends are remembered; `kahi ctl status --json` shows them as deaths.',
    native,
  ),
  finish: optionalKey(
    command,
    'Command that is run after each exit, with four more words: the exit code (256 after a signal), the signal (else 0), the name and the pid that it had. When it ends with 125 the program is not started again. Its output goes where that of the program goes.',
    { ...process, supervisord: '' },
  ),
  timeout_finish: key(timeLimit, 5, 'Seconds that finish may take before it is killed; 0 = for ever.', native),
  stopsignal: key(signal, TERM, 'Signal that asks it to end, by name or number.'),
  stopwaitsecs: key(seconds, 10, 'Seconds to wait for the end before SIGKILL.'),
  timeout_kill: optionalKey(
    timeLimit,
    'Seconds, with decimals, to wait for the end before SIGKILL, instead of stopwaitsecs; 0 = for ever.',
    native,
  ),
  stop_command: optionalKey(
    command,
    'Command that is run instead of sending the stop signal, with the pid in $MAINPID; when it fails the signal is sent. Its output is not kept.',
    { ...process, supervisord: '' },
  ),
  essential: key(
    flag,
    false,
    'Whether only the end of the daemon stops it: `stop` and `restart` are refused, `stop` for what it needs as well, and a reload leaves it as it is. When it ends by itself all is as ever.',
    native,
  ),
  stopasgroup: key(
    flag,
    false,
    'Whether the stop signal goes to the whole process group, and a stop is done when that is empty; implies killasgroup.',
  ),
  killasgroup: optionalKey(
    flag,
    'Whether SIGKILL goes to the whole process group, and a stop is done when that is empty; as stopasgroup when absent.',
  ),
  on_exit: key(
    choice(END_POLICIES),
    'none',
    '"shutdown": when it ends and nobody asked it to, the daemon stops everything and ends with its exit code, or that of the signal (exit_signal_base). It is not restarted then.',
    native,
  ),
  on_fatal: key(
    choice(END_POLICIES),
    'none',
    '"shutdown": when it is given up (FATAL), or what it needs fails, the daemon stops everything and ends with 1; with 127 when its command is not there, with 126 when that cannot be run.',
    native,
  ),
  exit_code: optionalKey(exitCode, 'Exit code of the daemon after on_exit and on_fatal, instead of theirs.', native),
  exit_signal_base: key(
    integerBetween(0, 256),
    128,
    'What the number of the signal is added to when a signal ended it and its exit code is the daemon’s: 128 as in shells, 256 for the bare number, as in s6-overlay 1 and 2.',
    native,
  ),
  redirect_stderr: key(flag, false, 'Whether stderr goes where stdout goes.'),
  stdio: key(
    choice(STDIO),
    'pipes',
    '"inherit": its standard input, output and error are those of the daemon itself, for a shell or a filter. kahi then neither reads nor keeps its output, and none of the keys of logs mean anything. Where kahi is PID 1, or was started with --survive, at a terminal, Ctrl-C is for this program. "pipes": kahi writes to its input and logs its output.',
    native,
  ),
  log_to: optionalKey(
    text,
    'Name of the program whose standard input its standard output becomes, through a pipe that outlives both, so that nothing is lost when either is started again. It depends on that program. Several may have the same one.',
    native,
  ),
  log_format: key(
    choice(FORMATS),
    'raw',
    'How lines of both streams are written: "raw" as they are, "prefix" after time and [name], "json" as objects.',
    native,
  ),
  ring_buffer: key(
    bytes,
    1024 ** 2,
    'Most that is kept in memory, for `tail`, of a stream that goes to the daemon’s own stdout or stderr.',
    native,
  ),
  stdout_logfile: key(
    logfile,
    stdout,
    'Where stdout goes: a path, "AUTO" (a file in childlogdir), "NONE", or "/dev/stdout" for the daemon’s own.',
    { ...process, supervisordDefault: 'AUTO' },
  ),
  stdout_logfile_maxbytes: key(
    bytes,
    50 * 1024 ** 2,
    'Size at which the log is rotated, such as "50MB"; 0 never.',
    process,
  ),
  stdout_logfile_backups: key(integer, 10, 'Rotated logs to keep; 0 truncates instead.', process),
  stdout_logfile_compress: key(flag, false, 'Whether rotated logs are compressed, as `.1.gz`.', native),
  stdout_capture_maxbytes: key(bytes, 0, 'Most bytes captured between the capture tokens; 0 captures nothing.'),
  stdout_events_enabled: key(flag, false, 'Whether output makes PROCESS_LOG events.'),
  stdout_syslog: key(flag, false, 'Whether output goes to syslog as well.', process),
  stderr_logfile: key(logfile, stderr, 'Where stderr goes, as stdout_logfile.', {
    ...process,
    supervisordDefault: 'AUTO',
  }),
  stderr_logfile_maxbytes: key(bytes, 50 * 1024 ** 2, 'As stdout_logfile_maxbytes.', process),
  stderr_logfile_backups: key(integer, 10, 'As stdout_logfile_backups.', process),
  stderr_logfile_compress: key(flag, false, 'As stdout_logfile_compress.', native),
  stderr_capture_maxbytes: key(bytes, 0, 'As stdout_capture_maxbytes.'),
  stderr_events_enabled: key(flag, false, 'As stdout_events_enabled.'),
  stderr_syslog: key(flag, false, 'As stdout_syslog.', process),
  serverurl: optionalKey(text, 'SUPERVISOR_SERVER_URL for the process; "AUTO" or absent is the first server’s URL.'),
}

/** The values of a program's keys. */
export type ProgramValues = Settings<typeof programKeys>
