// Verbs on any names of the configuration at once: bring up with all that is needed, take down with all that needs it.
// Source: s6-rc 0.5.4.1, s6-rc change: -u, -d, -p, -t, -n.

import type { Graph } from '../../config/dependencies.ts'
import { unitId, withNeeds } from '../../config/graph.ts'
import { nearest } from '../../config/nearest.ts'
import type { Step } from '../plan/plan.ts'
import type { Arrival } from '../plan/sequencer.ts'
import type { StopOutcome } from '../service/context.ts'
import type { Timer } from '../system/clock.ts'
import { ControlError, ERRORS } from './errors.ts'
import type { Operation } from './operations.ts'
import type { Controlled } from './supervised.ts'
import { type Outcome, STOP_ERRORS } from './verbs.ts'

/** What is asked for. */
export interface Transition {
  /** Programs, oneshots, groups, bundles; `all` is everything. */
  readonly targets: readonly string[]
  /** Everything that the targets do not need is taken down before. */
  readonly only: boolean
  /** Says what would be done. */
  readonly dryRun: boolean
  /** Answers when it is done, not when it has begun. */
  readonly wait: boolean
  /** How long that may take in seconds, 0 = for ever; what is not done then goes on. */
  readonly timeoutSecs: number
}

/** The steps, stops first, and how it went for each unit that was meant; nothing of that when it was not done. */
export interface TransitionResult {
  readonly steps: readonly Step[]
  readonly services: readonly Outcome[]
}

/** Brings up what the targets name, with all that they need. */
export const up: Operation<Transition, TransitionResult> = {
  summary: 'Brings up what the targets name, with all that is needed; answers when it is up and ready, or has failed',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN'],
  run: (controlled, transition) => {
    const { graph } = ordered(controlled)
    const units = resolve(graph, transition.targets)
    return change(controlled, transition, { up: units, down: transition.only ? others(controlled, units) : [] })
  },
}

/** Takes down what the targets name, with all that needs them. */
export const down: Operation<Omit<Transition, 'only'>, TransitionResult> = {
  summary: 'Takes down what the targets name, after all that needs them; answers when it is down, or has failed',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN'],
  run: (controlled, transition) =>
    change(controlled, transition, { up: [], down: resolve(ordered(controlled).graph, transition.targets) }),
}

function ordered({ supervisor }: Controlled): Controlled['supervisor']['order'] {
  if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
  return supervisor.order
}

function resolve(graph: Graph, targets: readonly string[]): readonly string[] {
  return targets.flatMap((target) => {
    const units = target === 'all' ? [...graph.needs.keys()] : graph.names.get(target.replace(/:\*?$/, ''))
    if (units !== undefined) return units
    const close = nearest(target, [...graph.names.keys()])
    throw new ControlError('NOT_FOUND', `there is no "${target}"`, close && `did you mean "${close}"?`)
  })
}

/** All that these do not need, but what is essential and what that needs. */
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
  const work = carryOut(controlled, meant, limit.reached).finally(limit.cancel)
  if (wait) return { steps, services: await work }
  work.catch((error: unknown) => controlled.reportBug(error))
  const status = { start: 'starting', stop: 'stopping' } as const
  return { steps, services: steps.map(({ unit, action }) => ({ ...named(unit), status: status[action] })) }
}

/** Nothing is brought up when something could not be taken down. */
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
  if (outcome === 'stopped') return { ...named(unit), status: 'stopped' }
  if (outcome === 'not-running') return { ...named(unit), status: 'unchanged' }
  const code = outcome === 'timeout' ? 'TIMEOUT' : STOP_ERRORS[outcome]
  return { ...named(unit), status: 'error', code, error: ERRORS[code].text }
}

/** What it was that did not come up is said with what the process itself left to be said. */
function showStart({ supervisor }: Controlled, unit: string, isNew: boolean, arrival: Arrival | 'timeout'): Outcome {
  const id = named(unit)
  if (arrival === 'there') return { ...id, status: isNew ? 'started' : 'unchanged' }
  if (arrival === 'timeout') return { ...id, status: 'error', code: 'TIMEOUT', error: ERRORS.TIMEOUT.text }
  const detail = supervisor.find(id.group, id.name)?.info().spawnError ?? ''
  const error = [arrival.failed, ...(detail.includes(arrival.failed) ? [] : [detail])].filter(Boolean).join(': ')
  return { ...id, status: 'error', code: 'FAILED', error }
}

function named(unit: string): { readonly group: string; readonly name: string } {
  const colon = unit.indexOf(':')
  return { group: unit.slice(0, colon), name: unit.slice(colon + 1) }
}
