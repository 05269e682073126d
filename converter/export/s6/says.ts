// What a source directory of s6-rc can express. Source: s6 2.15, servicedir; s6-rc 0.7, s6-rc-compile.

import { isDeepStrictEqual } from 'node:util'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { checkLoss } from '../plan/checks.ts'
import type { Unit } from '../plan/unit.ts'
import { changed, daemon, kept, lost, noted, type OwnOneshotKey, type Says, type Saying } from '../plan/target.ts'
import { logDirectory } from './loggers.ts'
import { needsFd, SOFTLIMIT } from './run.ts'

type When = (settings: ProcessSettings, unit: Unit) => string | false | undefined

/** A loss that depends on the settings of a program. */
function when(test: When): (unit: Unit) => string | undefined {
  return (unit) => test(unit.settings, unit) || undefined
}

function ofPrograms(test: When): (unit: Unit) => string | undefined {
  return (unit) => (unit.kind === 'program' ? test(unit.settings, unit) || undefined : undefined)
}

const NO_EVENTS = 'there are no events'
const UNKNOWN_LIMITS = 's6-softlimit cannot set it: '

const output = {
  redirect_stderr: kept('`exec 2>&1` in `run`'),
  stdio: changed(
    'the descriptors of s6-svscan',
    ofPrograms(({ stdio }) => stdio === 'inherit' && 'standard input is /dev/null'),
  ),
  log_to: kept('`producer-for` and `consumer-for`'),
  log_format: lost('output is written as it is; s6-log can add times'),
  ring_buffer: lost('no output is kept in memory'),
  stdout_logfile: noted(
    'inherited; a file that is rotated becomes a service with s6-log; AUTO is inherited',
    fileChange,
  ),
  stdout_logfile_maxbytes: changed('`s` of s6-log, from 4096 to 268435455 bytes'),
  stdout_logfile_backups: kept('`n` of s6-log'),
  stdout_logfile_compress: lost('s6-log needs a processor script for it'),
  stdout_capture_maxbytes: lost(NO_EVENTS),
  stdout_events_enabled: lost(NO_EVENTS),
  stdout_syslog: lost('nothing writes to syslog'),
  stderr_logfile: changed(
    'inherited, or appended to a file',
    ofPrograms(
      ({ stdout, stderr, redirect_stderr: joined }) =>
        !joined &&
        !isDeepStrictEqual(stdout.logfile, stderr.logfile) &&
        stderr.logfile.kind === 'file' &&
        stderr.logfile_maxbytes > 0 &&
        `only standard output goes to a logger: ${stderr.logfile.path} grows without rotation`,
    ),
  ),
  stderr_logfile_maxbytes: changed('only standard output is rotated'),
  stderr_logfile_backups: changed('only standard output is rotated'),
  stderr_logfile_compress: lost('only standard output goes to a logger'),
  stderr_capture_maxbytes: lost(NO_EVENTS),
  stderr_events_enabled: lost(NO_EVENTS),
  stderr_syslog: lost('nothing writes to syslog'),
} as const satisfies Readonly<Record<string, Saying>>

function fileChange({ kind, settings: { stdout } }: Unit): string | undefined {
  if (stdout.logfile.kind === 'auto') return 'AUTO logs become the output of the supervision tree'
  if (stdout.logfile.kind !== 'file' || stdout.logfile_maxbytes === 0) return undefined
  if (kind === 'oneshot') return `${stdout.logfile.path} grows without rotation`
  return `${stdout.logfile.path} becomes ${logDirectory(stdout.logfile.path)}/current`
}

const identity = {
  user: changed('s6-setuidgid in `run`'),
  umask: kept('`umask` in `run`'),
  nice: kept('`nice` in `run`'),
  oom_score_adj: kept('/proc/self/oom_score_adj in `run`'),
  limits: changed(
    's6-softlimit in `run`; not memory, cpu and pids',
    when(({ limits }) => {
      const { memory, cpu, pids, resources = {} } = limits ?? {}
      const groups = Object.entries({ memory, cpu, pids }).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      )
      const unknown = [...groups, ...Object.keys(resources).filter((name) => SOFTLIMIT[name] === undefined)]
      if (unknown.length > 0) return `${UNKNOWN_LIMITS}${unknown.join(', ')}`
      const open = Object.entries(resources).filter(([, { soft, hard }]) => hard === 'unlimited' && soft !== hard)
      return open.length > 0 && `s6-softlimit cannot raise the hard limit of ${open.map(([name]) => name).join(', ')}`
    }),
  ),
  capabilities: changed('setpriv of util-linux in `run`'),
  no_new_privs: changed('setpriv of util-linux in `run`'),
  pdeathsig: changed('setpriv of util-linux in `run`'),
  session: changed(
    's6 gives every longrun a session of its own',
    ofPrograms(({ session, restart }) => !session && restart !== 's6' && undefined),
  ),
  login_env: changed(
    'HOME, USER and LOGNAME in `run`',
    when(({ login_env: sets }) => sets && 'SHELL is not set'),
  ),
  environment: kept('`export` in `run`'),
  env_file: lost('its values would stand in `run`: write them as files, and s6-envdir in the command'),
} as const satisfies Readonly<Record<string, Saying>>

