// The bytes that s6's tools read and write, and the events of a service between two states.

import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../runtime/control/s6/scan-commands.ts'
import { LETTERS } from '../../runtime/control/s6/letters.ts'
import { encodeDeath, encodeStatus, type Status } from '../../runtime/control/s6/status-file.ts'
import { eventsBetween, firstStatus, nextStatus } from '../../runtime/control/s6/status-change.ts'
import type { ProcessInfo } from '../../runtime/service/context.ts'

const TERM = { code: undefined, signal: 15, coreDumped: false }

describe('supervise/status', () => {
  const times = { sinceMs: 1_795_256_815_023.511936, readySinceMs: 1_795_256_815_023.665216 }
  const status: Status = {
    ...{ phase: 'up', isReady: true, pid: 1659, ended: undefined, isPaused: false, wantsUp: true },
    sinceMs: Math.floor(times.sinceMs),
    readySinceMs: Math.floor(times.readySinceMs),
  }
  /** Written by s6-supervise 2.11.3.2. The time is cut to milliseconds. */
  test.each([
    ['up and ready', status, '000000000000067b00000c'],
    [
      'down after SIGTERM, though not wanted up',
      { ...status, phase: 'down', pid: 0, ended: TERM, wantsUp: false },
      '0000000000000000000f08',
    ],
    ['up and paused', { ...status, pid: 1687, ended: TERM, isPaused: true }, '0000000000000697000f0d'],
    [
      'finishing',
      { ...status, phase: 'finishing', pid: 1699, ended: { ...TERM, signal: 9 }, isReady: false },
      '00000000000006a3000906',
    ],
  ] as const)('%s', (_, given, rest) => {
    const bytes = encodeStatus(given, 's6')
    const time = `400000006b01720${'7'}015ef3c0`
    expect(bytes).toHaveLength(43)
    expect(bytes.toString('hex', 24, 35)).toBe(rest)
    expect(bytes.readBigUInt64BE(0) - 2n ** 62n - 37n).toBe(1_795_256_815n)
    expect(bytes.toString('hex', 8, 12)).toBe(time.slice(16))
    expect(bytes.subarray(40, 43).toString('hex'), 'where s6 2.13 reads').toBe(rest.slice(16))
  })

  test('tools up to 2.10 have their own flags', () => {
    expect(encodeStatus(status, 's6-2.10').toString('hex', 24)).toBe('000000000000067b00001c')
    expect(encodeStatus({ ...status, wantsUp: false, isReady: false }, 's6-2.10')[34]).toBe(4)
  })

  test('a core dump and an exit code are as wait4 gives them', () => {
    const raw = (ended: Status['ended']) => encodeStatus({ ...status, ended }, 's6').readUInt16BE(32)
    expect(raw({ ...TERM, signal: 6, coreDumped: true })).toBe(0x86)
    expect(raw({ code: 111, signal: undefined, coreDumped: false })).toBe(111 << 8)
  })

  test('a death in the tally', () => {
    const atMs = status.sinceMs
    expect(encodeDeath({ atMs, status: TERM }).toString('hex', 12)).toBe('8f0f')
    expect(encodeDeath({ atMs, status: { ...TERM, code: 7, signal: undefined } }).toString('hex', 12)).toBe('0700')
  })
})

describe('events', () => {
  const process = (changes: Partial<ProcessInfo>): ProcessInfo =>
    ({ pid: 0, nowMs: 1000, startedAtMs: 500, state: 'stopped', comesBack: true, ...changes }) as ProcessInfo
  const up = process({ state: 'running', pid: 5 })
  const ended = { ended: TERM }

  test.each([
    ['it starts', 'u', process({}), up],
    ['it is ready', 'U', up, process({ state: 'running', pid: 5, ready: true })],
    ['it starts, ready at once', 'uU', process({}), process({ state: 'running', pid: 5, ready: true })],
    ['nothing', '', up, up],
    ['it ends, finish begins', 'd', up, process({ ...ended, state: 'finishing' })],
    ['finish ends', 'D', process({ ...ended, state: 'finishing' }), process({ ...ended, state: 'exited' })],
    ['it ends without finish', 'dD', up, process({ ...ended, state: 'exited' })],
    ['another one is there already', 'dDu', up, process({ ...ended, state: 'running', pid: 6 })],
    [
      'it is not to come back, as finish says',
      'OD',
      process({ ...ended, state: 'finishing' }),
      process({ ...ended, state: 'exited', comesBack: false }),
    ],
    ['it is given up', 'dOD', up, process({ ...ended, state: 'fatal', comesBack: false })],
    ['it was stopped', 'dD', up, process({ ...ended, state: 'stopped', comesBack: false })],
    ['its group is still there', 'd', up, process({ ...ended, state: 'stopping', comesBack: false })],
  ])('%s: %s', (_, events, first, second) => {
    const before = nextStatus(firstStatus(0), first)
    expect(eventsBetween(before, nextStatus(before, second), second)).toBe(events)
  })

  test('times are those of the last change', () => {
    const before = nextStatus(firstStatus(0), up)
    expect(before).toMatchObject({ sinceMs: 500, isReady: false, pid: 5 })
    const down = nextStatus(before, process({ ...ended, state: 'exited', nowMs: 3000 }))
    expect(down).toMatchObject({ sinceMs: 3000, isReady: true, readySinceMs: 3000, pid: 0, phase: 'down' })
  })
})

test('every letter of s6-svc and s6-svscanctl is known', () => {
  expect(Object.keys(LETTERS).sort().join('')).toBe('12CDKOPQUabcdhiklopqrtuxy')
  expect(Object.keys(COMMANDS).sort().join('')).toBe('0678Nabhinpqrstz')
})
