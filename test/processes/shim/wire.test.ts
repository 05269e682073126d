// The contents of the helper's answers and reports, as frames without the client.

import { closeSync, constants as fsConstants, openSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import { type Field, type Frame, fieldOf, MAX_FRAME_BYTES, numberOf } from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'

import { onTheWire, VALID } from './wire.ts'
import { eventually } from '../../helpers/wait.ts'

onTheWire(({ directory, shipped, wire }) => {
  test('notes and unheard ends are listed; what makes no sense is refused', async () => {
    const one = wire()
    const spawn: Field[] = [
      ['id', 'a'],
      ['file', '/bin/sh'],
      ['arg', 'sh'],
      ['arg', '-c'],
      ['arg', 'exit 42'],
      ['stdout', 'pipe'],
    ]
    one.send(OPCODES.spawn, 1, spawn)
    const pid = fieldOf(await one.answer(1), 'pid')
    await eventually(() => one.frames.some(({ opcode }) => opcode === OPCODES.exited), 'it has ended')
    const note = (id: string, text: string): Field[] => [
      ['id', id],
      ['text', text],
    ]
    one.send(OPCODES.note, 2, note('a', 'first'))
    one.send(OPCODES.note, 3, note('a', 'x=1 "y"'))
    one.send(OPCODES.note, 4, note('never ran', 'n'))
    one.send(OPCODES.note, 5, note('a', 'n'.repeat(4097)))
    one.send(OPCODES.note, 6, [['id', 'a']])
    one.send(OPCODES.survive, 7, [['on', 'yes']])
    one.send(OPCODES.upgrade, 8, [])
    one.send(OPCODES.list, 9, [])
    expect((await one.answer(9)).opcode).toBe(OPCODES.done)
    for (const number of [5, 6, 7, 8]) expect((await one.answer(number)).opcode).toBe(OPCODES.failed)
    const [a, never, ...more] = one.frames.filter(({ opcode }) => opcode === OPCODES.slot)
    expect(more).toEqual([])
    const fields = Object.fromEntries(a?.fields ?? [])
    expect(fields).toMatchObject({ id: 'a', 'ended-pid': pid, status: `${42 << 8}`, note: 'x=1 "y"' })
    expect(Object.keys(fields)).toEqual(['id', 'age-ms', 'ended-pid', 'status', 'ended-ms', 'stdout', 'note'])
    expect(never?.fields).toEqual([
      ['id', 'never ran'],
      ['note', 'n'],
    ])
  })

  test('a pipe can be made larger, up to a sum; messages that syslog does not accept are counted', async () => {
    const one = wire()
    const enlarge = (number: number, id: string, bytes: string) =>
      one.send(OPCODES.enlarge, number, [
        ['id', id],
        ['stream', 'stdout'],
        ['bytes', bytes],
      ])
    for (let number = 1; number <= 33; number++) {
      const fields: Field[] = [
        ['id', `s${number}`],
        ['file', '/bin/true'],
        ['arg', 'true'],
        ['stdout', 'pipe'],
      ]
      one.send(OPCODES.spawn, number, fields)
      await one.answer(number)
      enlarge(100 + number, `s${number}`, '1048576')
    }
    expect((await one.answer(101)).opcode).toBe(OPCODES.done)
    expect((await one.answer(132)).opcode).toBe(OPCODES.done)
    expect(fieldOf(await one.answer(133), 'step')).toBe('enlarge')
    enlarge(200, 'nobody', '1048576')
    enlarge(201, 's1', '99999999')
    expect(fieldOf(await one.answer(200), 'step')).toBe('enlarge')
    expect(fieldOf(await one.answer(201), 'step')).toBe('request')
    one.send(OPCODES.syslog, 300, [
      ['path', '/nonexistent/log'],
      ['message', '<14>a'],
      ['message', '<14>b'],
    ])
    expect(numberOf(await one.answer(300), 'dropped')).toBe(2)
    one.send(OPCODES.syslog, 301, [['message', 'x']])
    expect(fieldOf(await one.answer(301), 'step')).toBe('request')
  })

  test('an end that is not acknowledged keeps the slot, with the raw status and what it used', async () => {
    const one = wire()
    const fields: Field[] = [
      ['id', 'a'],
      ['file', '/bin/sh'],
      ['arg', 'sh'],
      ['arg', '-c'],
      ['arg', 'exit 3'],
    ]
    one.send(OPCODES.spawn, 1, fields)
    const pid = fieldOf(await one.answer(1), 'pid') as string
    await eventually(() => one.frames.some((frame) => frame.opcode === OPCODES.exited), 'the report')
    const report = one.frames.find((frame) => frame.opcode === OPCODES.exited) as Frame
    expect([fieldOf(report, 'id'), fieldOf(report, 'pid'), numberOf(report, 'status')]).toEqual(['a', pid, 3 << 8])
    expect(numberOf(report, 'maxrss-kb')).toBeGreaterThan(0)
    one.send(OPCODES.spawn, 2, fields)
    expect(fieldOf(await one.answer(2), 'step')).toBe('slot')
    one.send(OPCODES.acknowledge, 3, [
      ['id', 'a'],
      ['pid', pid],
    ])
    one.send(OPCODES.spawn, 4, fields)
    expect((await one.answer(4)).opcode).toBe(OPCODES.done)
  })

  test('a child that does not get on holds up no other, and is given up after ten seconds', async () => {
    const one = wire()
    const fifo = join(directory, 'no-reader')
    one.send(OPCODES.fifo, 1, [['path', fifo]])
    await one.answer(1)
    const invalid: Field[] = [...VALID, ['cgroup', fifo]] // opening it to write waits for a reader
    one.send(OPCODES.spawn, 2, invalid)
    one.send(OPCODES.spawn, 3, [...VALID, ['id', 'b']])
    one.send(OPCODES.forget, 4, [['id', 'a']])
    one.send(OPCODES.ping, 5, [])
    expect((await one.answer(3)).opcode).toBe(OPCODES.done)
    expect(fieldOf(await one.answer(4), 'errno')).toBe(`${constants.errno.EBUSY}`)
    expect((await one.answer(5)).opcode).toBe(OPCODES.done)
    expect(one.frames.some(({ request }) => request === 2)).toBe(false)
    const late = await one.answer(2)
    expect([fieldOf(late, 'step'), numberOf(late, 'errno')]).toEqual(['exec', constants.errno.ETIMEDOUT])
    one.send(OPCODES.spawn, 6, VALID)
    expect((await one.answer(6)).opcode).toBe(OPCODES.done)
    expect(one.frames.some(({ opcode }) => opcode === OPCODES.orphan)).toBe(false)
  })

  test('a child that gets on late is answered late', async () => {
    const one = wire()
    const fifo = join(directory, 'late-reader')
    one.send(OPCODES.fifo, 1, [['path', fifo]])
    await one.answer(1)
    one.send(OPCODES.spawn, 2, [...VALID, ['cgroup', fifo]])
    one.send(OPCODES.ping, 3, [])
    expect((await one.answer(3)).opcode).toBe(OPCODES.done)
    const reader = openSync(fifo, fsConstants.O_RDONLY | fsConstants.O_NONBLOCK)
    const answer = await one.answer(2)
    closeSync(reader)
    expect(answer.opcode).toBe(OPCODES.done)
    await eventually(() => one.frames.some(({ opcode }) => opcode === OPCODES.exited), 'its end is reported')
    const order = one.frames.map(({ opcode }) => opcode)
    expect(order.indexOf(OPCODES.exited)).toBeGreaterThan(one.frames.indexOf(answer))
  })

  test('without memory for a request only that one fails', async () => {
    const one = wire(shipped, ['prlimit', '--as=4000000', '--'])
    one.send(OPCODES.spawn, 1, [...VALID, ['env', `A=${'x'.repeat(MAX_FRAME_BYTES - 100)}`]])
    const answer = await one.answer(1)
    expect([answer.opcode, fieldOf(answer, 'step')]).toEqual([OPCODES.failed, 'memory'])
    one.send(OPCODES.spawn, 2, VALID)
    expect((await one.answer(2)).opcode).toBe(OPCODES.done)
  })

  test('the largest frame that there may be is taken', async () => {
    const one = wire()
    const fields: Field[] = [...VALID, ['env', `A=${'x'.repeat(MAX_FRAME_BYTES - 100)}`]]
    one.send(OPCODES.spawn, 1, fields)
    expect(fieldOf(await one.answer(1), 'step')).toBe('exec')
  })
})