const start = {
  like: changed('its values are written where they are used'),
  command: kept('the last line of `run`; a script of s6 is copied'),
  process_name: kept('the name of the service, if no other one has it'),
  numprocs: kept('one service for each process, and a bundle for all'),
  numprocs_start: kept('in the names of the services'),
  directory: kept('`cd` in `run`'),
  service_files: kept('`data` and `env` are copied'),
  service_directory: changed('s6-rc chooses it'),
  priority: changed('a dependency on the services of the next lower number'),
  depends_on: changed('`dependencies.d`: a longrun with readiness is always waited for until it is ready'),
  ready: {
    ...changed(
      '`notification-fd`; s6-notifyoncheck with nc, curl or test for what kahi checks itself; s6-notify-fd-from-socket (s6 2.14) for `notify`; `timeout-up` for the deadline',
      ofPrograms((settings) => {
        const kind = settings.ready?.check.kind
        const loss = checkLoss(settings.ready?.check)
        if (loss !== undefined) return loss
        if (kind === undefined || kind === 'fd' || needsFd(settings)) return undefined
        return 'no line of its output is looked at: it counts as ready at once'
      }),
    ),
    note: ofPrograms(({ ready }) => {
      const program = ready?.check.kind === 'tcp' ? 'nc' : ready?.check.kind === 'http' ? 'curl' : undefined
      return program && `the image must have ${program}, which makes the check`
    }),
  },
  health: lost('nothing checks a process after it is ready'),
  on_unhealthy: lost('nothing checks a process after it is ready'),
  schedule: lost('nothing starts a service at a time'),
  on_dependency_lost: lost('nothing stops a program whose dependency goes down'),
  max_memory: lost('nothing measures a program'),
  max_cpu: lost('nothing measures a program'),
  on_limit: lost('nothing measures a program'),
  limit_interval: lost('nothing measures a program'),
  timeout_depends: lost('`timeout-up` of the dependencies alone limits the wait'),
  watch: lost('s6 looks at no files'),
  reload_command: lost('`s6-svc -h` sends SIGHUP instead'),
  timeout_up: kept('`timeout-up`'),
  timeout_down: kept('`timeout-down`'),
  autostart: kept('membership in the bundle that is started at boot'),
  startsecs: changed('s6-rc counts it as up at once; it is in the window of s6-permafailon'),
} as const satisfies Readonly<Record<string, Saying>>

const end = {
  autorestart: changed('125 as exit code of `finish` ends the restarts'),
  startretries: noted(
    's6-permafailon in `finish`; s6 starts again once a second',
    ofPrograms(({ restart, autorestart, startsecs, startretries }) => {
      if (restart !== undefined || startsecs === 0 || startretries === 0) return undefined
      return autorestart === 'true'
        ? 'a failed start is tried again after one second each time, not after 1, 2, 3 … seconds'
        : 'an exit before startsecs counts as any other exit'
    }),
  ),
  restart: changed(
    's6-permafailon in `finish` for limit and window, a case of `finish` for no_restart_codes',
    ofPrograms(({ restart }) => {
      if (restart === undefined || restart === 's6') return undefined
      const { delay, factor, window, jitter } = restart
      const isPlain = delay === 1 && factor === 1 && window !== 0 && jitter === 0
      return !isPlain && 'it is tried again every second, and the limit counts in a window of time'
    }),
  ),
  exitcodes: kept('the cases of `finish`'),
  max_deaths: kept('`max-death-tally`'),
  finish: kept('`finish`'),
  timeout_finish: kept('`timeout-finish`'),
  stopsignal: kept('`down-signal`'),
  stopwaitsecs: kept('`timeout-kill`'),
  timeout_kill: kept('`timeout-kill`'),
  stop_command: lost('s6 sends a signal'),
  essential: kept('`flag-essential`'),
  stopasgroup: changed(
    '`flag-timeout-killpg`',
    ofPrograms(
      ({ stopasgroup }) => stopasgroup && 'the stop signal goes to the process alone, only SIGKILL to its group',
    ),
  ),
  killasgroup: kept('`flag-timeout-killpg`'),
} as const satisfies Readonly<Record<string, Saying>>

