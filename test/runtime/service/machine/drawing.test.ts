// The drawing of the state machine shows the rows of its table.

import { readFileSync, writeFileSync } from 'node:fs'

import { expect, test } from 'vitest'
import { MACHINE } from '../../../../runtime/service/machine/machine.ts'
import type { Event } from '../../../../runtime/service/machine/state.ts'

const EVENTS: readonly Event['type'][] = [
  'start',
  'stop',
  'restart',
  'shutdown',
  'kill',
  'spawned',
  'spawn-failed',
  'exited',
  'timer',
  'signal-failed',
  'group-left',
  'group-empty',
  'finished',
  'stop-command-failed',
  'give-up',
  'relapse',
  'adopted',
]

test('the drawing of the table is up to date (KAHI_GOLDEN=write rewrites it)', () => {
  const file = new URL('../../../../runtime/service/machine/machine.matrix.txt', import.meta.url)
  if (process.env.KAHI_GOLDEN === 'write') writeFileSync(file, draw())
  expect(readFileSync(file, 'utf8')).toBe(draw())
})

/** A row for each state, with a line for each event that it handles. */
function draw(): string {
  const rows = Object.entries(MACHINE).map(([state, cells]) => {
    const known = EVENTS.flatMap((event) => {
      const cell = (cells as Record<string, { to: readonly string[] } | undefined>)[event]
      return cell === undefined ? [] : [`  ${event.padEnd(14)} -> ${cell.to.join(' | ')}`]
    })
    return [state, ...known].join('\n')
  })
  return `${rows.join('\n\n')}\n`
}
