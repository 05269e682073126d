// Describes what a new configuration changes, for users and scripts: which groups and oneshots are added, removed or
// changed, and each changed value before and after. Pure. Secrets are left out.

import { programKeys } from '../../config/keys/program.ts'
import type { KeyTable } from '../../config/keys/key.ts'
import type { Config, Group } from '../../config/settings/config.ts'
import { type Difference, compareGroup, findDifferences } from '../../config/settings/difference.ts'
import { isLiveChange } from '../../config/settings/live.ts'
import { namespec } from '../../config/model/names.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { HIDDEN, withoutSecrets } from '../../config/values/secrets.ts'
import {
  type ChangedGroup,
  type Changes,
  diffConfigs,
  diffOneshots,
  diffReceivers,
  isSame,
  keepEssential,
  type NamedChanges,
} from './diff.ts'
import { activeGroups } from './order.ts'

/** A changed value; undefined means that there is none. */
export interface ValueChange {
  /** `web`, `group:name`. */
  readonly subject: string
  /** `stopwaitsecs`, `environment.PATH`. */
  readonly key: string
  readonly before: unknown
  readonly after: unknown
  /** Whether its processes end and start again because of it, or it is applied while they run. */
  readonly effect: 'restart' | 'live'
}

/** All changes. */
export interface ChangeReport extends Changes {
  readonly changed: readonly (ChangedGroup & {
    /** Names of the processes that end and start again. */
    readonly restarted: readonly string[]
    readonly values: readonly ValueChange[]
  })[]
  /** Dependencies that change. No process is restarted for them. */
  readonly relinked: readonly ValueChange[]
  /** Essential groups that stay as they are, though the file changes or removes them. */
  readonly essential: readonly string[]
  /** Oneshots that are added, removed or changed. Changed ones are not run again. */
  readonly oneshots: Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>>
  /** Webhooks and log targets, as `webhooks.ops`. Only those that differ are opened anew. */
  readonly receivers: NamedChanges
  /** Keys that only a restart of the daemon applies: `servers`, `supervisor.log_level`. */
  readonly needsRestart: readonly string[]
}

/** Keys of [supervisor] that affect programs and are applied with them. All other keys need a restart of the daemon. */
const APPLIED = ['environment', 'strip_ansi', 'childlogdir', 'identifier', 'shutdown_timeout', 'main', 'boot']

/** Compares the configuration in force with a new one. */
export function reportChange(now: Config | undefined, asked: Config): ChangeReport {
  const { config, kept } = keepEssential(now, asked)
  const changes = diffConfigs(now, config)
  const before = now === undefined ? [] : activeGroups(now)
  const after = activeGroups(config)
  const changed = changes.changed.map((group) => {
    const [old, next] = [before, after].map((groups) => groups.find(({ name }) => name === group.name))
    const found = old === undefined || next === undefined ? [] : compareGroup(old, next)
    const values = found
      .filter(({ key }) => isNamed(group.keys, key))
      .map((one) => ({ ...shownValue(one), effect: effectOf(one, old, next) }))
    const restarted = (next?.processes ?? []).filter(
      ({ name }) => !group.kept.includes(name) && old?.processes.some((process) => process.name === name) === true,
    )
    return { ...group, restarted: names(restarted), values: withoutDoubles(values) }
  })
  const oneshots = diffOneshots(now?.oneshots ?? [], config.oneshots)
  return {
    ...changes,
    changed,
    relinked: now === undefined ? [] : relinkedProcesses(now, config),
    essential: kept,
    oneshots: { added: names(oneshots.added), removed: oneshots.removed, changed: names(oneshots.changed) },
    receivers: diffReceivers(now, config),
    needsRestart: now === undefined ? [] : fixedChanges(now, asked),
  }
}

/** Whether the key path is one of groups or programs: their names are compared instead of their positions. */
function isNamed(keys: readonly string[], key: string): boolean {
  const [head = ''] = key.split('.')
  return keys.includes(head === 'processes' ? 'programs' : head) || keys.includes(key)
}

function names(list: readonly { readonly name: string }[]): readonly string[] {
  return list.map(({ name }) => name)
}

/** Groups and what depends on what change without a restart; keys of processes where their row says so. */
function effectOf(
  { subject, key }: Difference,
  before: Group | undefined,
  after: Group | undefined,
): ValueChange['effect'] {
  if (after?.role.kind !== 'program' || before?.role.kind !== 'program') return 'restart'
  const [old, next] = [before, after].map(({ processes }) =>
    processes.find(({ group, name }) => namespec(group, name) === subject),
  )
  const [head = ''] = key.split('.')
  return old === undefined || next === undefined || key === 'priority' || isLiveChange(head, old, next)
    ? 'live'
    : 'restart'
}

function shownValue({ subject, key, before, after }: Difference): Omit<ValueChange, 'effect'> {
  const shown = (value: unknown): unknown =>
    isOfFile(key) ? hidden(value) : withoutSecrets(key, asWritten(key, value))
  return { subject, key, before: shown(before), after: shown(after) }
}

/** The values of files of variables are never shown. */
function isOfFile(key: string): boolean {
  return key.startsWith('env_file.')
}

function hidden(value: unknown): unknown {
  return typeof value === 'string' ? HIDDEN : undefined
}

/** The value as it stands in a file: `{ tcp = "127.0.0.1:80" }`, `TERM`. */
function asWritten(key: string, value: unknown): unknown {
  const rows: KeyTable = programKeys
  const write = value === undefined || value === null ? undefined : rows[key]?.type.toToml
  return write === undefined ? value : write(value)
}

/** A group of one program has its priority, too. */
function withoutDoubles(values: readonly ValueChange[]): readonly ValueChange[] {
  return values.filter((value, index) => values.findIndex((other) => isSame(other, value)) === index)
}

/** Processes that stay and depend on something else than before. */
function relinkedProcesses(now: Config, wanted: Config): readonly ValueChange[] {
  const before = new Map(needsOf(now))
  return needsOf(wanted).flatMap(([subject, needs]) => {
    const old = before.get(subject)
    return old === undefined || isSame(old, needs)
      ? []
      : [{ ...shownValue({ table: undefined, subject, key: 'depends_on', before: old, after: needs }), effect: 'live' }]
  })
}

function needsOf(config: Config): readonly (readonly [string, ProcessSettings['depends_on']])[] {
  const processes = activeGroups(config).flatMap((group) => group.processes)
  return processes.map((one) => [namespec(one.group, one.name), one.depends_on])
}

function fixedChanges(now: Config, asked: Config): readonly string[] {
  const applied = { groups: [], oneshots: [], webhooks: [], log_targets: [], peers: [] }
  const rest = { ...applied, graph: { needs: new Map(), names: new Map() }, ctl: undefined }
  const found = findDifferences({ ...now, ...rest }, { ...asked, ...rest }).flatMap(({ table, key }) => {
    const [head = ''] = key.split('.')
    if (table?.kind !== 'supervisor') return ['servers']
    return APPLIED.includes(head) ? [] : [`supervisor.${head}`]
  })
  return [...new Set(found)]
}
