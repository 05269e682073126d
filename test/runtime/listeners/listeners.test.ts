// Event listeners on a bus, with simulated processes: which listener gets which event, with which text, how often.

import { expect, test } from 'vitest'
import { DEFAULT_RESULT_HANDLER } from '../../../config/keys/event-listener.ts'
import type { EventName } from '../../../config/model/event-names.ts'
import { EventBus } from '../../../runtime/events/bus.ts'
import type { StateName } from '../../../runtime/events/event.ts'
import { Listeners } from '../../../runtime/listeners/listeners.ts'
import type { ProcessInput } from '../../../runtime/service/process/input.ts'
import { FakeClock, settle } from '../../helpers/fake-clock.ts'
import { RecordedLog, RecordedSink } from '../../helpers/recorder.ts'
import { group, processSettings } from '../../helpers/settings.ts'

/** A pool `l` of these processes, all of them running. */
function pool(
  events: readonly EventName[],
  { names = ['l'], buffer = 10, result_handler = DEFAULT_RESULT_HANDLER } = {},
) {
  const bus = new EventBus((error) => {
    throw error
  })
  const log = new RecordedLog()
  const clock = new FakeClock(1_700_000_003_000)
  const stdout = new RecordedSink()
  const listeners = new Listeners({ bus, log, clock, stdout, remember: () => {} })
  const role = { kind: 'listener', events, buffer_size: buffer, result_handler } as const
  const processes = names.map((name) => processSettings({ name, group: 'l', kind: 'listener' }))
  listeners.add(group('l', { role, processes }), 'supervisor')
  const heard: string[] = []
  let outcome: 'written' | 'closed' = 'written'
  const move = (name: string, to: StateName) =>
    bus.emit({ type: 'process-state', group: 'l', name, from: 'stopped', to, pid: 1, tries: 0, expected: false })
  for (const name of names) {
    const write = async (text: string) => {
      heard.push(names.length > 1 ? `${name} ${text}` : text)
      return outcome
    }
    listeners.connect('l', name, { write } as unknown as ProcessInput)
    move(name, 'starting')
    move(name, 'running')
  }
  return {
    bus,
    clock,
    listeners,
    log: log.lines,
    stdout,
    move,
    says: async (text: string | Buffer, name = names[0] ?? '') => {
      listeners.said('l', name, Buffer.from(text))
      await settle()
    },
    remote: (data: string) => bus.emit({ type: 'remote-communication', kind: 't', data }),
    refuse: () => {
      outcome = 'closed'
    },
    take: async () => {
      await settle()
      return heard.splice(0)
    },
  }
}

const header = (serial: number, name: string, length: number): string =>
  `ver:3.0 server:supervisor serial:${serial} pool:l poolserial:${serial} eventname:${name} len:${length}\n`

test('events wait until the process says READY; the next comes after its answer', async () => {
  const { says, remote, take } = pool(['REMOTE_COMMUNICATION'])
  remote('one')
  remote('two é')
  expect(await take()).toEqual([])
  await says('REA')
  await says('DY\n')
  expect(await take()).toEqual([`${header(0, 'REMOTE_COMMUNICATION', 10)}type:t\none`])
  await says('RESULT 2\nO')
  await says('KREADY')
  expect(await take()).toEqual([])
  await says('\n')
  expect(await take()).toEqual([`${header(1, 'REMOTE_COMMUNICATION', 12)}type:t\ntwo é`])
})

test.each([
  ['another answer', 'RESULT 4\nFAILREADY\n', 'warn l: event was rejected'],
  ['an empty answer', 'RESULT 0\nREADY\n', 'warn l: event was rejected'],
  ['a longer one that begins well', 'RESULT 3\nOK!READY\n', 'warn l: event was rejected'],
])('%s gives the event back, and it comes again', async (_, answer, line) => {
  const { says, remote, take, log } = pool(['REMOTE_COMMUNICATION'])
  remote('x')
  await says('READY\n')
  const [first] = await take()
  await says(answer)
  expect(await take()).toEqual([first])
  expect(log).toContain(line)
})

test.each([
  ['before READY', '', 'hello READY\n'],
  ['after READY', 'READY\n', 'READY\n'],
])('noise %s makes it UNKNOWN until its next start', async (_, before, noise) => {
  const { says, remote, take, log, move } = pool(['REMOTE_COMMUNICATION'])
  await says(before)
  await says(noise)
  remote('x')
  await says('READY\n')
  expect(await take()).toEqual([])
  expect(log.at(-1)).toMatch(/^warn l: has entered the UNKNOWN state and will no longer receive events/)
  move('l', 'starting')
  move('l', 'running')
  await says('READY\n')
  expect(await take()).toHaveLength(1)
})

