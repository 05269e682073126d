// Garbage is collected once after the starts, when the daemon is idle.

import { expect, test } from 'vitest'
import { collectWhenQuiet } from '../../../runtime/daemon/garbage.ts'
import { EventBus } from '../../../runtime/events/bus.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

function scene() {
  const clock = new FakeClock()
  const bus = new EventBus((error) => {
    throw error
  })
  const unit = { isComing: false, standing: () => (unit.isComing ? 'coming' : 'there') }
  const collections: number[] = []
  const part = collectWhenQuiet({ clock, bus, supervisor: { services: () => [unit] } }, () =>
    collections.push(clock.nowMs()),
  )
  const emit = (): void => bus.emit({ type: 'supervisor-state', state: 'running' })
  return { clock, unit, collections, part, emit }
}

test('without events garbage is collected after a second, and no timer is left', async () => {
  const { clock, collections } = scene()
  await clock.advance(60_000)
  expect(collections).toEqual([1000])
  expect(clock.pending).toBe(0)
})

test('events and a unit that is on its way up put the collection off', async () => {
  const { clock, unit, collections, emit } = scene()
  await clock.advance(900)
  emit()
  unit.isComing = true
  await clock.advance(5000)
  expect(collections).toEqual([])
  unit.isComing = false
  await clock.advance(5000)
  expect(collections).toEqual([6000])
})

test('events without end put it off for a minute at most', async () => {
  const { clock, collections, emit } = scene()
  for (let second = 0; second < 120; second += 1) {
    emit()
    await clock.advance(1000)
  }
  expect(collections).toEqual([60_000])
})

test('a configuration that comes into force causes one more collection, and none follows the end', async () => {
  const { clock, collections, part } = scene()
  await clock.advance(5000)
  part.follow?.({} as never)
  await clock.advance(5000)
  part.follow?.({} as never)
  part.close?.()
  await clock.advance(5000)
  expect(collections).toEqual([1000, 6000])
})
