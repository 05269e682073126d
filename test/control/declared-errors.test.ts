// Every endpoint answers every error that its row declares: with the status of the code, in the form of the OpenAPI document.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { ControlError, type ErrorCode, ERRORS } from '../../runtime/control/operations/errors.ts'
import { rows } from '../../runtime/control/rest/rows.ts'
import { scratch } from '../helpers/kahi.ts'
import { ask, open, unixServer } from './asking.ts'
import { control, type FakeControlled, fakeService, type FakeService } from './fakes.ts'

interface World {
  readonly controlled: FakeControlled
  readonly web: FakeService
  /** The values for names, processes and signals in the path, the query and the body. */
  readonly asked: { name: string; signal: string }
}

const BROKEN = new ConfigError([
  { severity: 'error', message: 'not so', place: { file: 'kahi.toml', line: 1, column: 1 } },
])
const FULL = Object.assign(new Error('full'), { code: 'ENOSPC' })

/** The programs that a client has added; `put` calls the given function. */
function dynamic({ controlled, web }: World, put: () => Promise<void> = async () => {}): void {
  const scale = async (name: string) => {
    await put()
    return name !== 'zz'
  }
  Object.assign(controlled.configuration, { dynamic: { put, scale, remove: async () => false } })
  Object.assign(web.settings, { dynamic: true })
}

/** The request that causes each error code. The test fails for a code that a row declares and that is missing here. */
const CAUSES: Partial<Record<ErrorCode, (world: World) => void>> = {
  NOT_FOUND: (world) => {
    dynamic(world)
    world.asked.name = 'zz'
  },
  UNAVAILABLE: ({ controlled }) => Object.assign(controlled.helper, { isAnswering: false }),
  SHUTTING_DOWN: ({ controlled }) => (controlled.phase = 'stopping'),
  BAD_SIGNAL: ({ asked }) => (asked.signal = 'NOPE'),
  NOT_RUNNING: ({ web }) => {
    web.state = 'stopped'
    web.stopOutcome = 'not-running'
  },
  STOP_FAILED: ({ web }) => (web.stopOutcome = 'failed'),
  ESSENTIAL: ({ web }) => Object.assign(web.settings, { essential: true }),
  ALREADY_STARTED: ({ web }) => (web.startOutcome = 'already-started'),
  SPAWN_ERROR: ({ web }) => (web.startOutcome = 'spawn-error'),
  NEEDS_FAILED: ({ web }) => (web.startOutcome = 'needs-failed'),
  NOT_READY: ({ web }) => (web.startOutcome = 'not-ready'),
  ABNORMAL_TERMINATION: ({ web }) => (web.startOutcome = 'abnormal-termination'),
  NO_FILE: ({ web }) => {
    web.startOutcome = { ok: false, reason: 'no-file', message: 'there is no x' }
    Object.assign(web, { input: { write: async () => 'closed' } })
  },
  NO_RELOAD: ({ web }) => Object.assign(web.settings, { reload_command: undefined }),
  NOT_EXECUTABLE: ({ web }) => (web.startOutcome = { ok: false, reason: 'not-executable', message: 'x is a text' }),
  NO_LOG: ({ web }) => (web.text = undefined),
  FAILED: ({ web }) => {
    web.clearError = new Error('the file system is read-only')
    Object.assign(web, { input: { write: async () => 'full' }, runBeside: async () => ({ code: 1 }) })
  },
  CANT_REREAD: ({ controlled }) => {
    const fail = () => Promise.reject(BROKEN)
    Object.assign(controlled.configuration, { reread: fail, inForce: fail, preview: fail, apply: fail })
  },
  CONFLICT: ({ controlled }) =>
    Object.assign(controlled, { upgrade: () => Promise.reject(new ControlError('CONFLICT', 'no helper')) }),
  BAD_ARGUMENTS: (world) => dynamic(world, () => Promise.reject(BROKEN)),
  NO_SPACE: (world) => dynamic(world, () => Promise.reject(FULL)),
}

function bodyOf(method: string, path: string, { name, signal }: World['asked']): string {
  if (path.endsWith('/signal')) return JSON.stringify({ signal })
  if (path.endsWith('/up') || path.endsWith('/down')) return JSON.stringify({ targets: [name] })
  if (path.endsWith('/scale')) return '{"numprocs":2}'
  if (path.endsWith('/stdin')) return '{"text":"x"}'
  return method === 'PUT' ? '{"command":"true"}' : ''
}

function queryOf(path: string, { name }: World['asked']): string {
  if (path === '/readyz') return `?process=${name}`
  return path.startsWith('/api/v1/logs') ? `?processes=${name}` : ''
}

const declared = Object.entries(rows).flatMap(([key, { operation }]) => operation.errors.map((code) => ({ key, code })))

test('errors are declared', () => expect(declared.length).toBeGreaterThan(60))

test.each(declared)('$key: $code', async ({ key, code }) => {
  const web = fakeService('web', 'web', 'running')
  const world: World = { controlled: control([web]), web, asked: { name: 'web', signal: 'HUP' } }
  const cause = CAUSES[code]
  expect(cause, `no cause of ${code} is written here`).toBeDefined()
  cause?.(world)
  const socketPath = join(scratch(), 's')
  await open([unixServer(socketPath)], world.controlled)
  const [method = '', path = ''] = key.split(' ')
  const url = path.replace(/\{(name|group)\}/, world.asked.name).replace('{stream}', 'stdout')
  const query = queryOf(path, world.asked)
  const answer = await ask({ socketPath }, url + query, { method, body: bodyOf(method, path, world.asked) })
  expect(JSON.parse(answer.body)).toMatchObject({ code })
  expect(answer.status).toBe(ERRORS[code].status)
})
