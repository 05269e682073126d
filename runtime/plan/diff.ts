// Finds what a new configuration changes, group by group. Pure. Unlike supervisord it also notices a log file that
// becomes AUTO, and it names the keys that differ.

import type { Config, Group, Oneshot } from '../../config/settings/config.ts'
import { isLiveChange } from '../../config/settings/live.ts'
import type { ProcessSettings, StreamSettings } from '../../config/settings/process.ts'
import type { GroupRole } from '../../config/model/roles.ts'
import { activeGroups } from './order.ts'

/** A group that differs. */
export interface ChangedGroup {
  readonly name: string
  /** Keys that differ in any of its processes, sorted; `programs` when processes are added or removed. */
  readonly keys: readonly string[]
  /** Names of the processes that keep running: they do not change, or only in settings that are applied meanwhile. */
  readonly kept: readonly string[]
}

/** Names of groups that are added, removed or changed. */
export interface Changes {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly ChangedGroup[]
  readonly unchanged: readonly string[]
}

/** Compares two configurations. `now` is undefined at the first start. */
export function diffConfigs(now: Pick<Config, 'groups'> | undefined, wanted: Pick<Config, 'groups'>): Changes {
  const before = new Map((now === undefined ? [] : activeGroups(now)).map((group) => [group.name, group]))
  const after = new Map(activeGroups(wanted).map((group) => [group.name, group]))
  const changed: ChangedGroup[] = []
  const unchanged: string[] = []
  for (const [name, group] of after) {
    const old = before.get(name)
    if (old === undefined) continue
    const keys = differingKeys(old, group)
    if (keys.length === 0) unchanged.push(name)
    else changed.push({ name, keys, kept: keptProcesses(old, group) })
  }
  const added = [...after.keys()].filter((name) => !before.has(name))
  const removed = [...before.keys()].filter((name) => !after.has(name))
  return { added, removed, changed, unchanged }
}

/**
 * The configuration with all essential groups as they are now, and the names of those that it would have changed or
 * removed.
 */
export function keepEssential<C extends Pick<Config, 'groups'>>(
  now: Pick<Config, 'groups'> | undefined,
  wanted: C,
): { readonly config: C; readonly kept: readonly string[] } {
  const { removed, changed } = diffConfigs(now, wanted)
  const touched = new Set([...removed, ...changed.map(({ name }) => name)])
  const essential = (now === undefined || touched.size === 0 ? [] : activeGroups(now)).filter(
    ({ name, processes }) => touched.has(name) && processes.some((process) => process.essential),
  )
  const kept = essential.map(({ name }) => name)
  const others = wanted.groups.filter(({ name }) => !kept.includes(name))
  return { config: kept.length === 0 ? wanted : { ...wanted, groups: [...others, ...essential] }, kept }
}

/** Names of oneshots that are added, removed or changed. */
export interface OneshotChanges {
  readonly added: readonly Oneshot[]
  readonly removed: readonly string[]
  readonly changed: readonly Oneshot[]
}

/** Compares the oneshots of two configurations. */
export function diffOneshots(now: readonly Oneshot[], wanted: readonly Oneshot[]): OneshotChanges {
  const before = new Map(now.map((oneshot) => [oneshot.name, oneshot]))
  const names = new Set(wanted.map(({ name }) => name))
  return {
    added: wanted.filter(({ name }) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !names.has(name)),
    changed: wanted.filter((oneshot) => before.has(oneshot.name) && !isSame(before.get(oneshot.name), oneshot)),
  }
}

/** Tables with a name whose settings are equal or not, such as oneshots. */
export interface NamedChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** Compares the webhooks, log targets and peers of two configurations. Gives names as in the file: `webhooks.ops`. */
export function diffReceivers(now: ReceiversOf | undefined, wanted: ReceiversOf): NamedChanges {
  const [before, after] = [receiversOf(now), receiversOf(wanted)]
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...after]
      .filter(([name, one]) => before.has(name) && !isSame(before.get(name), one))
      .map(([name]) => name),
  }
}

type ReceiversOf = Pick<Config, 'webhooks' | 'log_targets' | 'peers'>

const NO_RECEIVERS: ReceiversOf = { webhooks: [], log_targets: [], peers: [] }

function receiversOf({ webhooks, log_targets: targets, peers } = NO_RECEIVERS) {
  return new Map<string, object>([
    ...webhooks.map((one) => [`webhooks.${one.name}`, one] as const),
    ...targets.map((one) => [`log_targets.${one.name}`, one] as const),
    ...peers.map((one) => [`peers.${one.name}`, one] as const),
  ])
}

/** Keys that are not compared: `argv` and `commandError` follow from `command`; a dependency changes no process. */
const DERIVED = new Set(['argv', 'commandError', 'depends_on'])

function differingKeys(now: Group, wanted: Group): readonly string[] {
  const keys = new Set<string>()
  if (now.priority !== wanted.priority) keys.add('priority')
  for (const key of differingRole(now.role, wanted.role)) keys.add(key)
  const names = (group: Group): string => JSON.stringify(group.processes.map((process) => process.name))
  if (names(now) !== names(wanted)) keys.add('programs')
  for (const process of wanted.processes) {
    const old = now.processes.find((other) => other.name === process.name)
    if (old !== undefined) for (const key of differingSettings(old, process)) keys.add(key)
  }
  return [...keys].sort()
}

/**
 * Names of the processes that keep running. Processes of listeners and of FastCGI programs are kept or replaced
 * together.
 */
function keptProcesses(now: Group, wanted: Group): readonly string[] {
  if (wanted.role.kind !== 'program' || now.role.kind !== 'program') return []
  const staying = wanted.processes.filter((process) => {
    const old = now.processes.find(({ name }) => name === process.name)
    return old !== undefined && differingSettings(old, process).every((key) => isLiveChange(key, old, process))
  })
  return staying.map(({ name }) => name)
}

function differingRole(now: GroupRole, wanted: GroupRole): readonly string[] {
  if (now.kind !== wanted.kind) return ['kind']
  const before: Readonly<Record<string, unknown>> = now
  return Object.entries(wanted).flatMap(([key, value]) => (isSame(before[key], value) ? [] : [key]))
}

function differingSettings(now: ProcessSettings, wanted: ProcessSettings): readonly string[] {
  const keys: string[] = []
  for (const key of Object.keys(wanted) as (keyof ProcessSettings)[]) {
    if (DERIVED.has(key)) continue
    if (key === 'stdout' || key === 'stderr') keys.push(...differingStream(key, now[key], wanted[key]))
    else if (!isSame(now[key], wanted[key])) keys.push(key)
  }
  return keys
}

function differingStream(stream: 'stdout' | 'stderr', now: StreamSettings, wanted: StreamSettings): readonly string[] {
  const keys = Object.keys(wanted) as (keyof StreamSettings)[]
  return keys.filter((key) => !isSame(now[key], wanted[key])).map((key) => `${stream}_${key}`)
}

/** Whether two values are equal, whatever the order of keys. */
export function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left, sorted) === JSON.stringify(right, sorted)
}

/** For JSON.stringify: sorts the keys of objects, so that their order does not count. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
}
