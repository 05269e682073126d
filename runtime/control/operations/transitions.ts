// Verbs for any names of the configuration at once: bring up with all dependencies, take down with all dependents.
// Source: s6-rc 0.5.4.1, s6-rc change: -u, -d, -p, -t, -n.

import { splitUnitId, unitId } from '../../../config/model/names.ts'
import type { Graph } from '../../../config/model/dependencies.ts'
import { withNeeds } from '../../../config/graph/graph.ts'
import { nearest } from '../../../config/values/nearest.ts'
import { ControlError, ERRORS } from './errors.ts'
import { type Operation, refuseWhileStopping } from './operation.ts'
import type { Arrival, Controlled, StopOutcome, Timer } from './supervised.ts'
import { STOP_ERRORS } from './verbs.ts'
import type { TransitionResult } from './shapes/graph.ts'
import type { Outcome } from './shapes/process.ts'

/** A request for a transition. */
export interface Transition {
  /** Programs, oneshots, groups, bundles; `all` is everything. */
  readonly targets: readonly string[]
  /** Everything that the targets do not need is taken down before. */
  readonly only: boolean
  /** Only says what would be done. */
  readonly dryRun: boolean
  /** Answers when it is done, not when it has begun. */
  readonly wait: boolean
  /** Time limit for the answer in seconds, 0 = none. Steps that are not done then continue. */
  readonly timeoutSecs: number
}

/** Brings up the targets with all their dependencies. */
export const up: Operation<Transition, TransitionResult> = {
  summary: 'Brings up the targets with all their dependencies; answers when they are up and ready, or have failed',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, transition) => {
    const { graph } = ordered(controlled)
    const units = resolve(graph, transition.targets)
    return change(controlled, transition, { up: units, down: transition.only ? others(controlled, units) : [] })
  },
}

/** Takes down the targets with all their dependents. */
export const down: Operation<Omit<Transition, 'only'>, TransitionResult> = {
  summary: 'Takes down the targets after all their dependents; answers when they are down, or have failed',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, transition) =>
    change(controlled, transition, { up: [], down: resolve(ordered(controlled).graph, transition.targets) }),
}

function ordered(controlled: Controlled): Controlled['supervisor']['order'] {
  refuseWhileStopping(controlled)
  return controlled.supervisor.order
}

function resolve(graph: Graph, targets: readonly string[]): readonly string[] {
  return targets.flatMap((target) => {
    const units = target === 'all' ? [...graph.needs.keys()] : graph.names.get(target.replace(/:\*?$/, ''))
    if (units !== undefined) return units
    const close = nearest(target, [...graph.names.keys()])
    throw new ControlError('NOT_FOUND', `there is no "${target}"`, close && `did you mean "${close}"?`)
  })
}

/** All units that these do not need, except essential ones and their dependencies. */
function others({ supervisor }: Controlled, units: readonly string[]): readonly string[] {
  const { graph } = supervisor.order
  const essential = supervisor.services().filter((one) => one.settings.essential && one.info().isUp)
  const kept = new Set(withNeeds(graph, [...units, ...essential.map(({ group, name }) => unitId(group, name))]))
  return [...graph.needs.keys()].filter((unit) => !kept.has(unit))
}

interface Meant {
  readonly up: readonly string[]
  readonly down: readonly string[]
}

async function change(
  controlled: Controlled,
  { dryRun, wait, timeoutSecs }: Omit<Transition, 'targets' | 'only'>,
  meant: Meant,
): Promise<TransitionResult> {
  const { order } = controlled.supervisor
  const steps = [...order.stopPlan(meant.down), ...order.startPlan(meant.up)]
  if (dryRun) return { steps, services: [] }
  const limit = timeLimit(controlled, timeoutSecs)
  const work = controlled.helper.whileAnswering(carryOut(controlled, meant, limit.reached)).finally(limit.cancel)
  if (wait) return { steps, services: await work }
  work.catch((error: unknown) => controlled.reportBug(error))
  const status = { start: 'starting', stop: 'stopping' } as const
  return { steps, services: steps.map(({ unit, action }) => ({ ...splitUnitId(unit), status: status[action] })) }
}

/** Nothing is brought up when a unit could not be taken down. */
async function carryOut(controlled: Controlled, meant: Meant, limit: Promise<'timeout'>): Promise<readonly Outcome[]> {
  const { order } = controlled.supervisor
  const told = new Set([
    ...order.stopPlan(meant.down).map(({ unit }) => unit),
    ...(meant.up.length > 0 ? [] : meant.down),
  ])
  const stops = order.takeDown(meant.down)
  const downs = [...told].map(async (unit) => showStop(unit, await Promise.race([stops.get(unit) ?? limit, limit])))
  const stopped = await Promise.all(downs)
  if (stopped.some(({ status }) => status === 'error')) return stopped
  const begun = new Set(order.startPlan(meant.up).map(({ unit }) => unit))
  const ups = [...order.bringUp(meant.up)].map(async ([unit, arrival]) =>
    showStart(controlled, unit, begun.has(unit), await Promise.race([arrival, limit])),
  )
  return [...stopped, ...(await Promise.all(ups))]
}

function timeLimit({ clock }: Controlled, seconds: number): { reached: Promise<'timeout'>; cancel: () => void } {
  let timer: Timer | undefined
  const reached = new Promise<'timeout'>((resolve) => {
    if (seconds > 0) timer = clock.after(seconds * 1000, () => resolve('timeout'))
  })
  return { reached, cancel: () => timer?.cancel() }
}

function showStop(unit: string, outcome: StopOutcome | 'timeout'): Outcome {
  if (outcome === 'stopped') return { ...splitUnitId(unit), status: 'stopped' }
  if (outcome === 'not-running') return { ...splitUnitId(unit), status: 'unchanged' }
  const code = outcome === 'timeout' ? 'TIMEOUT' : STOP_ERRORS[outcome]
  return { ...splitUnitId(unit), status: 'error', code, error: ERRORS[code].text }
}

/** The result of a start. Why it failed is completed with the reason that the process itself gives. */
function showStart({ supervisor }: Controlled, unit: string, isNew: boolean, arrival: Arrival | 'timeout'): Outcome {
  const id = splitUnitId(unit)
  if (arrival === 'there') return { ...id, status: isNew ? 'started' : 'unchanged' }
  if (arrival === 'timeout') return { ...id, status: 'error', code: 'TIMEOUT', error: ERRORS.TIMEOUT.text }
  const detail = supervisor.find(id.group, id.name)?.info().spawnError ?? ''
  const error = [arrival.failed, ...(detail.includes(arrival.failed) ? [] : [detail])].filter(Boolean).join(': ')
  return { ...id, status: 'error', code: 'FAILED', error }
}
