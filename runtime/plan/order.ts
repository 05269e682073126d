// The order in which processes are started and groups are stopped. Pure. Only the order of forks and signals is decided
// here: priorities say nothing about readiness. Source: supervisor 4.2.5, Supervisor.runforever and
// ordered_stop_groups_phase_1.

import { compareText } from '../../config/model/compare.ts'
import type { Config, Group } from '../../config/settings/config.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'

/**
 * The groups that are run. Of several groups with one name only the first is used, and of several processes of a group
 * with one name only the last.
 */
export function activeGroups(config: Pick<Config, 'groups'>): readonly Group[] {
  return config.groups
    .filter((group) => !group.shadowed)
    .map((group) => ({
      ...group,
      processes: [...new Map(group.processes.map((process) => [process.name, process])).values()],
    }))
}

/** All processes with autostart, in start order. */
export function startOrder(config: Pick<Config, 'groups'>): readonly ProcessSettings[] {
  return activeGroups(config).flatMap((group) => group.processes.filter((process) => process.autostart))
}

/** Groups by ascending priority, then name. */
export function sortGroups<Item extends Pick<Group, 'name' | 'priority'>>(groups: Iterable<Item>): readonly Item[] {
  return [...groups].sort((left, right) => left.priority - right.priority || compareText(left.name, right.name))
}

/** Groups in the order in which a shutdown stops them: the reverse of the start order. */
export function shutdownStages<Item extends Pick<Group, 'name' | 'priority'>>(groups: Iterable<Item>): readonly Item[] {
  return sortGroups(groups).toReversed()
}
