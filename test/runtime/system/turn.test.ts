// Passes of the event loop: the queue of requests, and the readers of busy pipes.

import { expect, test } from 'vitest'
import { inNextTurn, turnLimit } from '../../../runtime/log/turn-limit.ts'
import { turnInLine, turnsAfter } from '../../../runtime/system/turn.ts'
import type { Clock } from '../../../runtime/system/clock.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Counts passes of the event loop until the promise is settled. */
async function turnsUntil(done: Promise<unknown>): Promise<number> {
  const state = { isDone: false, turns: 0 }
  void done.then(() => (state.isDone = true))
  for (; !state.isDone; state.turns += 1) await turn()
  return state.turns
}

test('callers in line with short work are called in order, many of them in one turn', async () => {
  const called: number[] = []
  const all = Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await turnInLine()
      called.push(index)
    }),
  )
  expect(await turnsUntil(all)).toBeLessThan(20)
  expect(called).toEqual(Array.from({ length: 20 }, (_, index) => index))
})

test('one that comes while others are called is called too, and after all of them the line is open again', async () => {
  const called: string[] = []
  const first = turnInLine().then(async () => {
    called.push('first')
    await turnInLine()
    called.push('third')
  })
  const second = turnInLine().then(() => called.push('second'))
  await Promise.all([first, second])
  await turnInLine()
  expect(called).toEqual(['first', 'second', 'third'])
})

test('more turns for other events follow work that took longer, to a limit', () => {
  expect([0, 1.9, 2, 5, 8, 1000].map(turnsAfter)).toEqual([0, 0, 8, 20, 32, 32])
})

test('readers of busy pipes share the time of a turn; none of them is left out', async () => {
  let nowMs = 0
  const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs, after: () => ({ cancel: () => {} }) }
  const reads: number[] = []
  const readers = Array.from({ length: 6 }, (_, index) => (): void => {
    reads.push(index)
    nowMs += 1
    if (reads.length < 18) inNextTurn(clock, readers[index] ?? (() => {}))
  })
  for (const reader of readers) inNextTurn(clock, reader)
  while (reads.length === 0) await turn()
  expect(reads.length).toBeLessThan(6)
  expect(turnLimit(clock)()).toBe(true)
  for (let count = 0; count < 30; count += 1) await turn()
  for (let index = 0; index < 6; index += 1) expect(reads.filter((one) => one === index).length).toBeGreaterThan(1)
})
