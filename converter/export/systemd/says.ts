// What units of systemd can express. Source: systemd 252, systemd.directives(7).

import { withoutDirectories } from '../plan/container-says.ts'
import { isDirectory } from '../../folders.ts'
import { join } from 'node:path'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { checkCommand, checkLoss } from '../plan/checks.ts'
import { changed, daemon, kept, lost, noted, type OwnOneshotKey, type Says, type Saying } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { hasVariables } from '../plan/variables.ts'
import { startLimit } from './restarts.ts'
import { watchdogOf } from './service.ts'
import { isAllowedValue } from './words.ts'

type When = (settings: ProcessSettings, unit: Unit) => string | false | undefined

/** What is different for some programs. */
function ofPrograms(test: When): (unit: Unit) => string | undefined {
  return (unit) => (unit.kind === 'program' ? test(unit.settings, unit) || undefined : undefined)
}

const NO_EVENTS = 'there are no events'
const ROTATION = changed('/etc/logrotate.d/NAME, with copytruncate')

const output = {
  redirect_stderr: kept('`StandardError=` is absent, and follows standard output'),
  stdio: changed(
    '`StandardInput=tty-force`',
    ofPrograms(({ stdio }) => stdio === 'inherit' && 'its descriptors are those of the terminal /dev/console'),
  ),
  log_to: changed('a `.socket` unit with `ListenFIFO=` is the pipe'),
  log_format: lost('output is written as it is; the journal adds time and unit'),
  ring_buffer: changed('`journalctl -u UNIT` shows the last lines'),
  stdout_logfile: noted('`append:FILE`, `null`, or the journal', fileChange),
  stdout_logfile_maxbytes: ROTATION,
  stdout_logfile_backups: ROTATION,
  stdout_logfile_compress: ROTATION,
  stdout_capture_maxbytes: lost(NO_EVENTS),
  stdout_events_enabled: lost(NO_EVENTS),
  stdout_syslog: changed('the journal, which gives lines to a syslog daemon'),
  stderr_logfile: changed('`append:FILE`, `null`, or the journal', variableFile),
  stderr_logfile_maxbytes: ROTATION,
  stderr_logfile_backups: ROTATION,
  stderr_logfile_compress: ROTATION,
  stderr_capture_maxbytes: lost(NO_EVENTS),
  stderr_events_enabled: lost(NO_EVENTS),
  stderr_syslog: changed('the journal, which gives lines to a syslog daemon'),
} as const satisfies Readonly<Record<string, Saying>>

function fileChange({ settings: { stdout } }: Unit): string | undefined {
  if (stdout.logfile.kind === 'auto') return 'AUTO logs become the journal'
  if (stdout.logfile.kind !== 'file') return undefined
  if (hasVariables(stdout.logfile.path)) return 'its name has a variable, so the output goes to the journal'
  return 'the directory of its log file must exist'
}

function variableFile({ settings: { stderr } }: Unit): string | undefined {
  const isVariable = stderr.logfile.kind === 'file' && hasVariables(stderr.logfile.path)
  return isVariable ? 'its name has a variable, so the output goes to the journal' : undefined
}

const identity = {
  user: noted('`User=` and `Group=`; setpriv when it is a variable', ({ user }) =>
    user !== undefined && hasVariables(user) ? 'its group has the name of the user' : undefined,
  ),
  umask: kept('`UMask=`; 0022 when absent'),
  nice: kept('`Nice=`'),
  oom_score_adj: kept('`OOMScoreAdjust=`'),
  limits: kept('`LimitNOFILE=` and its like, `MemoryMax=`, `CPUQuota=`, `TasksMax=`'),
  capabilities: kept('`CapabilityBoundingSet=` and `AmbientCapabilities=`'),
  no_new_privs: kept('`NoNewPrivileges=`'),
  pdeathsig: lost('the parent is PID 1, which does not end'),
  session: changed('systemd gives every service a session of its own'),
  login_env: changed('with `User=`, HOME, USER, LOGNAME and SHELL are always set'),
  environment: {
    verdict: 'changed',
    how: '`Environment=`; names that sound secret are in /etc/NAME/UNIT.env with mode 0600; nothing else is inherited but PATH and LANG',
    loss: ({ settings: { environment } }: Unit) => {
      const bad = Object.entries(environment).filter(([, value]) => !hasVariables(value) && !isAllowedValue(value))
      return bad.length === 0 ? undefined : `${bad.map(([name]) => name).join(', ')} has control characters`
    },
  },
  env_file: changed('`EnvironmentFile=`; then `environment` is in a file too, which has priority', withoutDirectories),
} as const satisfies Readonly<Record<string, Saying>>

