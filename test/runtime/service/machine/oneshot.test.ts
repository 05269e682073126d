// The state machine of a oneshot, row by row. Every transition leads to a state that its cell lists.

import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ONESHOT_MACHINE,
  type OneshotCell,
  type OneshotEvent,
  type OneshotPolicy,
  type OneshotState,
  stepOneshot,
} from '../../../../runtime/service/machine/oneshot-machine.ts'
import { deathBy, exitCode } from '../../../helpers/fake-shim.ts'

const POLICY: OneshotPolicy = {
  name: 'o',
  has: { up: true, down: true },
  timeoutSecs: { up: 0, down: 0 },
  stopsignal: 15,
  stopwaitsecs: 10,
  automatic: true,
}
const EVENTS: readonly OneshotEvent[] = [
  { type: 'start' },
  { type: 'stop' },
  { type: 'restart' },
  { type: 'kill' },
  { type: 'spawned', pid: 7 },
  { type: 'spawn-failed', message: 'no' },
  { type: 'exited', status: exitCode(0) },
  { type: 'exited', status: exitCode(1) },
  { type: 'exited', status: deathBy(15) },
  { type: 'timer' },
]

const down: OneshotState = { name: 'down', failure: '' }
const up: OneshotState = { name: 'up' }
const spawning = (way: 'up' | 'down', stopped = false): OneshotState => ({ name: 'spawning', way, stopped })
const running = (way: 'up' | 'down'): OneshotState => ({ name: 'running', way, pid: 7 })
const ending = (way: 'up' | 'down', why: 'stop' | 'timeout'): OneshotState => ({ name: 'ending', way, pid: 7, why })
const exit = (code: number): OneshotEvent => ({ type: 'exited', status: exitCode(code) })
const failed = (failure: string): OneshotState => ({ name: 'down', failure })

const again = (state: OneshotState, thenStart = true): OneshotState => ({ ...state, thenStart }) as OneshotState

test.each<[string, OneshotState, OneshotEvent, OneshotState, Partial<OneshotPolicy>?]>([
  ['up is run', down, { type: 'start' }, spawning('up')],
  ['without up it is up at once', down, { type: 'start' }, up, { has: { up: false, down: false } }],
  ['a failed one may be tried again', failed('x'), { type: 'start' }, spawning('up')],
  ['up that ends well', running('up'), exit(0), up],
  ['up that fails', running('up'), exit(3), failed('up failed: exit status 3')],
  ['up that cannot be run', spawning('up'), { type: 'spawn-failed', message: 'x' }, failed('up failed: x')],
  ['up that takes too long', running('up'), { type: 'timer' }, ending('up', 'timeout')],
  ['and ends well all the same', ending('up', 'timeout'), exit(0), failed('up failed: took longer than 0 seconds')],
  ['a stop while up is asked for', spawning('up'), { type: 'stop' }, spawning('up', true)],
  ['which then exists', spawning('up', true), { type: 'spawned', pid: 7 }, ending('up', 'stop')],
  ['a stop while up runs', running('up'), { type: 'stop' }, ending('up', 'stop')],
  ['which had just ended well: what was done is undone', ending('up', 'stop'), exit(0), spawning('down')],
  ['and otherwise is down', ending('up', 'stop'), exit(1), down],
  ['down is run', up, { type: 'stop' }, spawning('down')],
  ['without down it is down at once', up, { type: 'stop' }, down, { has: { up: true, down: false } }],
  ['down that ends well', running('down'), exit(0), down],
  ['down that fails leaves it up', running('down'), exit(1), up],
  ['a stop changes nothing while down runs', running('down'), { type: 'stop' }, running('down')],
  ['a kill of what is up runs nothing', up, { type: 'kill' }, down],
  ['a kill while down runs', running('down'), { type: 'kill' }, ending('down', 'stop')],
  ['after which it counts as down', ending('down', 'stop'), { type: 'exited', status: deathBy(9) }, down],
  ['a restart of what is up runs down', up, { type: 'restart' }, again(spawning('down'))],
  ['which is asked for', again(spawning('down')), { type: 'spawned', pid: 7 }, again(running('down'))],
  ['and up after it', again(running('down')), exit(0), spawning('up')],
  ['but not when down has failed', again(running('down')), exit(1), up],
  ['a stop meanwhile leaves it down', again(running('down')), { type: 'stop' }, again(running('down'), false)],
  ['a restart of what is down runs up', failed('x'), { type: 'restart' }, spawning('up')],
  ['a restart without commands', up, { type: 'restart' }, up, { has: { up: false, down: false } }],
  ['a restart while up runs ends that', running('up'), { type: 'restart' }, again(ending('up', 'stop'))],
  ['and runs it anew', again(ending('up', 'stop')), { type: 'exited', status: deathBy(15) }, spawning('up')],
  ['after down where it had just ended well', again(ending('up', 'stop')), exit(0), again(spawning('down'))],
])('%s', (_, state, event, expected, policy = {}) => {
  expect(stepOneshot(state, event, { ...POLICY, ...policy })[0]).toEqual(expected)
})

