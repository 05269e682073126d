// The journal of events: which events it keeps, and how it reports dropped events.

import { describe, expect, test } from 'vitest'
import { EventBus } from '../../../runtime/events/bus.ts'
import type { RuntimeEvent } from '../../../runtime/events/event.ts'
import { Journal } from '../../../runtime/events/journal.ts'

function journalOn(limit = 10_000) {
  const bus = new EventBus(
    () => {},
    () => 1000,
  )
  const journal = new Journal(bus.number, limit)
  bus.on((event) => journal.add(event))
  const add = (group: string) => bus.emit({ type: 'group-added', group })
  return { bus, journal, add }
}

const names = (events: readonly RuntimeEvent[]) => events.map((event) => ('group' in event ? event.group : event.type))

describe('the journal', () => {
  test('events have numbers that grow by one from the time of the start, a time and a type', () => {
    const { journal, add } = journalOn()
    add('a')
    add('b')
    expect(journal.since(undefined)).toEqual({
      events: [
        { number: 1001, atMs: 1000, type: 'group-added', group: 'a' },
        { number: 1002, atMs: 1000, type: 'group-added', group: 'b' },
      ],
      newest: 1002,
      lost: 0,
    })
  })

  test('only events after a number, only events of some types', () => {
    const { journal, add, bus } = journalOn()
    add('a')
    bus.emit({ type: 'group-removed', group: 'a' })
    add('b')
    expect(names(journal.since(1001).events)).toEqual(['a', 'b'])
    expect(names(journal.since(undefined, new Set(['group-added'])).events)).toEqual(['a', 'b'])
    expect(journal.since(1003)).toEqual({ events: [], newest: 1003, lost: 0 })
  })

  test('the oldest go when there are too many, and the gap is reported', () => {
    const { journal, add } = journalOn(400)
    for (const name of ['a', 'b', 'c', 'd']) add(name)
    expect(names(journal.since(undefined).events)).toEqual(['c', 'd'])
    expect([journal.since(1000).lost, journal.since(1001).lost, journal.since(1002).lost]).toEqual([2, 1, 0])
    expect(journal.since(undefined).lost).toBe(0)
  })

  test('long texts count: the whole journal has a limit in bytes', () => {
    const { journal, add } = journalOn()
    for (let index = 0; index < 50; index += 1) add('x'.repeat(1000))
    expect(journal.since(undefined).events.length).toBe(4)
    expect(journal.since(1000).lost).toBe(46)
  })

  test('output takes no number and no room', () => {
    const { journal, add, bus } = journalOn()
    add('a')
    const data = Buffer.from('x')
    bus.emit({ type: 'process-log', group: 'a', name: 'a', pid: 1, stream: 'stdout', data })
    bus.emit({ type: 'unit-changed', id: 'a:a' })
    add('b')
    expect(journal.since(undefined).events.map(({ number }) => number)).toEqual([1001, 1002])
  })

  test('with a number from before a restart it is not known how many events are missing', () => {
    expect(journalOn().journal.since(900).lost).toBeUndefined()
  })
})