const start = {
  like: changed('its values are written where they are used'),
  command: changed('`ExecStart=`; a script of several lines becomes a file in /usr/local/lib/NAME'),
  process_name: kept('the name of the unit, if no other one has it'),
  numprocs: kept('one unit for each process, and a target for all'),
  numprocs_start: kept('in the names of the units'),
  directory: changed('`WorkingDirectory=`; / when absent'),
  service_files: changed(
    'it is not copied',
    ofPrograms(({ service_files: home }) => {
      const found = home === undefined ? [] : ['data', 'env'].filter((name) => isDirectory(join(home, name)))
      return found.length > 0 && `${found.join(' and ')} of its service directory are not there`
    }),
  ),
  service_directory: changed('there are no service directories'),
  priority: changed('`After=` the services of the next lower number'),
  depends_on: changed('`Requires=` and `After=`; "ordered" is only `After=`'),
  ready: changed(
    '`Type=notify`; else `ExecStartPost=` repeats the check with nc, curl or test',
    ofPrograms(({ ready }) => {
      if (ready === undefined || ready.check.kind === 'notify') return undefined
      if (ready.check.kind === 'fd') return `nothing reads descriptor ${ready.check.fd}: it counts as ready at once`
      if (checkCommand(ready.check, 1) === undefined) return 'no line of its output is looked at: it is ready at once'
      return checkLoss(ready.check)
    }),
  ),
  health: changed(
    '`WatchdogSec=` for `notify` with on_unhealthy = "restart"',
    ofPrograms((settings) => {
      if (settings.health === undefined || watchdogOf(settings) !== undefined) return undefined
      return 'systemd itself checks no service; a timer could run the check'
    }),
  ),
  schedule: changed('a `.timer` unit with `OnCalendar=`', ({ settings: { schedule } }) =>
    schedule?.overlap === 'queue' ? 'a time at which it still runs is passed over' : undefined,
  ),
  on_dependency_lost: lost('BindsTo= and PartOf= act at once, and on other ends'),
  max_memory: lost('MemoryMax= kills instead; see the key limits'),
  max_cpu: lost('CPUQuota= slows down instead; see the key limits'),
  on_limit: lost('nothing measures a program'),
  limit_interval: lost('nothing measures a program'),
  on_unhealthy: changed(
    'the watchdog restarts a service',
    ofPrograms((settings) => {
      const { kind } = settings.on_unhealthy
      return kind !== 'none' && watchdogOf(settings) === undefined && 'nothing finds out that it is unhealthy'
    }),
  ),
  timeout_depends: lost('the time-outs of the dependencies alone limit the wait'),
  watch: lost('a `.path` unit sees neither patterns nor what is below a directory'),
  reload_command: kept('`ExecReload=`'),
  timeout_up: changed('`TimeoutStartSec=`, for each try'),
  timeout_down: changed(
    '`TimeoutStopSec=` of oneshots',
    ofPrograms((_, { timeoutDown }) => timeoutDown > 0 && '`TimeoutStopSec=` is the time until SIGKILL'),
  ),
  autostart: kept('`Wants=` in the target of the whole'),
  startsecs: changed('a service counts as started at once; it is in `StartLimitIntervalSec=`'),
} as const satisfies Readonly<Record<string, Saying>>

