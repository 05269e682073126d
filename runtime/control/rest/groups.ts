// Handlers for groups.

import { groups, restartGroup, signalGroup, startGroup, stopGroup } from '../operations.ts'
import { bodyText, type Call, json, pathPart, queryFlag, type Reply } from './reply.ts'

/** GET /api/v1/groups */
export async function listGroups(call: Call): Promise<Reply> {
  return json(await groups.run(call.controlled, {}))
}

/** POST /api/v1/groups/{group}/start */
export function startGroupOf(call: Call): Promise<Reply> {
  return change(call, startGroup, 'started')
}

/** POST /api/v1/groups/{group}/stop */
export function stopGroupOf(call: Call): Promise<Reply> {
  return change(call, stopGroup, 'stopped')
}

/** POST /api/v1/groups/{group}/restart */
export function restartGroupOf(call: Call): Promise<Reply> {
  return change(call, restartGroup, 'restarted')
}

/** POST /api/v1/groups/{group}/signal with `{"signal": "HUP"}` */
export async function signalGroupOf(call: Call): Promise<Reply> {
  const group = pathPart(call, 'group')
  const processes = await signalGroup.run(call.controlled, { group, signal: bodyText(call, 'signal') })
  return json({ group, status: 'signaled', processes })
}

/** `status` is what was asked for; `processes` says how it went for each. */
async function change(call: Call, operation: typeof startGroup, status: string): Promise<Reply> {
  const group = pathPart(call, 'group')
  const how = { wait: queryFlag(call, 'wait', false), alone: queryFlag(call, 'alone', false) }
  const processes = await operation.run(call.controlled, { group, ...how })
  return json({ group, status, processes })
}
