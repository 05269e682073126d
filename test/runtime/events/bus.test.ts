// The event bus: every subscriber gets all events in order, also when another subscriber throws.

import { expect, test } from 'vitest'
import { EventBus } from '../../../runtime/events/bus.ts'

const EVENT = { type: 'group-added', group: 'g' } as const

test('listeners hear until they leave', () => {
  const heard: string[] = []
  const bus = new EventBus(() => {})
  const leave = bus.on((event) => heard.push(`one ${event.type}`))
  bus.on((event) => heard.push(`two ${event.type}`))
  bus.emit(EVENT)
  leave()
  bus.emit(EVENT)
  expect(heard).toEqual(['one group-added', 'two group-added', 'two group-added'])
})

test('a listener that throws is reported and disturbs no other', () => {
  const errors: unknown[] = []
  const heard: string[] = []
  const bus = new EventBus((error) => errors.push(error))
  bus.on(() => {
    throw new Error('bad listener')
  })
  bus.on((event) => heard.push(event.type))
  bus.emit(EVENT)
  expect([heard, errors]).toEqual([['group-added'], [new Error('bad listener')]])
})
