// Keys of [programs.X]. Names, types, defaults and scopes are supervisord's unless a row says otherwise.
// Source: supervisor 4.2.5, ServerOptions._processes_from_section.

import { capabilities } from '../values/capabilities.ts'
import type { LogFile, Stdio, StreamFormat } from '../model/output.ts'
import { dependencyLost } from '../values/dependency-lost.ts'
import { dependsOn } from '../values/depends-on.ts'
import type { EndPolicy, ExitPolicy, LimitPolicy, LossPolicy } from '../model/ends.ts'
import { key, optionalKey, type Settings } from './key.ts'
import { limits } from '../values/limits.ts'
import { health, unhealthyPolicy } from '../values/health.ts'
import { ready } from '../values/ready.ts'
import { schedule } from '../values/schedule.ts'
import { watch } from '../values/watch.ts'
import { restart } from '../values/restart.ts'
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
} from '../values/values.ts'

const process = { scope: 'process' } as const
const native = { supervisord: '' } as const
const live = { live: true } as const
const liveNative = { ...native, ...live } as const
const FORMATS: readonly StreamFormat[] = ['raw', 'prefix', 'channel', 'json']
const STDIO: readonly Stdio[] = ['pipes', 'inherit']
/** What may follow when a program ends. */
export const END_POLICIES: readonly EndPolicy[] = ['none', 'shutdown']
const NO_ACTION: LossPolicy = { action: 'none', delay: 5 }
const LIMIT_POLICIES: readonly LimitPolicy[] = ['restart', 'notify']
const EXIT_POLICIES: readonly ExitPolicy[] = [...END_POLICIES, 'shutdown_if_final']

const stdout: LogFile = { kind: 'stdout', path: '/dev/stdout' }
const stderr: LogFile = { kind: 'stderr', path: '/dev/stderr' }

