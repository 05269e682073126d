// The operations of control on a supervisor that consists of plain objects.

import { expect, test } from 'vitest'
import { ControlError } from '../../runtime/control/operations/errors.ts'
import * as daemonVerbs from '../../runtime/control/operations/daemon.ts'
import * as groupVerbs from '../../runtime/control/operations/groups.ts'
import * as logVerbs from '../../runtime/control/operations/logs.ts'
import * as processVerbs from '../../runtime/control/operations/processes.ts'
import { pending } from '../../runtime/control/operations/readiness.ts'
import { control, fakeService } from './fakes.ts'

async function codeOf(work: unknown): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof ControlError) return error.code
    throw error
  }
}

const operations = { ...daemonVerbs, ...groupVerbs, ...logVerbs, ...processVerbs }

const start = (name: string, wait: boolean, controlled = control([])) =>
  Promise.resolve().then(() => operations.start.run(controlled, { name, wait }))

test('a process is shown with whole seconds and the state codes of supervisord', async () => {
  const controlled = control([fakeService('web', 'web', 'running')])
  expect(await operations.get.run(controlled, { name: 'web' })).toEqual({
    name: 'web',
    group: 'web',
    dynamic: false,
    kind: 'program',
    ready: null,
    waiting_for: [],
    state: 'RUNNING',
    statecode: 20,
    pid: 4711,
    uptime: 10,
    start: 1000,
    stop: 0,
    now: 1010,
    description: 'pid 4711, uptime 0:00:10',
    exitstatus: 0,
    spawnerr: '',
    survivors: [],
    deaths: [],
    health: null,
    status_text: '',
    stdout_logfile: '/log',
    stderr_logfile: '',
  })
})

test.each([
  ['stopped', 0],
  ['starting', 10],
  ['running', 20],
  ['backoff', 30],
  ['stopping', 40],
  ['exited', 100],
  ['fatal', 200],
  ['unknown', 1000],
] as const)('%s has the code %i', async (state, code) => {
  const [shown] = await operations.list.run(control([fakeService('a', 'a', state)]), {})
  expect(shown).toMatchObject({ state: state.toUpperCase(), statecode: code })
})

test.each([
  ['already-started', 'ALREADY_STARTED'],
  ['spawn-error', 'SPAWN_ERROR'],
  ['abnormal-termination', 'ABNORMAL_TERMINATION'],
  [{ ok: false, reason: 'no-file', message: 'gone' }, 'NO_FILE'],
  [{ ok: false, reason: 'not-executable', message: 'why' }, 'NOT_EXECUTABLE'],
  ['started', 'none'],
] as const)('a start that ends as %j gives %s', async (outcome, code) => {
  const service = fakeService('a', 'a')
  service.startOutcome = outcome
  expect(await codeOf(start('a', true, control([service])))).toBe(code)
  expect(await codeOf(start('a', false, control([service])))).toBe(code)
})

test('without wait a start answers at once', async () => {
  const service = fakeService('a', 'a')
  service.startOutcome = new Promise(() => {})
  expect(await start('a', false, control([service]))).toEqual({ name: 'a', group: 'a', status: 'started' })
})

test('a bug in a start without a waiting client is reported', async () => {
  const service = fakeService('a', 'a')
  const broken = Promise.reject(new Error('broken'))
  service.startOutcome = broken
  const controlled = control([service])
  await expect(start('a', false, controlled)).rejects.toThrow('broken')
  expect(controlled.bugs).toHaveLength(1)
})

test('names: group:name, name of a group, the only process of a name', async () => {
  const controlled = control([fakeService('g', 'a'), fakeService('g', 'b'), fakeService('h', 'b')])
  expect(await operations.get.run(controlled, { name: 'g:a' })).toMatchObject({ group: 'g', name: 'a' })
  expect(await operations.get.run(controlled, { name: 'a' })).toMatchObject({ group: 'g', name: 'a' })
  for (const name of ['b', 'g:*', 'g:', 'g:c', 'g', '']) {
    expect(await codeOf(Promise.resolve().then(() => operations.get.run(controlled, { name })))).toBe('NOT_FOUND')
  }
})