const end = {
  autorestart: changed('`Restart=always` or `no`, with `RestartPreventExitStatus=`'),
  startretries: noted(
    '`StartLimitBurst=` and `StartLimitIntervalSec=`, with `RestartSec=1`',
    ofPrograms((settings) => {
      const { restart, startsecs, startretries, autorestart } = settings
      if (restart !== undefined || startsecs === 0 || startretries === 0) return undefined
      if (autorestart === 'false') return 'a failed start is not tried again'
      return startLimit(settings) === undefined
        ? undefined
        : 'a start is tried again after one second each time, and an exit before startsecs counts as any other exit'
    }),
  ),
  restart: changed(
    '`RestartSec=`, `StartLimitBurst=`, `RestartPreventExitStatus=` for no_restart_codes',
    ofPrograms(({ restart }) => {
      if (restart === undefined || restart === 's6') return undefined
      const { factor, jitter, window, limit } = restart
      const found = [
        ...(factor === 1 ? [] : ['the delay does not grow']),
        ...(jitter === 0 ? [] : ['the delay is the same each time']),
        ...(limit !== 0 && window === 0 ? ['the limit counts in a window of time'] : []),
      ]
      return found.length > 0 && found.join(', ')
    }),
  ),
  exitcodes: kept('`RestartPreventExitStatus=` and `SuccessExitStatus=`'),
  max_deaths: lost('the journal has the exits'),
  finish: changed(
    '`ExecStopPost=`',
    ofPrograms(
      ({ finish }) =>
        finish !== undefined && 'it gets the name of the signal and no pid, and its exit code 125 is no end',
    ),
  ),
  timeout_finish: changed('`TimeoutStopSec=` limits it too'),
  stopsignal: kept('`KillSignal=`'),
  stopwaitsecs: kept('`TimeoutStopSec=`'),
  timeout_kill: kept('`TimeoutStopSec=`'),
  stop_command: changed(
    '`ExecStop=`',
    ofPrograms(
      ({ stop_command: stop }) => stop !== undefined && 'the stop signal follows as soon as the command has ended',
    ),
  ),
  essential: changed('`RefuseManualStop=`'),
  stopasgroup: kept('`KillMode=control-group`'),
  killasgroup: noted(
    '`KillMode=mixed`',
    ofPrograms(({ killasgroup: whole }) => !whole && 'its children are killed too when it stops'),
  ),
  on_exit: changed(
    '`OnSuccess=` and `OnFailure=` stop the target of the whole',
    ofPrograms(({ on_exit: policy }) => policy === 'shutdown' && 'a requested stop ends the whole too'),
  ),
  on_fatal: kept('`OnFailure=` stops the target of the whole'),
  exit_code: lost('the target of the whole has no exit code'),
  exit_signal_base: lost('the target of the whole has no exit code'),
} as const satisfies Readonly<Record<string, Saying>>

const oneshot: Readonly<Record<OwnOneshotKey, Saying>> = {
  up: kept('`ExecStart=` with `Type=oneshot` and `RemainAfterExit=yes`'),
  down: kept('`ExecStop=`'),
}

const own = daemon('PID 1 is the daemon')
const journal = daemon('the journal')

/** The table. */
export const says: Says = {
  program: { ...start, ...identity, ...end, ...output, serverurl: lost('there is no server') },
  oneshot,
  supervisor: {
    identifier: own,
    user: kept('`User=` of services that name no user'),
    directory: own,
    umask: changed('`UMask=` in a drop-in of each service, when supervisord went into the background'),
    environment: kept('`Environment=` of every service'),
    logfile: journal,
    logfile_maxbytes: journal,
    logfile_backups: journal,
    log_level: journal,
    log_format: journal,
    output_format: journal,
    pidfile: own,
    nodaemon: own,
    silent: own,
    minfds: changed('`LimitNOFILE=` in a drop-in of each service, when it is above 1024'),
    minprocs: changed('`LimitNPROC=` in a drop-in of each service, when it is above 4096'),
    nocleanup: own,
    childlogdir: journal,
    strip_ansi: lost('output is written as it is'),
    shutdown_timeout: daemon('`TimeoutStopSec=` of each service'),
    kill_grace: daemon('`TimeoutStopSec=` of each service'),
    boot: kept('`Wants=` in the target of the whole'),
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
    main: lost('the end of no service is the end of the daemon'),
  },
  tables: {
    groups: kept('a target'),
    bundles: kept('a target'),
    event_listeners: lost(NO_EVENTS),
    fcgi_programs: kept('a `.socket` unit, and `StandardInput=socket`'),
    webhooks: lost('write a unit for `OnFailure=` that sends the request'),
    peers: lost('systemctl asks another machine with `-H HOST`'),
    log_targets: lost('the journal has the lines: a forwarder must read it'),
    'server.unix': daemon('systemctl controls services'),
    'server.http': daemon('systemctl controls services'),
    ctl: daemon('systemctl controls services'),
  },
}