/** Keys of a program, in the order in which they are written. */
export const programKeys = {
  command: key(
    command,
    '',
    'The command to run: a line that is split into words with the quotes of a shell, but without variables, globs and pipes; or a list of arguments.',
    { ...process, required: true },
  ),
  process_name: optionalKey(
    text,
    'Name of each process; by default the name of the program. With several processes it must contain %(process_num), as in "%(program_name)s_%(process_num)02d".',
    process,
  ),
  numprocs: key(integer, 1, 'Number of processes; 0 runs none.'),
  numprocs_start: key(integer, 0, 'Number of the first process, for %(process_num)d.'),
  directory: optionalKey(text, 'Directory to change to before the command is run.', process),
  service_files: optionalKey(
    text,
    'Directory of an s6 service. Its files are put into the service directory of the process too: data and env as copies, others as links. The process then runs in its service directory, as under s6, so that s6-notifyoncheck and `s6-svc -O .` work. Without scan_directory it runs in this directory; the key `directory` has priority.',
    { scope: 'process', supervisord: '' },
  ),
  service_directory: optionalKey(
    text,
    'Service directory of the process, if it is not NAME in scan_directory; scan_directory then has a link to it, as s6-rc has to /run/s6-rc/servicedirs.',
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
    'How likely the kernel kills the process when memory runs out, from -1000 (never) to 1000.',
    native,
  ),
  limits: optionalKey(
    limits,
    'Table of limits: nofile, nproc, core, memlock, as, fsize, data, stack, rss, cputime … as a number, "soft:hard" or "unlimited", as in setrlimit(2); memory (size), cpu (processors, such as 1.5) and pids for the process with all its children, where a cgroup can be written; then a stop kills all processes in the cgroup, also those that left the group and session.',
    native,
  ),
  max_memory: optionalKey(
    bytes,
    'Most memory of the program with its children, such as "500MB": of its cgroup where it has one, else PSS. Looked at every limit_interval seconds; then on_limit follows.',
    liveNative,
  ),
  max_cpu: optionalKey(
    integerBetween(1, 100_000),
    'Most CPU time of the program with its children, in percent of one processor, on average over limit_interval seconds.',
    liveNative,
  ),
  on_limit: key(
    choice(LIMIT_POLICIES),
    'restart',
    'What follows when the program uses more than max_memory or max_cpu: "restart", or "notify", which only logs it and emits the event `limit-exceeded`.',
    liveNative,
  ),
  limit_interval: key(timeLimit, 10, 'Seconds between two looks at max_memory and max_cpu, at least 0.1.', liveNative),
  capabilities: optionalKey(
    capabilities,
    'Capabilities to keep, such as ["net_bind_service"], also for a user that is not root; all others are dropped permanently. [] keeps none; without the key nothing changes.',
    native,
  ),
  no_new_privs: key(
    flag,
    false,
    'Whether the process and its children can never gain rights, not even by set-user-id files.',
    native,
  ),
  pdeathsig: optionalKey(
    signal,
    'Signal that the process gets when its parent, the native helper, ends; SIGKILL by default. The guard of the helper kills processes that are left after that.',
    native,
  ),
  session: key(flag, false, 'Whether the process gets a session of its own, not only a process group.', native),
  login_env: key(flag, false, 'Whether HOME, USER, LOGNAME and SHELL are set from /etc/passwd for its user.', native),
  environment: key(
    environment,
    {},
    'Variables for the process; they have priority over those of [supervisor] and of the daemon.',
    process,
  ),
  priority: key(integer, 999, 'Lower numbers start first and stop last.', live),
  depends_on: key(
    dependsOn,
    [],
    'Its dependencies: programs, oneshots, groups and bundles that must be up before it starts, and that stop after it. A table gives the state that each must reach: "started", "ready", "completed", or "ordered", which starts nothing and only decides the order. For a plain name it is completed for oneshots, ready for programs with `ready`, else started.',
    native,
  ),
  on_dependency_lost: key(
    dependencyLost,
    NO_ACTION,
    'What happens when a dependency is lost while the program runs: it is down, not ready any more, or unhealthy, for more than delay seconds (5). "stop": the program is stopped. "restart": it is stopped, and started again when all its dependencies are there. A table gives both: { action = "restart", delay = 30 }. Its own dependents are not stopped with it: they have a key of their own. "none": nothing.',
    liveNative,
  ),
  timeout_depends: key(
    timeLimit,
    0,
    'Seconds that a start waits for its dependencies. After that all starts of dependencies, direct and indirect, that have not ended are given up: those that wait do not begin, oneshots that run are stopped unless their dependents only name them as ordered, and programs that are not ready keep running. A unit whose dependencies are all ordered starts then; any other has failed, and with on_fatal = "shutdown" the daemon ends with 2. 0 = no limit.',
    native,
  ),
  ready: optionalKey(
    ready,
    'The readiness check: its dependents start when it succeeds. One of fd (the process writes a newline to that descriptor), notify = true (it sends READY=1 to $NOTIFY_SOCKET, as with systemd), tcp ("HOST:PORT"), unix, http, exec, file, log (a regular expression without look-around and back-references, for a line of its output); with interval and timeout of a check, and deadline for all, in seconds. http may have method, headers (a table), status (such as [200, "301-308"]; 200 to 399 by default) and body (a regular expression); file may have max_age, in seconds. Without the key it is ready when it is RUNNING.',
    { scope: 'process', supervisord: '' },
  ),
  health: optionalKey(
    health,
    'The health check: it is repeated while the process is up and ready. The kinds of `ready`, but fd. With notify = true the process must send WATCHDOG=1 to $NOTIFY_SOCKET within each interval (it is in $WATCHDOG_USEC, as with systemd); with log a line that matches must come within each interval. Further: interval (10), timeout (5) and jitter (0, a random addition to the interval) in seconds; start_period, seconds in which failures do not count until one check has succeeded; failures (3; 1 for notify and log) in a row make it unhealthy, successes (1) in a row healthy again. A check that takes longer than timeout has failed, and its command is killed with its group.',
    { scope: 'process', supervisord: '' },
  ),
  on_unhealthy: key(
    unhealthyPolicy,
    { kind: 'none' },
    'What follows when `health` finds it unhealthy. "restart": it is stopped, and restarted as after an unexpected exit, by the rules of autorestart and `restart`. "stop": it is stopped and is FATAL. "signal:NAME": it gets that signal once. "shutdown": the daemon stops everything and ends with exit_code, or with 1. "none": it is only shown.',
    liveNative,
  ),
  watch: optionalKey(
    watch,
    'Files, directories (with all below them) and patterns; when what they lead to changes, the program is restarted. Or a table: paths; action = "restart", "reload" (runs reload_command) or "signal:NAME", or exec with a command, which gets the changed paths in $WATCH_CHANGED, one a line; debounce (0.5), seconds without a further change before that; poll (5), seconds between two looks that need no event, 0 = none. Symbolic links are followed at each look; paths and contents are compared, not times. A file may come later. Relative paths are relative to the directory of the program.',
    { scope: 'process', supervisord: '' },
  ),
  reload_command: optionalKey(
    command,
    'Command that makes the running process read its files again, with the pid in $MAINPID. Its output is discarded.',
    { ...process, ...liveNative },
  ),
  timeout_up: key(
    timeLimit,
    0,
    'Seconds that a requested start may take, over all tries, until the program is ready, or started if it has no `ready`. After that it is stopped and FATAL, and its dependents are not started. 0 = no limit.',
    liveNative,
  ),
  timeout_down: key(
    timeLimit,
    0,
    'Seconds that a stop may take. After that the stop has failed, and the dependencies of the program stay up. It is still killed only after timeout_kill or stopwaitsecs. A shutdown of the daemon continues with the other programs and kills this one last. 0 = no limit.',
    liveNative,
  ),
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
    { ...process, ...liveNative },
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
    { ...process, ...liveNative },
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
  redirect_stderr: key(flag, false, 'Whether stderr goes to the destination of stdout.'),
  stdio: key(
    choice(STDIO),
    'pipes',
    '"inherit": its standard input, output and error are those of the daemon itself, for a shell or a filter. kahi then does not read its output, and the keys about logs have no effect. If kahi runs at a terminal as PID 1 or with --survive, Ctrl-C goes to this program. "pipes": kahi writes to its input and logs its output.',
    native,
  ),
  log_to: optionalKey(
    text,
    'Name of the program that gets its standard output as standard input, through a pipe that outlives both, so that nothing is lost when either is restarted. It depends on that program. Several programs may name the same one.',
    native,
  ),
  log_format: key(
    choice(FORMATS),
    'raw',
    'How the lines of both streams are written: "raw" unchanged, "prefix" after time and [name], "channel" as supervisor_stdout does (`name stdout | line`), "json" as objects.',
    native,
  ),
  ring_buffer: key(
    bytes,
    1024 ** 2,
    'How much is kept in memory for `tail`, of a stream that goes to the daemon’s own stdout or stderr.',
    native,
  ),
  stdout_logfile: key(
    logfile,
    stdout,
    'Destination of stdout: a path, "AUTO" (a file in childlogdir), "NONE", or "/dev/stdout" for the daemon’s own.',
    { ...process, supervisordDefault: 'AUTO' },
  ),
  stdout_logfile_maxbytes: key(
    bytes,
    50 * 1024 ** 2,
    'Size at which the log is rotated, such as "50MB"; 0 = never.',
    process,
  ),
  stdout_logfile_backups: key(integer, 10, 'Number of rotated logs to keep; 0 truncates the log instead.', process),
  stdout_logfile_compress: key(flag, false, 'Whether rotated logs are compressed, as `.1.gz`.', native),
  stdout_capture_maxbytes: key(
    bytes,
    0,
    'How many bytes between the capture tokens are captured at most; 0 captures nothing.',
  ),
  stdout_events_enabled: key(flag, false, 'Whether output leads to PROCESS_LOG events.'),
  stdout_syslog: key(flag, false, 'Whether output goes to syslog as well.', process),
  stderr_logfile: key(logfile, stderr, 'Destination of stderr, as stdout_logfile.', {
    ...process,
    supervisordDefault: 'AUTO',
  }),
  stderr_logfile_maxbytes: key(bytes, 50 * 1024 ** 2, 'As stdout_logfile_maxbytes.', process),
  stderr_logfile_backups: key(integer, 10, 'As stdout_logfile_backups.', process),
  stderr_logfile_compress: key(flag, false, 'As stdout_logfile_compress.', native),
  stderr_capture_maxbytes: key(bytes, 0, 'As stdout_capture_maxbytes.'),
  stderr_events_enabled: key(flag, false, 'As stdout_events_enabled.'),
  stderr_syslog: key(flag, false, 'As stdout_syslog.', process),
  serverurl: optionalKey(
    text,
    'SUPERVISOR_SERVER_URL for the process; by default, and with "AUTO", the URL of the first server.',
  ),
}

/** The values of a program's keys. */
export type ProgramValues = Settings<typeof programKeys>
