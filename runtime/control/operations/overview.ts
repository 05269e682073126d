// The health of the whole: the daemon, its processes and its deliveries, in one answer for people and dashboards.

import { showUnit, unitId } from '../../../config/model/names.ts'
import type { Nothing, Operation } from './operation.ts'
import { health, pending } from './readiness.ts'
import type { HealthObject } from './shapes/daemon.ts'
import type { Controlled, ControlledService } from './supervised.ts'

/** The health of the whole. */
export const overview: Operation<Nothing, HealthObject> = {
  summary: 'The health of the daemon, its processes and its deliveries; always with status 200',
  errors: [],
  run: async (controlled) => {
    const own = await health.run(controlled, {})
    const services = controlled.supervisor.services()
    const failed = services.flatMap(failureOf)
    const unhealthy = services.flatMap(sicknessOf)
    const deliveries = failingDeliveries(controlled)
    const isWell = failed.length === 0 && unhealthy.length === 0 && deliveries.length === 0
    return {
      status: own === 'ok' && !isWell ? 'degraded' : own,
      version: controlled.version,
      pid: controlled.pid,
      processes: services.length,
      states: countStates(services),
      failed,
      unhealthy,
      pending: await pending.run(controlled, { processes: [] }),
      deliveries,
    }
  },
}

type Troubles = HealthObject['failed']

function nameOf({ group, name }: ControlledService): string {
  return showUnit(unitId(group, name))
}

function countStates(services: readonly ControlledService[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const service of services) {
    const state = service.info().state.toUpperCase()
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return Object.fromEntries(counts)
}

function failureOf(service: ControlledService): Troubles {
  const { state, exitStatus, spawnError, kind } = service.info()
  const hasEndedBadly =
    state === 'exited' && (kind === 'oneshot' ? spawnError !== '' : !service.settings.exitcodes.includes(exitStatus))
  const hasFailed = hasEndedBadly || state === 'fatal' || state === 'backoff' || state === 'unknown'
  if (!hasFailed && (state !== 'stopped' || spawnError === '')) return []
  const way = exitStatus < 0 ? 'it was ended by a signal' : `it exited with code ${exitStatus}`
  return [{ name: nameOf(service), problem: spawnError !== '' ? spawnError : way }]
}

function sicknessOf(service: ControlledService): Troubles {
  const { health: own, state } = service.info()
  return own?.status === 'unhealthy' && state === 'running' ? [{ name: nameOf(service), problem: own.problem }] : []
}

function failingDeliveries({ deliveries }: Controlled): Troubles {
  const webhooks = deliveries.webhookStatuses().map((one) => ({ ...one, name: `webhooks.${one.name}` }))
  const targets = deliveries.logTargetStatuses().map((one) => ({ ...one, name: `log_targets.${one.name}` }))
  return [...webhooks, ...targets].flatMap(({ name, lastError }) =>
    lastError === '' ? [] : [{ name, problem: lastError }],
  )
}
