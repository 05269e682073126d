// Who needs whom, as `kahi graph` shows it: one object a unit, with names as people write them.

import type { Config } from '../../config/config.ts'
import type { Reached } from '../../config/dependencies.ts'
import { unitId, withNeeds } from '../../config/graph.ts'
import { activeGroups } from '../../runtime/plan/order.ts'
import { shown } from '../../runtime/plan/plan.ts'

/** A process or a oneshot. */
export interface GraphNode {
  readonly name: string
  /** As s6-rc calls them. */
  readonly type: 'longrun' | 'oneshot'
  /** Names of what it needs. */
  readonly dependencies: readonly string[]
  /** The same, with how far each must be. */
  readonly needs: readonly { readonly name: string; readonly reached: Reached }[]
  /** All that is started before it. */
  readonly allDependencies: readonly string[]
  /** The program that reads its output, and those whose output it reads. */
  readonly producerFor: string | null
  readonly consumerFor: readonly string[]
  readonly autostart: boolean
  readonly essential: boolean
  /** Whether something says when it is ready. */
  readonly ready: boolean
  /** How long it may take in seconds until it is up, and until it is down; 0 = for ever. */
  readonly timeouts: { readonly up: number; readonly down: number }
}

/** The graph of a configuration. */
export interface GraphModel {
  /** In start order. */
  readonly services: readonly GraphNode[]
  /** Names that stand for several: bundles, groups, programs of several processes. */
  readonly bundles: readonly { readonly name: string; readonly contents: readonly string[] }[]
}

/** Describes the graph. */
export function describeGraph(config: Pick<Config, 'graph' | 'groups' | 'oneshots'>): GraphModel {
  const { graph, oneshots } = config
  const once = new Map(oneshots.map((oneshot) => [unitId(oneshot.name, oneshot.name), oneshot]))
  const processes = [...activeGroups(config).flatMap((group) => group.processes), ...oneshots.map(({ up }) => up)]
  const settings = new Map(processes.map((process) => [unitId(process.group, process.name), process]))
  const writers = processes.filter(({ log_to: reader }) => reader !== undefined)
  const services = [...graph.needs].map(([unit, needs]): GraphNode => {
    const { autostart = false, essential = false, ready, log_to: reader } = settings.get(unit) ?? {}
    return {
      name: shown(unit),
      type: once.has(unit) ? 'oneshot' : 'longrun',
      dependencies: [...new Set(needs.map((need) => shown(need.unit)))],
      needs: needs.map((need) => ({ name: shown(need.unit), reached: need.reached })),
      allDependencies: withNeeds(graph, [unit])
        .filter((other) => other !== unit)
        .map(shown),
      producerFor: reader === undefined ? null : shown(reader),
      consumerFor: writers
        .filter((writer) => writer.log_to === unit)
        .map((writer) => shown(unitId(writer.group, writer.name))),
      autostart,
      essential,
      ready: ready !== undefined,
      timeouts: { up: once.get(unit)?.timeout_up ?? ready?.deadline ?? 0, down: once.get(unit)?.timeout_down ?? 0 },
    }
  })
  const isAlias = ([name, units]: readonly [string, readonly string[]]): boolean =>
    !name.includes(':') && !(units.length === 1 && units.every((unit) => shown(unit) === name))
  const bundles = [...graph.names].filter(isAlias).map(([name, units]) => ({ name, contents: units.map(shown) }))
  return { services, bundles }
}
