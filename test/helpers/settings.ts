// Settings with supervisord's defaults, for tests that build a Config by hand.

import type { Config, Group, Oneshot } from '../../config/settings/config.ts'
import { plainValues, type ProcessSettings, type StreamSettings, streamValues } from '../../config/settings/process.ts'
import type { SupervisorSettings } from '../../config/settings/supervisor.ts'
import type { KeyTable, Settings } from '../../config/keys/key.ts'
import { programKeys } from '../../config/keys/program.ts'
import { supervisorKeys } from '../../config/keys/supervisor.ts'
import { createGraph } from '../../config/graph/graph.ts'

/** The values of a table of keys when the configuration sets none of them. */
export function fallbacksOf<T extends KeyTable>(keys: T): Settings<T> {
  return Object.fromEntries(Object.entries(keys).map(([name, { fallback }]) => [name, fallback])) as Settings<T>
}

const PROGRAM = fallbacksOf(programKeys)

/** A stream without a log. */
export const NO_STREAM: StreamSettings = { ...streamValues(PROGRAM, 'stdout'), logfile: { kind: 'none' } }

/** A process that sleeps. Each key has its default. */
export function processSettings(changes: Partial<ProcessSettings> = {}): ProcessSettings {
  const name = changes.name ?? 'web'
  return {
    ...plainValues(PROGRAM),
    name,
    group: name,
    program: name,
    dynamic: false,
    kind: 'program',
    command: 'sleep 99',
    argv: ['/bin/sleep', '99'],
    commandError: undefined,
    user: undefined,
    killasgroup: false,
    is_logger: false,
    stdout: NO_STREAM,
    stderr: NO_STREAM,
    ...changes,
  }
}

/** A group with one process of the same name, or with the given processes. */
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
    webhooks: [],
    log_targets: [],
    peers: [],
    groups,
    oneshots,
    graph: createGraph({ groups, oneshots, bundles: [] }),
  }
}

/** Each key has its default, except for keys whose default would affect tests. */
const SUPERVISOR: SupervisorSettings = {
  ...fallbacksOf(supervisorKeys),
  user: undefined,
  userName: undefined,
  umask: 0o22,
  logfile_maxbytes: 0,
  logfile_backups: 0,
  childlogdir: '/nonexistent',
  nocleanup: true,
  nodaemon: true,
  shutdown_timeout: 0,
  kill_grace: 0,
}