test('a bad result line is reported, and another process gets the event', async () => {
  const { says, remote, take, log } = pool(['REMOTE_COMMUNICATION'], { names: ['a', 'b'] })
  remote('x')
  await says('READY\n', 'a')
  expect(await take()).toEqual([expect.stringMatching(/^a ver:3.0/)])
  await says('READY\n', 'b')
  await says('RESULT two\n', 'a')
  expect(await take()).toEqual([expect.stringMatching(/^b ver:3.0 .* serial:0 .*poolserial:0/)])
  expect(log).toContain("warn a: bad result line: 'RESULT two'")
})

test('each event goes to one process, the first that is free', async () => {
  const { says, remote, take } = pool(['REMOTE_COMMUNICATION'], { names: ['a', 'b', 'c'] })
  await says('READY\n', 'c')
  await says('READY\n', 'b')
  for (const data of ['1', '2', '3']) remote(data)
  expect((await take()).map((text) => text[0] + text.slice(-1))).toEqual(['b1', 'c2'])
})

test('when the buffer is full the oldest is dropped', async () => {
  const { says, remote, take, log } = pool(['REMOTE_COMMUNICATION'], { buffer: 2 })
  for (const data of ['1', '2', '3']) remote(data)
  expect(log).toContain('error pool l event buffer overflowed, discarding event 0')
  await says('READY\n')
  expect(await take()).toEqual([`${header(1, 'REMOTE_COMMUNICATION', 8)}type:t\n2`])
})

test.each(['exited', 'stopped'] as const)('who is %s while it works gives its event back', async (end) => {
  const { says, remote, take, move } = pool(['REMOTE_COMMUNICATION'])
  await says('READY\n')
  remote('x')
  const sent = await take()
  expect(sent).toHaveLength(1)
  move('l', end)
  move('l', 'starting')
  move('l', 'running')
  await says('READY\n')
  expect(await take()).toEqual(sent)
})

test('who does not read keeps no event', async () => {
  const { says, remote, take, move, refuse, log } = pool(['REMOTE_COMMUNICATION'])
  refuse()
  await says('READY\n')
  remote('x')
  expect(await take()).toHaveLength(1)
  expect(log.some((line) => line.includes('epipe occurred'))).toBe(true)
  move('l', 'exited')
  move('l', 'starting')
  move('l', 'running')
  await says('READY\n')
  expect(await take()).toHaveLength(1)
})

test('a name stands for all below it; payloads are those of supervisord', async () => {
  const { says, bus, take } = pool(['PROCESS_STATE', 'PROCESS_LOG', 'SUPERVISOR_STATE_CHANGE', 'PROCESS_GROUP'])
  const state = { type: 'process-state', group: 'g', name: 'p', pid: 7, tries: 2, expected: true } as const
  const output = { type: 'process-log', group: 'g', name: 'p', pid: 7, stream: 'stderr' } as const
  bus.emit({ ...state, from: 'backoff', to: 'starting' })
  bus.emit({ ...state, from: 'running', to: 'exited' })
  bus.emit({ ...state, from: 'backoff', to: 'fatal' })
  bus.emit({ ...output, data: Buffer.from([0x61, 0x27, 0xff]) })
  bus.emit({ ...output, type: 'process-communication', data: Buffer.from('not asked for') })
  bus.emit({ type: 'supervisor-state', state: 'stopping' })
  bus.emit({ type: 'group-removed', group: 'g' })
  const messages: string[] = []
  for (let count = 0; count < 8; count += 1) {
    await says(count === 0 ? 'READY\n' : 'RESULT 2\nOKREADY\n')
    messages.push(...(await take()).map((text) => text.replace(/^.*eventname:/, '')))
  }
  expect(messages.slice(2)).toEqual([
    'PROCESS_STATE_STARTING len:52\nprocessname:p groupname:g from_state:BACKOFF tries:2',
    'PROCESS_STATE_EXITED len:61\nprocessname:p groupname:g from_state:RUNNING expected:1 pid:7',
    'PROCESS_STATE_FATAL len:44\nprocessname:p groupname:g from_state:BACKOFF',
    `PROCESS_LOG_STDERR len:69\nprocessname:p groupname:g pid:7 channel:stderr\nUndecodable: b"a'\\xff"`,
    'SUPERVISOR_STATE_CHANGE_STOPPING len:0\n',
    'PROCESS_GROUP_REMOVED len:12\ngroupname:g\n',
  ])
})

