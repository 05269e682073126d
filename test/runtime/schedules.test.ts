// When schedules start what, on the fake clock; and that the syntax which is accepted is one that croner reads.

import { Cron } from 'croner'
import { expect, test } from 'vitest'
import { schedule } from '../../config/values/schedule.ts'
import { EventBus } from '../../runtime/events/bus.ts'
import { Schedules } from '../../runtime/schedule/schedules.ts'
import type { Unit } from '../../runtime/service/unit.ts'
import { FakeClock } from '../helpers/fake-clock.ts'

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