test('a group is started where it does not run, stopped where it runs, signalled where it has a process', async () => {
  const states = ['stopped', 'starting', 'running', 'backoff', 'stopping', 'exited', 'fatal', 'unknown'] as const
  const services = states.map((state) => fakeService('g', state, state))
  const controlled = control(services)
  const namesOf = (outcomes: readonly { name: string }[]) => outcomes.map(({ name }) => name)
  const group = 'g'
  expect(namesOf(await operations.startGroup.run(controlled, { group, wait: true }))).toEqual([
    'stopped',
    'stopping',
    'exited',
    'fatal',
    'unknown',
  ])
  expect(namesOf(await operations.stopGroup.run(controlled, { group, wait: true }))).toEqual([
    'starting',
    'running',
    'backoff',
  ])
  expect(namesOf(await operations.signalGroup.run(controlled, { group, signal: 'USR1' }))).toEqual([
    'starting',
    'running',
    'stopping',
  ])
})

test('one failure in a group does not hide the others', async () => {
  const [a, b] = [fakeService('g', 'a'), fakeService('g', 'b')]
  a.startOutcome = { ok: false, reason: 'no-file', message: "can't find command 'x'" }
  const outcomes = await operations.startGroup.run(control([a, b]), { group: 'g', wait: true })
  expect(outcomes).toEqual([
    {
      name: 'a',
      group: 'g',
      status: 'error',
      code: 'NO_FILE',
      error: 'process g:a: no such file',
      hint: "can't find command 'x'",
    },
    { name: 'b', group: 'g', status: 'started' },
  ])
})

test('a restart stops first, and starts what did not run', async () => {
  const service = fakeService('a', 'a', 'running')
  await operations.restart.run(control([service]), { name: 'a', wait: true })
  service.stopOutcome = 'not-running'
  await operations.restart.run(control([service]), { name: 'a', wait: true })
  expect(service.calls).toEqual(['stop', 'start', 'stop', 'start'])
})

test.each([
  ['HUP', 'none'],
  ['sigterm', 'none'],
  ['9', 'none'],
  ['RTMIN+1', 'none'],
  ['NOPE', 'BAD_SIGNAL'],
  ['65', 'BAD_SIGNAL'],
])('signal %s gives %s', async (signal, code) => {
  const controlled = control([fakeService('a', 'a', 'running')])
  expect(await codeOf(operations.signal.run(controlled, { name: 'a', signal }))).toBe(code)
})

test('a process without a process gets no signal', async () => {
  const controlled = control([fakeService('a', 'a', 'backoff')])
  expect(await codeOf(operations.signal.run(controlled, { name: 'a', signal: 'HUP' }))).toBe('NOT_RUNNING')
})

test('while the daemon stops, nothing is changed and a second shutdown is refused', async () => {
  const service = fakeService('a', 'a', 'running')
  const controlled = control([service])
  expect(await operations.shutdown.run(controlled, {})).toEqual({ status: 'shutting_down' })
  expect(controlled.hasShutDown).toBe(true)
  controlled.phase = 'stopping'
  const wait = true
  const attempts: readonly (() => unknown)[] = [
    () => operations.start.run(controlled, { name: 'a', wait }),
    () => operations.stop.run(controlled, { name: 'a', wait }),
    () => operations.restart.run(controlled, { name: 'a', wait }),
    () => operations.signal.run(controlled, { name: 'a', signal: 'HUP' }),
    () => operations.stopGroup.run(controlled, { group: undefined, wait }),
    () => operations.shutdown.run(controlled, {}),
  ]
  for (const attempt of attempts) expect(await codeOf(Promise.resolve().then(attempt))).toBe('SHUTTING_DOWN')
  expect(service.calls).toEqual([])
})

test('logs: the end, all, none', async () => {
  const service = fakeService('a', 'a')
  service.text = 'hello'
  const controlled = control([service])
  const read = (length: number) =>
    operations.readLog.run(controlled, { name: 'a', stream: 'stdout', length, room: async () => {} })
  expect(String(await read(2))).toBe('lo')
  expect(String(await read(0))).toBe('hello')
  service.text = undefined
  expect(await codeOf(Promise.resolve().then(() => read(2)))).toBe('NO_LOG')
})

test('ready: all with autostart have settled, or those named are up', async () => {
  const services = [fakeService('a', 'a', 'running'), fakeService('b', 'b', 'starting'), fakeService('c', 'c', 'fatal')]
  const controlled = control(services)
  expect(await pending.run(controlled, { processes: [] })).toEqual(['b'])
  expect(await pending.run(controlled, { processes: ['a', 'c'] })).toEqual(['c'])
  for (const service of services) service.state = 'exited'
  expect(await pending.run(controlled, { processes: ['a', 'b', 'c'] })).toEqual([])
})
