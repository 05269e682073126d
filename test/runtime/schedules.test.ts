// The times at which schedules start units, with the fake clock. croner can read every accepted schedule.

import { Cron } from 'croner'
import { expect, test } from 'vitest'
import { schedule } from '../../config/values/schedule.ts'
import { EventBus } from '../../runtime/events/bus.ts'
import { Schedules } from '../../runtime/schedule/schedules.ts'
import type { ProcessInfo } from '../../runtime/service/context.ts'
import type { Unit } from '../../runtime/service/unit.ts'
import { FakeClock } from '../helpers/fake-clock.ts'
import { processSettings } from '../helpers/settings.ts'

test('croner takes whatever the check accepts', () => {
  const refused = new Set<number>()
  for (const field of [0, 1, 2, 3, 4, 5])
    for (let step = 1; step <= 70; step++) {
      const words = ['0', '0', '0', '1', '1', '*'].with(field, `*/${step}`)
      try {
        schedule.fromText(words.join(' '))
      } catch {
        refused.add(step)
        continue
      }
      expect(() => new Cron(words.join(' '), { paused: true }).nextRun(new Date(0))).not.toThrow()
    }
  expect(Math.min(...refused)).toBe(8)
  expect(Math.max(...refused)).toBe(70)
})

test('a day that never comes starts nothing', () => {
  expect(new Cron(schedule.fromText('0 0 30 2 *').cron, { paused: true }).nextRun()).toBeNull()
})

test.each([
  '0 3 * * *',
  '*/15 0-6,22 1,15 jan-mar mon-fri',
  '@hourly',
  '0 0 12 * * 7',
  '5-59/10 * * * *',
  '59 23 31 12 sun',
])('%s is read by croner too', (text) => {
  expect(new Cron(schedule.fromText(text).cron, { paused: true }).nextRun()).toBeInstanceOf(Date)
})

test('24 simulated hours of an hourly schedule: 24 starts, and one timer', async () => {
  const clock = new FakeClock()
  const starts: string[] = []
  const unit = {
    id: 'job:job',
    group: 'job',
    name: 'job',
    isUp: false,
    isStopping: false,
    settings: { schedule: { cron: '@hourly', timezone: 'UTC', overlap: 'skip' } },
    info: () => ({ state: 'exited' }),
  } as unknown as Unit
  const schedules = new Schedules({
    clock,
    log: { log: () => {} },
    bus: new EventBus(() => {}),
    units: () => [unit],
    start: (id) => void starts.push(id),
    restart: () => {},
  })
  schedules.follow()
  await clock.advance(24 * 3600 * 1000)
  expect(starts).toHaveLength(24)
  schedules.follow()
  schedules.close()
  await clock.advance(7200 * 1000)
  expect(starts).toHaveLength(24)
})

/** A unit that takes `seconds` for each run, started by a schedule. Gives the actions with hour and minute. */
async function play(
  value: string | object,
  seconds: number,
  hours: number,
  fromMs: number,
): Promise<readonly string[]> {
  const clock = new FakeClock(fromMs)
  const bus = new EventBus(() => {})
  const did: string[] = []
  let isUp = false
  let runs = 0
  const note = (what: string): void => void did.push(`${what} ${new Date(clock.wallMs()).toISOString().slice(11, 16)}`)
  const end = (run: number): void => {
    if (run !== runs || !isUp) return
    isUp = false
    bus.emit({ ...STATE, from: 'running', to: 'exited' })
  }
  const begin = (): void => {
    isUp = true
    runs += 1
    const run = runs
    clock.after(seconds * 1000, () => end(run))
  }
  const unit: Partial<Unit> = {
    id: 'job:job',
    group: 'job',
    name: 'job',
    get isUp() {
      return isUp
    },
    isStopping: false,
    settings: processSettings({
      schedule: typeof value === 'string' ? schedule.fromText(value) : schedule.fromToml?.(value as never),
    }),
    info: () => ({ state: isUp ? 'running' : 'exited' }) as ProcessInfo,
    untilAtRest: () => Promise.resolve(),
  }
  const schedules = new Schedules({
    clock,
    log: { log: () => {} },
    bus,
    units: () => [unit as Unit],
    start: () => {
      note('start')
      begin()
    },
    restart: () => {
      note('restart')
      begin()
    },
  })
  schedules.follow()
  await clock.advance(hours * 3600 * 1000)
  schedules.close()
  isUp = false
  await clock.advance(7200 * 1000)
  expect(clock.pending).toBe(0)
  return did
}

const STATE = { type: 'process-state', group: 'job', name: 'job', pid: 1, tries: 0, expected: true } as const
const NOON = Date.UTC(2026, 5, 1, 12)
/** Clocks in Berlin go from 2:00 to 3:00 on 29 March 2026, and from 3:00 to 2:00 on 25 October. */
const [SPRING, AUTUMN] = [Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 9, 24, 22)]
const berlin = (cron: string) => ({ cron, timezone: 'Europe/Berlin' })

test.each([
  ['each half hour', '*/30 * * * *', 60, 1.1, NOON, ['start 12:30', 'start 13:00']],
  ['skip: a run that is still there is the only one', '*/30 * * * *', 2400, 2.1, NOON, ['start 12:30', 'start 13:30']],
  [
    'queue: it begins as soon as the one before has ended',
    { cron: '*/30 * * * *', overlap: 'queue' },
    2400,
    2.1,
    NOON,
    ['start 12:30', 'start 13:10', 'start 13:50'],
  ],
  [
    'restart: the one before is stopped',
    { cron: '*/30 * * * *', overlap: 'restart' },
    2400,
    1.6,
    NOON,
    ['start 12:30', 'restart 13:00', 'restart 13:30'],
  ],
  ['a time zone', berlin('0 3 * * *'), 60, 24, NOON, ['start 01:00']],
  [
    'in an hour that does not exist it comes at the end of that hour',
    berlin('30 2 * * *'),
    60,
    24,
    SPRING,
    ['start 01:00'],
  ],
  ['an hour that comes twice is there once', berlin('30 2 * * *'), 60, 24, AUTUMN, ['start 00:30']],
] as const)('%s', async (_sentence, value, seconds, hours, fromMs, expected) => {
  expect(await play(value, seconds, hours, fromMs)).toEqual(expected)
})
