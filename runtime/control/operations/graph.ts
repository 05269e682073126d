// The graph of dependencies: every unit with its dependencies, and the names that stand for several units.

import { isUnitId, showUnit, unitId } from '../../../config/model/names.ts'
import type { Operation } from './operation.ts'
import type { GraphObject } from './shapes/graph.ts'
import type { Controlled } from './supervised.ts'

/** Every unit with its dependencies, and the names that stand for several units. */
export const graph: Operation<object, GraphObject> = {
  summary: 'Every program and oneshot with its dependencies, and the bundles, groups and programs of several processes',
  errors: [],
  run: (controlled) => {
    const { names } = controlled.supervisor.order.graph
    const bundles = [...names]
      .filter(([name, units]) => !isUnitId(name) && !(units.length === 1 && units.every((id) => showUnit(id) === name)))
      .map(([name, units]) => ({ name, contents: units.map(showUnit) }))
    return { services: describeUnits(controlled), bundles }
  },
}

function describeUnits({ supervisor, configuration }: Controlled): GraphObject['services'] {
  const needs = supervisor.order.graph.needs
  const once = new Map(configuration.last.oneshots.map((oneshot) => [oneshot.name, oneshot]))
  return supervisor.services().map((service) => {
    const { group, name, settings } = service
    const info = service.info()
    const oneshot = info.kind === 'oneshot' ? once.get(name) : undefined
    const needed = (needs.get(unitId(group, name)) ?? []).filter(({ reached }) => reached !== 'ordered')
    return {
      name: showUnit(unitId(group, name)),
      kind: info.kind,
      needs: [...new Set(needed.map(({ unit }) => showUnit(unit)))],
      log_to: settings.log_to === undefined ? null : showUnit(settings.log_to),
      essential: settings.essential,
      has_readiness: settings.ready !== undefined,
      has_health: settings.health !== undefined,
      timeout_up: oneshot?.timeout_up ?? settings.ready?.deadline ?? 0,
      timeout_down: oneshot?.timeout_down ?? 0,
      is_dynamic: settings.dynamic,
      is_wanted: info.isUp || (info.kind === 'program' && info.state === 'fatal'),
      is_up: info.isUp,
      up: info.kind === 'oneshot' ? (settings.argv ?? []) : null,
      down: info.kind === 'oneshot' ? (oneshot?.down?.argv ?? []) : null,
    }
  })
}
