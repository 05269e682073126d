// What runs as a graph: every unit with what it needs, and the names that stand for several.

import { unitId } from '../../config/graph.ts'
import { shown } from '../plan/plan.ts'
import type { Operation } from './operations.ts'
import type { Controlled } from './supervised.ts'

/** A process or a oneshot. */
export interface GraphUnit {
  readonly name: string
  readonly kind: 'program' | 'oneshot'
  /** What it cannot be up without. */
  readonly needs: readonly string[]
  /** The program that reads its output. */
  readonly log_to: string | null
  readonly essential: boolean
  /** Whether something says when it is ready. */
  readonly has_readiness: boolean
  /** Seconds; 0 = for ever. */
  readonly timeout_up: number
  readonly timeout_down: number
  /** Whether it was brought up and not taken down since; one that gave up is. */
  readonly is_wanted: boolean
  /** Whether it is up or about to be. */
  readonly is_up: boolean
  /** What a oneshot runs; null for a program. */
  readonly up: readonly string[] | null
  readonly down: readonly string[] | null
}

/** The whole graph. */
export interface GraphObject {
  readonly services: readonly GraphUnit[]
  readonly bundles: readonly { readonly name: string; readonly contents: readonly string[] }[]
}

/** Every unit with what it needs, and the names of several. */
export const graph: Operation<object, GraphObject> = {
  summary: 'Every program and oneshot with what it needs, and the bundles, groups and programs of several processes',
  errors: [],
  run: (controlled) => {
    const { names } = controlled.supervisor.order.graph
    const bundles = [...names]
      .filter(
        ([name, units]) => !name.includes(':') && !(units.length === 1 && units.every((id) => shown(id) === name)),
      )
      .map(([name, units]) => ({ name, contents: units.map(shown) }))
    return { services: describeUnits(controlled), bundles }
  },
}

function describeUnits({ supervisor, configuration }: Controlled): GraphUnit[] {
  const needs = supervisor.order.graph.needs
  const once = new Map(configuration.last.oneshots.map((oneshot) => [oneshot.name, oneshot]))
  return supervisor.services().map((service) => {
    const { group, name, settings } = service
    const info = service.info()
    const oneshot = info.kind === 'oneshot' ? once.get(name) : undefined
    const needed = (needs.get(unitId(group, name)) ?? []).filter(({ reached }) => reached !== 'ordered')
    return {
      name: shown(unitId(group, name)),
      kind: info.kind,
      needs: [...new Set(needed.map(({ unit }) => shown(unit)))],
      log_to: settings.log_to === undefined ? null : shown(settings.log_to),
      essential: settings.essential,
      has_readiness: settings.ready !== undefined,
      timeout_up: oneshot?.timeout_up ?? settings.ready?.deadline ?? 0,
      timeout_down: oneshot?.timeout_down ?? 0,
      is_wanted: info.isUp || (info.kind === 'program' && info.state === 'fatal'),
      is_up: info.isUp,
      up: info.kind === 'oneshot' ? (settings.argv ?? []) : null,
      down: info.kind === 'oneshot' ? (oneshot?.down?.argv ?? []) : null,
    }
  })
}
