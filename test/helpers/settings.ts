// Settings with supervisord's defaults, for tests that build a Config by hand.

import type {
  Config,
  Group,
  Oneshot,
  ProcessSettings,
  StreamSettings,
  SupervisorSettings,
} from '../../config/config.ts'
import { createGraph } from '../../config/graph.ts'

/** A stream that goes nowhere. */
export const NO_STREAM: StreamSettings = {
  logfile: { kind: 'none' },
  logfile_maxbytes: 50 * 1024 * 1024,
  logfile_backups: 10,
  capture_maxbytes: 0,
  events_enabled: false,
  syslog: false,
  logfile_compress: false,
}

/** A process that sleeps. */
export function processSettings(changes: Partial<ProcessSettings> = {}): ProcessSettings {
  const name = changes.name ?? 'web'
  return {
    name,
    group: name,
    program: name,
    dynamic: false,
    kind: 'program',
    command: 'sleep 99',
    argv: ['/bin/sleep', '99'],
    commandError: undefined,
    environment: {},
    directory: undefined,
    user: undefined,
    umask: undefined,
    nice: undefined,
    oom_score_adj: undefined,
    limits: undefined,
    capabilities: undefined,
    no_new_privs: false,
    pdeathsig: undefined,
    session: false,
    login_env: false,
    service_files: undefined,
    priority: 999,
    depends_on: [],
    ready: undefined,
    timeout_up: 0,
    timeout_down: 0,
    autostart: true,
    autorestart: 'unexpected',
    startsecs: 1,
    startretries: 3,
    restart: undefined,
    exitcodes: [0],
    max_deaths: 100,
    finish: undefined,
    timeout_finish: 5,
    stopsignal: 15,
    stopwaitsecs: 10,
    timeout_kill: undefined,
    stop_command: undefined,
    essential: false,
    stopasgroup: false,
    killasgroup: false,
    on_exit: 'none',
    on_fatal: 'none',
    exit_code: undefined,
    exit_signal_base: 128,
    redirect_stderr: false,
    stdio: 'pipes',
    log_to: undefined,
    is_logger: false,
    serverurl: undefined,
    log_format: 'raw',
    ring_buffer: 1024 * 1024,
    stdout: NO_STREAM,
    stderr: NO_STREAM,
    ...changes,
  }
}

/** A group of one process of the same name, or of those given. */
export function group(name: string, changes: Partial<Group> = {}): Group {
  return {
    name,
    priority: 999,
    role: { kind: 'program' },
    processes: [processSettings({ name })],
    shadowed: false,
    ...changes,
  }
}

/** A daemon with these groups. */
export function config(
  groups: readonly Group[],
  supervisor: Partial<SupervisorSettings> = {},
  oneshots: readonly Oneshot[] = [],
): Config {
  return {
    file: '/etc/kahi.toml',
    supervisor: { ...SUPERVISOR, ...supervisor },
    servers: [],
    ctl: undefined,
    groups,
    oneshots,
    graph: createGraph({ groups, oneshots, bundles: [] }),
  }
}

const SUPERVISOR: SupervisorSettings = {
  identifier: 'supervisor',
  directory: undefined,
  user: undefined,
  userName: undefined,
  umask: 0o22,
  environment: {},
  logfile: undefined,
  logfile_maxbytes: 0,
  logfile_backups: 0,
  log_level: 'info',
  log_format: 'auto',
  pidfile: undefined,
  childlogdir: '/nonexistent',
  minfds: 1024,
  minprocs: 200,
  nocleanup: true,
  nodaemon: true,
  silent: false,
  strip_ansi: false,
  shutdown_timeout: 0,
  boot: undefined,
  survive: false,
  scan_directory: undefined,
  scan_layout: 's6',
  environment_directory: undefined,
  exit_code_file: undefined,
  main: undefined,
}
