// Handlers for processes. The name `all` in place of a process means every process.

import {
  get,
  list,
  restart,
  restartGroup,
  signal,
  signalGroup,
  start,
  startGroup,
  stop,
  stopGroup,
} from '../operations.ts'
import { bodyText, type Call, json, pathPart, queryFlag, type Reply } from './reply.ts'

const ALL = 'all'

/** GET /api/v1/processes */
export async function listProcesses(call: Call): Promise<Reply> {
  return json(await list.run(call.controlled, {}))
}

/** GET /api/v1/processes/{name} */
export async function getProcess(call: Call): Promise<Reply> {
  return json(await get.run(call.controlled, { name: pathPart(call, 'name') }))
}

/** POST /api/v1/processes/{name}/start */
export function startProcess(call: Call): Promise<Reply> {
  return change(call, start, startGroup)
}

/** POST /api/v1/processes/{name}/stop */
export function stopProcess(call: Call): Promise<Reply> {
  return change(call, stop, stopGroup)
}

/** POST /api/v1/processes/{name}/restart */
export function restartProcess(call: Call): Promise<Reply> {
  return change(call, restart, restartGroup)
}

/** POST /api/v1/processes/{name}/signal with `{"signal": "HUP"}` */
export async function signalProcess(call: Call): Promise<Reply> {
  const name = pathPart(call, 'name')
  const parameters = { signal: bodyText(call, 'signal') }
  if (name === ALL) return json(await signalGroup.run(call.controlled, { ...parameters, group: undefined }))
  return json(await signal.run(call.controlled, { ...parameters, name }))
}

async function change(call: Call, one: typeof start, all: typeof startGroup): Promise<Reply> {
  const name = pathPart(call, 'name')
  const how = { wait: queryFlag(call, 'wait', false), alone: queryFlag(call, 'alone', false) }
  if (name === ALL) return json(await all.run(call.controlled, { group: undefined, ...how }))
  return json(await one.run(call.controlled, { name, ...how }))
}