test('signals and times', () => {
  const policy = { ...POLICY, timeoutSecs: { up: 2.5, down: 0 } }
  expect(stepOneshot(spawning('up'), { type: 'spawned', pid: 7 }, policy)).toContainEqual({
    type: 'timer',
    afterMs: 2500,
  })
  const told = stepOneshot(running('up'), { type: 'timer' }, policy)
  expect(told).toContainEqual({ type: 'signal', pid: 7, signal: 15, target: 'group' })
  expect(told).toContainEqual({ type: 'timer', afterMs: 10_000 })
  const killed = stepOneshot(ending('up', 'timeout'), { type: 'timer' }, { ...policy, stopwaitsecs: 0 })
  expect(killed).toContainEqual({ type: 'signal', pid: 7, signal: 9, target: 'group' })
  expect(killed).toContainEqual({ type: 'timer', afterMs: 1000 })
})

test('every cell ends in a state that it names', () => {
  const states = [
    ...[down, failed('x'), up, spawning('up'), spawning('up', true), spawning('down'), spawning('down', true)],
    ...[running('up'), running('down'), ending('up', 'stop'), ending('up', 'timeout'), ending('down', 'timeout')],
    ...[again(spawning('down')), again(running('down')), again(running('up')), again(ending('up', 'stop'))],
  ]
  const policies = fc.record({
    has: fc.record({ up: fc.boolean(), down: fc.boolean() }),
    automatic: fc.boolean(),
    stopsignal: fc.constantFrom(0, 15),
  })
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.constantFrom(...EVENTS), policies, (state, event, policy) => {
      const cells = ONESHOT_MACHINE[state.name] as Readonly<Record<string, OneshotCell<never, never> | undefined>>
      const [next] = stepOneshot(state, event, { ...POLICY, ...policy })
      const cell = cells[event.type]
      if (cell === undefined) expect(next).toBe(state)
      else expect(cell.to).toContain(next.name)
    }),
  )
})

test('the drawing is up to date', () => {
  const file = new URL('../../../../runtime/service/machine/oneshot-machine.matrix.txt', import.meta.url)
  if (process.env.KAHI_GOLDEN === 'write') writeFileSync(file, draw())
  expect(readFileSync(file, 'utf8')).toBe(draw())
})

/** A row for each state, with a line for each event that it handles. */
function draw(): string {
  const rows = Object.entries(ONESHOT_MACHINE).map(([state, cells]) => {
    const known = Object.entries(cells as Readonly<Record<string, { readonly to: readonly string[] }>>)
    return [state, ...known.map(([event, { to }]) => `  ${event.padEnd(14)} -> ${to.join(' | ')}`)].join('\n')
  })
  return `${rows.join('\n\n')}\n`
}
