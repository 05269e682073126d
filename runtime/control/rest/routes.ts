// The REST endpoints, one row each. A path's parts in braces are handed to the handler by name.

import {
  getBoot,
  getGraph,
  getHealth,
  getReadiness,
  getVersion,
  postApply,
  postShutdown,
  postUpgrade,
} from './daemon.ts'
import { listGroups, restartGroupOf, signalGroupOf, startGroupOf, stopGroupOf } from './groups.ts'
import { streamLog, tailLog } from './logs.ts'
import { getProcess, listProcesses, restartProcess, signalProcess, startProcess, stopProcess } from './processes.ts'
import { deleteProgramOf, putProgramOf } from './programs.ts'
import type { Call, Reply } from './reply.ts'
import { postDown, postUp } from './transitions.ts'

/** An endpoint. `open` ones need no credentials. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly access: 'open' | 'credentials'
  readonly handle: (call: Call) => Promise<Reply>
}

const process = '/api/v1/processes/{name}'
const group = '/api/v1/groups/{group}'
const program = '/api/v1/programs/{name}'

/** All endpoints. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/healthz', access: 'open', handle: getHealth },
  { method: 'GET', path: '/readyz', access: 'open', handle: getReadiness },
  { method: 'GET', path: '/api/v1/processes', access: 'credentials', handle: listProcesses },
  { method: 'GET', path: process, access: 'credentials', handle: getProcess },
  { method: 'POST', path: `${process}/start`, access: 'credentials', handle: startProcess },
  { method: 'POST', path: `${process}/stop`, access: 'credentials', handle: stopProcess },
  { method: 'POST', path: `${process}/restart`, access: 'credentials', handle: restartProcess },
  { method: 'POST', path: `${process}/signal`, access: 'credentials', handle: signalProcess },
  { method: 'GET', path: `${process}/log/{stream}`, access: 'credentials', handle: tailLog },
  { method: 'GET', path: `${process}/log/{stream}/stream`, access: 'credentials', handle: streamLog },
  { method: 'GET', path: '/api/v1/groups', access: 'credentials', handle: listGroups },
  { method: 'POST', path: `${group}/start`, access: 'credentials', handle: startGroupOf },
  { method: 'POST', path: `${group}/stop`, access: 'credentials', handle: stopGroupOf },
  { method: 'POST', path: `${group}/restart`, access: 'credentials', handle: restartGroupOf },
  { method: 'POST', path: `${group}/signal`, access: 'credentials', handle: signalGroupOf },
  { method: 'POST', path: '/api/v1/up', access: 'credentials', handle: postUp },
  { method: 'POST', path: '/api/v1/down', access: 'credentials', handle: postDown },
  { method: 'POST', path: '/api/v1/apply', access: 'credentials', handle: postApply },
  { method: 'GET', path: '/api/v1/graph', access: 'credentials', handle: getGraph },
  { method: 'GET', path: '/api/v1/boot', access: 'credentials', handle: getBoot },
  { method: 'PUT', path: program, access: 'credentials', handle: putProgramOf },
  { method: 'DELETE', path: program, access: 'credentials', handle: deleteProgramOf },
  { method: 'POST', path: '/api/v1/shutdown', access: 'credentials', handle: postShutdown },
  { method: 'POST', path: '/api/v1/upgrade', access: 'credentials', handle: postUpgrade },
  { method: 'GET', path: '/api/v1/version', access: 'credentials', handle: getVersion },
]
