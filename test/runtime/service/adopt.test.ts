// How a daemon process continues from the notes of the previous daemon process and from the processes that the helper holds.

import { describe, expect, test } from 'vitest'
import { readSlot } from '../../../runtime/service/memory/adopt.ts'
import { type Memory, readNote, writeNote } from '../../../runtime/service/memory/note.ts'
import type { State } from '../../../runtime/service/machine/state.ts'
import type { InheritedProcess, InheritedSlot } from '../../../runtime/shim/shim.ts'
import { exitCode } from '../../helpers/fake-shim.ts'

const clock = { nowMs: () => 1000, wallMs: () => 50_000, after: () => ({ cancel: () => {} }) }
const facts = { spawnError: '', exitStatus: 0, startedAtMs: 1, stoppedAtMs: 2, endedPid: 6 }
const live: InheritedProcess = { pid: 7, ageMs: 300, end: undefined }
const dead: InheritedProcess = { pid: 7, ageMs: 300, end: { status: exitCode(42), agoMs: 20 } }

const stop = { stopsignal: 15, stopwaitsecs: 10, stopasgroup: false, killasgroup: false }

function memory(state: State, isReady = false): Memory {
  const logs = { stdout: '/l', stderr: '' }
  return { state, sinceMs: 49_000, facts, logs, isReady, isWaiting: false, orderFailure: '', stop }
}

function slot(state: State | undefined, process?: InheritedProcess): InheritedSlot {
  const note = state === undefined ? '' : writeNote(memory(state))
  return { id: 'g:p', process, note, stdin: undefined, stdout: undefined, stderr: undefined, notify: undefined }
}

const starting = { name: 'starting', tries: 1, pid: 7, startedAtMs: 700 } as const

describe('readSlot', () => {
  test.each<[string, InheritedSlot, State | undefined]>([
    [
      'running continues',
      slot({ name: 'running', pid: 7, startedAtMs: 0 }, live),
      { name: 'running', pid: 7, startedAtMs: 700 },
    ],
    ['so does stopping', slot({ name: 'stopping', tries: 0, pid: 7 }, live), { name: 'stopping', tries: 0, pid: 7 }],
    ['a start that was just asked for', slot({ name: 'spawning', tries: 1 }, live), starting],
    ['a start that had not begun', slot({ name: 'spawning', tries: 1 }), { name: 'spawning', tries: 1 }],
    ['a start that was taken back', slot({ name: 'aborting', tries: 1, signal: 15 }), { name: 'stopped', tries: 1 }],
    ['stopped by hand', slot({ name: 'stopped', tries: 0 }), { name: 'stopped', tries: 0 }],
    [
      'a process that left no trace',
      slot({ name: 'running', pid: 7, startedAtMs: 0 }),
      { name: 'exited', restarting: false },
    ],
    ['no note, a process', slot(undefined, live), { ...starting, tries: 0 }],
    ['nothing', slot(undefined), undefined],
  ])('%s', (_, inherited, state) => {
    expect(readSlot(inherited, clock)?.state).toEqual(state)
  })

  test('an end that was not handled is reported, one that was handled is not', () => {
    const running: State = { name: 'running', pid: 7, startedAtMs: 0 }
    expect(readSlot(slot(running, dead), clock)?.end).toEqual(dead.end)
    expect(readSlot(slot({ name: 'exited', restarting: true }, { ...dead, pid: 6 }), clock)?.end).toBeUndefined()
  })

  test('a stop that was asked for before the process was there is asked for again', () => {
    expect(readSlot(slot({ name: 'aborting', tries: 0, signal: 15 }, live), clock)?.next).toEqual({ type: 'stop' })
    expect(readSlot(slot({ name: 'aborting', tries: 0, signal: 9 }, live), clock)?.next).toEqual({ type: 'kill' })
  })
})

test('a state that no service has is none', () => {
  const note = writeNote(memory({ name: 'running', pid: 7, startedAtMs: 0 }))
  for (const strange of [note.replace('running', 'dancing'), note.replace('"pid":7', '"pid":"7"')]) {
    expect(readSlot({ ...slot(undefined), note: strange }, clock)).toBeUndefined()
  }
})

test.each([
  ['"pid"', { name: 'running', pid: 7, startedAtMs: 0 }],
  [
    '"told"',
    { name: 'emptying', tries: 0, leader: 7, status: { code: 0, signal: undefined, coreDumped: false }, told: true },
  ],
  ['"restarting"', { name: 'exited', restarting: true }],
] as const)('a state without its field %s is none', (field, state) => {
  const note = writeNote(memory(state))
  expect(readSlot({ ...slot(undefined), note }, clock)).toBeDefined()
  expect(readSlot({ ...slot(undefined), note: note.replace(field, '"other"') }, clock)).toBeUndefined()
})

test('ready stays ready for the process that said it, and for no other', () => {
  const note = writeNote(memory({ name: 'running', pid: 7, startedAtMs: 0 }, true))
  expect(readSlot({ ...slot(undefined, live), note }, clock)?.isReady).toBe(true)
  expect(readSlot({ ...slot(undefined, { ...live, pid: 8 }), note }, clock)?.isReady).toBe(false)
})

test('notes come back as they were; anything else is no note', () => {
  expect(readNote(writeNote(memory(starting)))).toEqual(memory(starting))
  const other = writeNote(memory({ name: 'running', pid: 7, startedAtMs: 0 }))
  const strange = [
    '',
    'x',
    'null',
    '[]',
    '{}',
    other.replace('"sinceMs":49000', '"sinceMs":"today"'),
    other.replace('"stopsignal":15', '"stopsignal":null'),
  ]
  expect(strange.map(readNote)).toEqual(strange.map(() => undefined))
})
