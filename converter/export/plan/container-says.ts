// What containers can express, whatever engine runs them. Each target says the rest, and what it has beyond.

import { isDirectory } from '../../folders.ts'
import { join } from 'node:path'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { checkCommand, checkLoss } from './checks.ts'
import { changed, daemon, lost, noted, type Says, type Saying } from './target.ts'
import type { Unit } from './unit.ts'

/** What is different for some programs. */
export function ofPrograms(
  test: (settings: ProcessSettings, unit: Unit) => string | false | undefined,
): (unit: Unit) => string | undefined {
  return (unit) => (unit.kind === 'program' ? test(unit.settings, unit) || undefined : undefined)
}

const NO_EVENTS = 'there are no events'
const ROTATION = changed('the engine keeps the logs')
const NO_SIGN = 'nothing reads it: it counts as ready at once'

/** The loss of a check for a probe. */
export function probeLoss({ ready, health }: Pick<ProcessSettings, 'ready' | 'health'>): string | undefined {
  const check = ready?.check ?? health?.check
  if (check === undefined) return undefined
  return checkCommand(check, 1) === undefined ? NO_SIGN : checkLoss(check)
}

/** The loss of files of variables for a target that has nothing like s6-envdir. */
export function withoutDirectories({ settings: { env_file: read } }: Unit): string | undefined {
  const folders = (read?.files ?? []).filter(({ path }) => isDirectory(path))
  return folders.length === 0 ? undefined : `${folders.map(({ path }) => path).join(', ')} is a directory`
}

/** Rows that are the same for all engines. */
export const containerRows = {
  like: changed('its values are written where they are used'),
  process_name: changed('the name of the container, in letters of lower case'),
  numprocs: changed('one container for each process'),
  numprocs_start: changed('in the names of the containers'),
  service_files: changed(
    'what the image has',
    ofPrograms(({ service_files: home }) => {
      const found = home === undefined ? [] : ['data', 'env'].filter((name) => isDirectory(join(home, name)))
      return found.length > 0 && `${found.join(' and ')} of its service directory are not there`
    }),
  ),
  service_directory: changed('there are no service directories'),
  umask: changed('`sh -c "umask …"` in front of the command'),
  nice: changed('`nice` in front of the command'),
  pdeathsig: lost('the parent is the engine'),
  session: changed('a container is a session of its own'),
  login_env: lost('the image sets HOME and its like'),
  on_dependency_lost: lost('nothing stops a container whose dependency goes down'),
  max_memory: lost('`limits` with memory and cpu is what engines limit'),
  max_cpu: lost('`limits` with memory and cpu is what engines limit'),
  on_limit: lost('nothing measures a container'),
  limit_interval: lost('nothing measures a container'),
  timeout_depends: lost('nothing limits the wait for dependencies'),
  watch: lost('engines look at no files'),
  reload_command: lost('engines have no reload'),
  timeout_up: lost('nothing limits a start'),
  timeout_down: lost('the time until SIGKILL is the only limit'),
  startsecs: changed('a container counts as started at once'),
  max_deaths: lost('engines keep no list of exits'),
  finish: lost('nothing runs after the end of a container'),
  timeout_finish: lost('nothing runs after the end of a container'),
  essential: lost('every container can be stopped'),
  stopasgroup: changed(
    'the stop signal goes to the first process',
    ofPrograms(({ stopasgroup }) => stopasgroup && 'the stop signal goes to the first process of the container only'),
  ),
  killasgroup: changed('SIGKILL ends all processes of a container'),
  exit_code: lost('there is no exit code of the whole'),
  exit_signal_base: lost('there is no exit code of the whole'),
  redirect_stderr: changed('the engine logs both streams'),
  stdio: changed(
    'no terminal',
    ofPrograms(({ stdio }) => stdio === 'inherit' && 'it has no terminal'),
  ),
  log_to: lost('containers have no pipes to each other: its output is logged'),
  log_format: lost('output is logged as it is'),
  ring_buffer: changed('the engine keeps the logs'),
  stdout_logfile: noted('the log of the container', ({ settings: { stdout } }) =>
    stdout.logfile.kind === 'file' ? `${stdout.logfile.path} becomes the log of the container` : undefined,
  ),
  stdout_logfile_maxbytes: ROTATION,
  stdout_logfile_backups: ROTATION,
  stdout_logfile_compress: ROTATION,
  stdout_capture_maxbytes: lost(NO_EVENTS),
  stdout_events_enabled: lost(NO_EVENTS),
  stdout_syslog: lost('a log driver of the engine can do it'),
  stderr_logfile: changed('the log of the container'),
  stderr_logfile_maxbytes: ROTATION,
  stderr_logfile_backups: ROTATION,
  stderr_logfile_compress: ROTATION,
  stderr_capture_maxbytes: lost(NO_EVENTS),
  stderr_events_enabled: lost(NO_EVENTS),
  stderr_syslog: lost('a log driver of the engine can do it'),
  serverurl: lost('there is no server'),
} as const satisfies Readonly<Record<string, Saying>>

/** The rows of [supervisor] and of whole tables. */
export function containerTables(tool: string): Pick<Says, 'supervisor' | 'tables'> {
  const server = daemon(`${tool} controls containers`)
  return {
    supervisor: SUPERVISOR,
    tables: {
      groups: changed('a label of its containers'),
      bundles: lost('there are no sets of containers'),
      event_listeners: lost(NO_EVENTS),
      fcgi_programs: changed('the program itself', ({ role }) =>
        role.kind === 'fcgi' ? 'nothing opens a socket for it: let it listen itself' : undefined,
      ),
      webhooks: lost(NO_EVENTS),
      peers: lost('the engine shows all containers'),
      log_targets: lost('a log driver of the engine can do it'),
      'server.unix': server,
      'server.http': server,
      ctl: server,
    },
  }
}

const own = daemon('the engine is the daemon')
const SUPERVISOR: Says['supervisor'] = {
  identifier: own,
  user: changed('the user of containers that name none'),
  directory: own,
  umask: own,
  environment: changed('in every container'),
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
  strip_ansi: lost('output is logged as it is'),
  shutdown_timeout: own,
  kill_grace: own,
  boot: changed('what is not started at boot is written, but not started'),
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
  main: lost('the end of no container is the end of all'),
}
