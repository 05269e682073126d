// Handlers for the daemon itself: its version, its end, and what probes ask.

import { boot } from '../boot.ts'
import { apply } from '../configuration.ts'
import { graph } from '../graph.ts'
import { shutdown, upgrade, version } from '../operations.ts'
import { health, pending } from '../readiness.ts'
import { bodyFlag, type Call, json, type Reply } from './reply.ts'

/** GET /api/v1/version */
export async function getVersion(call: Call): Promise<Reply> {
  return json(await version.run(call.controlled, {}))
}

/** POST /api/v1/shutdown */
export async function postShutdown(call: Call): Promise<Reply> {
  return json(await shutdown.run(call.controlled, {}))
}

/** GET /api/v1/boot */
export async function getBoot(call: Call): Promise<Reply> {
  return json(await boot.run(call.controlled, {}))
}

/** GET /api/v1/graph */
export async function getGraph(call: Call): Promise<Reply> {
  return json(await graph.run(call.controlled, {}))
}

/** POST /api/v1/apply, with `{"dry_run": true}` to change nothing */
export async function postApply(call: Call): Promise<Reply> {
  return json(await apply.run(call.controlled, { dryRun: bodyFlag(call, 'dry_run', false) }))
}

/** POST /api/v1/upgrade */
export async function postUpgrade(call: Call): Promise<Reply> {
  const { from, to, proceed } = await upgrade.run(call.controlled, {})
  proceed()
  return json({ status: 'upgrading', from, to })
}

/** GET /healthz */
export async function getHealth(call: Call): Promise<Reply> {
  const isHealthy = await health.run(call.controlled, {})
  return isHealthy ? json({ status: 'ok' }) : json({ status: 'shutting_down' }, 503)
}

/** GET /readyz?process=a,b */
export async function getReadiness(call: Call): Promise<Reply> {
  const processes = (call.query.get('process') ?? '').split(',').filter((name) => name !== '')
  const waitedFor = await pending.run(call.controlled, { processes })
  if (waitedFor.length === 0) return json({ status: 'ready' })
  return json({ status: 'not_ready', pending: waitedFor }, 503)
}
