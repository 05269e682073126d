// The dependencies of a configuration for `kahi graph`: one object for each unit, with names as users write them.

import { isUnitId, showUnit, unitId } from '../../config/model/names.ts'
import type { Config } from '../../config/settings/config.ts'
import type { Reached } from '../../config/model/dependencies.ts'
import { withNeeds } from '../../config/graph/graph.ts'
import { activeGroups } from '../../runtime/plan/order.ts'

/** A process or a oneshot. */
export interface GraphNode {
  readonly name: string
  /** The words of s6-rc. */
  readonly type: 'longrun' | 'oneshot'
  /** Names of its dependencies. */
  readonly dependencies: readonly string[]
  /** The same, with the state that each must reach. */
  readonly needs: readonly { readonly name: string; readonly reached: Reached }[]
  /** All units that are started before it. */
  readonly allDependencies: readonly string[]
  /** The program that reads its output, and the programs whose output it reads. */
  readonly producerFor: string | null
  readonly consumerFor: readonly string[]
  readonly autostart: boolean
  readonly essential: boolean
  /** Whether it has a readiness check. */
  readonly ready: boolean
  /** Time limits in seconds until it is up, and until it is down; 0 = no limit. */
  readonly timeouts: { readonly up: number; readonly down: number }
}

/** The graph of a configuration. */
export interface GraphModel {
  /** In start order. */
  readonly services: readonly GraphNode[]
  /** Names of several units: bundles, groups, programs with several processes. */
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
      name: showUnit(unit),
      type: once.has(unit) ? 'oneshot' : 'longrun',
      dependencies: [...new Set(needs.map((need) => showUnit(need.unit)))],
      needs: needs.map((need) => ({ name: showUnit(need.unit), reached: need.reached })),
      allDependencies: withNeeds(graph, [unit])
        .filter((other) => other !== unit)
        .map(showUnit),
      producerFor: reader === undefined ? null : showUnit(reader),
      consumerFor: writers
        .filter((writer) => writer.log_to === unit)
        .map((writer) => showUnit(unitId(writer.group, writer.name))),
      autostart,
      essential,
      ready: ready !== undefined,
      timeouts: { up: once.get(unit)?.timeout_up ?? ready?.deadline ?? 0, down: once.get(unit)?.timeout_down ?? 0 },
    }
  })
  const isAlias = ([name, units]: readonly [string, readonly string[]]): boolean =>
    !isUnitId(name) && !(units.length === 1 && units.every((unit) => showUnit(unit) === name))
  const bundles = [...graph.names].filter(isAlias).map(([name, units]) => ({ name, contents: units.map(showUnit) }))
  return { services, bundles }
}
