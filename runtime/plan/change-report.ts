// What another configuration comes to, for people and scripts: which groups and oneshots come, go or change, and of what
// changes the values before and after. Pure; secrets are left out.

import type { Config } from '../../config/config.ts'
import { compareGroup, type Difference, findDifferences } from '../../config/difference.ts'
import { withoutSecrets } from '../../config/secrets.ts'
import { type ChangedGroup, type Changes, diffConfigs, diffOneshots, keepEssential } from './diff.ts'
import { activeGroups } from './order.ts'

/** One value that becomes another one; undefined is none. */
export interface ValueChange {
  /** `web`, `group:name`. */
  readonly subject: string
  /** `stopwaitsecs`, `environment.PATH`. */
  readonly key: string
  readonly before: unknown
  readonly after: unknown
}

/** All that changes. */
export interface ChangeReport extends Changes {
  readonly changed: readonly (ChangedGroup & { readonly values: readonly ValueChange[] })[]
  /** Groups that stay as they are though the file says otherwise. */
  readonly essential: readonly string[]
  /** Oneshots by what happens to them; changed ones are not run again. */
  readonly oneshots: Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>>
  /** What only a new start of the daemon applies: `servers`, `supervisor.log_level`. */
  readonly needsRestart: readonly string[]
}

/** Keys of [supervisor] that act on programs: applied with them. The others only at the start of the daemon. */
const APPLIED = ['environment', 'strip_ansi', 'childlogdir', 'identifier', 'shutdown_timeout', 'main', 'boot']

/** Compares what is in force with what is asked for. */
export function reportChange(now: Config | undefined, asked: Config): ChangeReport {
  const { config, kept } = keepEssential(now, asked)
  const changes = diffConfigs(now, config)
  const before = now === undefined ? [] : activeGroups(now)
  const after = activeGroups(config)
  const changed = changes.changed.map((group) => {
    const [old, next] = [before, after].map((groups) => groups.find(({ name }) => name === group.name))
    const found = old === undefined || next === undefined ? [] : compareGroup(old, next)
    return { ...group, values: found.filter(({ key }) => isNamed(group.keys, key)).map(shownValue) }
  })
  const oneshots = diffOneshots(now?.oneshots ?? [], config.oneshots)
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
  return {
    ...changes,
    changed,
    essential: kept,
    oneshots: { added: names(oneshots.added), removed: oneshots.removed, changed: names(oneshots.changed) },
    needsRestart: now === undefined ? [] : fixedChanges(now, asked),
  }
}

/** Groups are compared by the names that the runtime has for keys; `processes` are the programs of a group. */
function isNamed(keys: readonly string[], key: string): boolean {
  const [head = ''] = key.split('.')
  return keys.includes(head === 'processes' ? 'programs' : head) || keys.includes(key)
}

function shownValue({ subject, key, before, after }: Difference): ValueChange {
  return { subject, key, before: withoutSecrets(key, before), after: withoutSecrets(key, after) }
}

function fixedChanges(now: Config, asked: Config): readonly string[] {
  const rest = { groups: [], oneshots: [], graph: { needs: new Map(), names: new Map() }, ctl: undefined }
  const found = findDifferences({ ...now, ...rest }, { ...asked, ...rest }).flatMap(({ table, key }) => {
    const [head = ''] = key.split('.')
    if (table?.kind !== 'supervisor') return ['servers']
    return APPLIED.includes(head) ? [] : [`supervisor.${head}`]
  })
  return [...new Set(found)]
}