test('ticks come when the wall clock enters a slice, and no timer is set without a listener for them', async () => {
  expect(pool(['PROCESS_STATE']).clock.pending).toBe(0)
  const { says, clock, take, listeners } = pool(['TICK'])
  await says('READY\n')
  await clock.advance(1999)
  expect(await take()).toEqual([])
  await clock.advance(1)
  expect(await take()).toEqual([`${header(0, 'TICK_5', 15)}when:1700000005`])
  await says('RESULT 2\nOKREADY\n')
  await clock.advance(35_000)
  expect(await take()).toEqual([`${header(1, 'TICK_5', 15)}when:1700000010`])
  listeners.remove('l')
  expect(clock.pending).toBe(0)
})

const answer = (text: string): string => `RESULT ${Buffer.byteLength(text)}\n${text}READY\n`
const HEAD = 'processname:web groupname:web pid:7 channel:stderr'

test.each([
  ['supervisor_stdout:event_handler', `${HEAD}\none\ntwö\n`, 'web stderr | one\nweb stderr | twö\n'],
  ['supervisor_console:event_handler', `${HEAD}\none`, 'web stderr | one\n'],
  ['supervisor_console.events:event_handler', `${HEAD}\n{processname}> {line}\none\ntwo\n`, 'web> one\nweb> two\n'],
  ['supervisor_stdout:event_handler', 'OK', ''],
  ['mine.handlers:judge', `${HEAD}\none\n`, ''],
  ['mine.handlers:judge', '', ''],
])('the result handler %s accepts every answer, and prints what the original prints', async (name, said, printed) => {
  const { says, remote, take, log, stdout } = pool(['REMOTE_COMMUNICATION'], { result_handler: name })
  remote('x')
  await says('READY\n')
  expect(await take()).toHaveLength(1)
  await says(answer(said))
  expect(await take()).toEqual([])
  expect(stdout.text).toBe(printed)
  expect(log.filter((line) => line.startsWith('warn'))).toEqual([])
})

test('an event that is refused again and again comes at once at first, then after pauses, and the log stays short', async () => {
  const { says, remote, take, log, clock } = pool(['REMOTE_COMMUNICATION'])
  remote('x')
  await says('READY\n')
  for (let refused = 0; refused < 5; refused += 1) {
    expect(await take()).toHaveLength(1)
    await says(answer('FAIL'))
  }
  expect(await take()).toHaveLength(1)
  const pauses: number[] = []
  for (let refused = 5; refused < 20; refused += 1) {
    await says(answer('FAIL'))
    const [startMs, waited] = [clock.nowMs(), async () => (await take()).length === 0]
    while (await waited()) await clock.advance(100)
    pauses.push(clock.nowMs() - startMs)
  }
  expect(pauses.slice(0, 9)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  expect(log.filter((line) => line.startsWith('warn'))).toEqual([
    ...Array.from({ length: 5 }, () => 'warn l: event was rejected'),
    'warn l: event was rejected, 10 times in a row',
  ])
  await says(answer('OK'))
  remote('y')
  await says('')
  expect(await take()).toHaveLength(1)
  await says(answer('FAIL'))
  expect(await take()).toHaveLength(1)
})

test('all is heard when each event is answered, or when no process is left that answers', async () => {
  const { listeners, says, remote, move } = pool(['REMOTE_COMMUNICATION'])
  const wait = async (): Promise<() => boolean> => {
    let isOver = false
    void listeners.heard('l').then(() => {
      isOver = true
    })
    await settle()
    return () => isOver
  }
  expect((await wait())()).toBe(true)
  remote('one')
  remote('two')
  await says('READY\n')
  const isOver = await wait()
  await says('RESULT 2\nOKREADY\n')
  expect(isOver()).toBe(false)
  await says('RESULT 2\nOK')
  expect(isOver()).toBe(true)
  remote('three')
  const isLeft = await wait()
  expect(isLeft()).toBe(false)
  move('l', 'exited')
  await settle()
  expect(isLeft()).toBe(true)
})