const oneshot: Readonly<Record<OwnOneshotKey, Saying>> = { up: kept('`up`'), down: kept('`down`') }

const OWN = 's6-svscan is the daemon'

/** The table; `isOverlay` is for s6-overlay 3, where the end of a program can be that of the container. */
export function says(isOverlay: boolean): Says {
  const halting = (key: string): Saying =>
    isOverlay
      ? kept('`finish` writes the exit code and calls halt')
      : changed(
          '`finish` stops s6-svscan',
          ofPrograms(
            (settings) =>
              settings[key as 'on_exit'] === 'shutdown' && 'the exit code of the program is not that of s6-svscan',
          ),
        )
  return {
    program: {
      ...start,
      ...identity,
      ...end,
      ...output,
      on_exit: ofFinalEnds(halting('on_exit')),
      on_fatal: halting('on_fatal'),
      exit_code: isOverlay ? kept('`finish`') : lost('s6-svscan ends with 0'),
      exit_signal_base: isOverlay ? kept('`finish`') : lost('s6-svscan ends with 0'),
      serverurl: lost('there is no server'),
    },
    oneshot,
    supervisor: SUPERVISOR(isOverlay),
    tables: {
      groups: kept('a bundle'),
      bundles: kept('a bundle'),
      event_listeners: lost(NO_EVENTS),
      fcgi_programs: changed('s6-ipcserver-socketbinder in `run`', socketLoss),
      webhooks: lost(NO_EVENTS),
      peers: lost('ask each machine over ssh'),
      log_targets: lost('s6-log writes files: a forwarder must read them'),
      'server.unix': daemon('s6-rc and s6-svc control services'),
      'server.http': daemon('s6-rc and s6-svc control services'),
      ctl: daemon('s6-rc and s6-svc control services'),
    },
  }
}

function ofFinalEnds(saying: Saying): Saying {
  const isFinal = ofPrograms(
    (settings) => settings.on_exit === 'shutdown_if_final' && 'its last end does not end the container',
  )
  return { ...saying, loss: (unit) => isFinal(unit) ?? saying.loss?.(unit) }
}

function socketLoss({ role, settings }: Unit): string | undefined {
  if (role.kind !== 'fcgi') return undefined
  if (role.socket.kind === 'tcp') return 's6 opens no TCP socket for it: standard input is /dev/null'
  if (role.socket.owner !== undefined) return 'the owner of the socket is root'
  return settings.name === settings.program ? undefined : 'its processes do not share one socket'
}

function SUPERVISOR(isOverlay: boolean): Says['supervisor'] {
  const own = daemon(OWN)
  return {
    identifier: own,
    user: kept('s6-setuidgid in the `run` of programs that name no user'),
    directory: own,
    umask: own,
    environment: kept('`export` in every `run`'),
    logfile: own,
    logfile_maxbytes: own,
    logfile_backups: own,
    log_level: own,
    log_format: own,
    output_format: own,
    pidfile: own,
    nodaemon: own,
    silent: own,
    minfds: own,
    minprocs: own,
    nocleanup: own,
    childlogdir: own,
    strip_ansi: lost('output is written as it is'),
    shutdown_timeout: isOverlay ? daemon('S6_KILL_GRACETIME and `timeout-kill` limit it') : own,
    kill_grace: isOverlay ? daemon('S6_KILL_GRACETIME') : own,
    boot: kept('the bundle that is started at boot'),
    survive: own,
    scan_directory: own,
    scan_layout: own,
    scan_depends_on: own,
    scan_timeout_down: own,
    environment_directory: own,
    environment_newline: own,
    journal_size: own,
    exit_code_file: own,
    halt_directory: own,
    run_layout: own,
    main: isOverlay ? daemon('CMD of the image') : lost('the end of no program is the end of the daemon'),
  }
}
