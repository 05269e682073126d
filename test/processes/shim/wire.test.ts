// The helper on the wire, without the client: every answer to senseless requests, and any bytes at all, must leave
// it working or ended by itself. Runs on the build with sanitizers where there is one.

import { closeSync, constants as fsConstants, openSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  encodeFields,
  encodeFrame,
  type Field,
  type Frame,
  fieldOf,
  MAX_FRAME_BYTES,
  numberOf,
} from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'
import { buildHelpers, temporaryDirectory } from './helpers.ts'
import { Wire } from './wire.ts'
import { eventually, withinLimit } from '../../helpers/wait.ts'

process.env.ASAN_OPTIONS = 'detect_leaks=0'
const directory = temporaryDirectory()
const helpers = buildHelpers(directory.path)
const helper = helpers.sanitized ?? helpers.native
afterAll(() => directory.remove())

describe.runIf(helper !== undefined)('the helper on the wire', () => {
  const path = helper as string
  const wires: Wire[] = []
  const wire = (helper = path, before: readonly string[] = []) => {
    const one = new Wire(helper, before)
    wires.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of wires.splice(0)) {
      one.socket.destroy()
      await one.gone
    }
  })

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

  const valid: Field[] = [
    ['id', 'a'],
    ['file', '/bin/true'],
    ['arg', 'true'],
  ]
  const rows: [string, number, Field[], string][] = [
    ['an unknown opcode', 99, [], 'opcode'],
    ['an unknown field', OPCODES.spawn, [...valid, ['colour', 'red']], 'request'],
    [
      'a spawn without arguments',
      OPCODES.spawn,
      [
        ['id', 'a'],
        ['file', '/bin/true'],
      ],
      'request',
    ],
    [
      'a spawn without an id',
      OPCODES.spawn,
      [
        ['file', '/bin/true'],
        ['arg', 'x'],
      ],
      'request',
    ],
    ['an id that is too long', OPCODES.spawn, [...valid, ['id', 'x'.repeat(2000)]], 'request'],
    ['a umask that is not octal', OPCODES.spawn, [...valid, ['umask', '9']], 'request'],
    ['a umask that is too large', OPCODES.spawn, [...valid, ['umask', '1000']], 'request'],
    ['a uid that is too large', OPCODES.spawn, [...valid, ['uid', '99999999999999999999999']], 'request'],
    ['a negative gid', OPCODES.spawn, [...valid, ['gid', '-1']], 'request'],
    ['groups with an empty one', OPCODES.spawn, [...valid, ['groups', '1,,2']], 'request'],
    ['groups that end in a comma', OPCODES.spawn, [...valid, ['groups', '1,']], 'request'],
    ['too many groups', OPCODES.spawn, [...valid, ['groups', Array(65537).fill('1').join(',')]], 'request'],
    ['an unknown stream', OPCODES.spawn, [...valid, ['stdin', 'stdout']], 'request'],
    ['a nice value that is too high', OPCODES.spawn, [...valid, ['nice', '20']], 'request'],
    ['a nice value that is no number', OPCODES.spawn, [...valid, ['nice', '--5']], 'request'],
    ['an oom-score-adj that is too low', OPCODES.spawn, [...valid, ['oom-score-adj', '-1001']], 'request'],
    ['a limit without a hard one', OPCODES.spawn, [...valid, ['rlimit', 'nofile:5']], 'request'],
    ['a limit that does not exist', OPCODES.spawn, [...valid, ['rlimit', 'nofiles:5:5']], 'request'],
    ['a limit that is no number', OPCODES.spawn, [...valid, ['rlimit', 'nofile:5:many']], 'request'],
    ['a capability that cannot be', OPCODES.spawn, [...valid, ['capabilities', '64']], 'request'],
    ['capabilities that end in a comma', OPCODES.spawn, [...valid, ['capabilities', '1,']], 'request'],
    ['a half no-new-privs', OPCODES.spawn, [...valid, ['no-new-privs', 'maybe']], 'request'],
    ['descriptor 0 for readiness', OPCODES.spawn, [...valid, ['notify', '0']], 'request'],
    ['descriptor 1024 for readiness', OPCODES.spawn, [...valid, ['notify', '1024']], 'request'],
    ['signal 0 as pdeathsig', OPCODES.spawn, [...valid, ['pdeathsig', '0']], 'request'],
    ['too many cgroups', OPCODES.spawn, [...valid, ...Array<Field>(17).fill(['cgroup', '/x'])], 'request'],
    ['an unknown isolation', OPCODES.spawn, [...valid, ['isolation', 'none']], 'request'],
    ['too many arguments', OPCODES.spawn, [...valid, ...Array<Field>(70000).fill(['arg', 'x'])], 'request'],
    [
      'a change of ids without groups',
      OPCODES.become,
      [
        ['uid', '1'],
        ['gid', '1'],
      ],
      'request',
    ],
    [
      'a kill without a pid',
      OPCODES.kill,
      [
        ['signal', '9'],
        ['target', 'group'],
      ],
      'request',
    ],
    [
      'a kill of everything',
      OPCODES.kill,
      [
        ['pid', '1'],
        ['signal', '9'],
        ['target', 'group'],
      ],
      'request',
    ],
    [
      'a kill without a pid',
      OPCODES.kill,
      [
        ['pid', '5'],
        ['signal', '9'],
      ],
      'request',
    ],
    ['a slot that is not there', OPCODES.forget, [['id', 'nobody']], 'slot'],
    ['the end of input of a slot that does not exist', OPCODES.end, [['id', 'nobody']], 'slot'],
    [
      'an acknowledgement of nothing',
      OPCODES.acknowledge,
      [
        ['id', 'nobody'],
        ['pid', '7'],
      ],
      'slot',
    ],
  ]
  test.each(rows)('%s is answered, and the next request works', async (_sentence, opcode, fields, step) => {
    const one = wire()
    one.send(opcode, 1, fields)
    const answer = await one.answer(1)
    expect([answer.opcode, fieldOf(answer, 'step')]).toEqual([OPCODES.failed, step])
    one.send(OPCODES.spawn, 2, valid)
    expect((await one.answer(2)).opcode).toBe(OPCODES.done)
  })

  test.each([
    ['a field without "="', Buffer.from('ab\0'), 'request'],
    ['a last field without an end', Buffer.from('id=a'), 'request'],
  ])('%s is answered', async (_sentence, fields, step) => {
    const one = wire()
    one.socket.write(encodeFrame(OPCODES.spawn, 1, fields))
    expect(fieldOf(await one.answer(1), 'step')).toBe(step)
  })

  test('a child that does not get on holds up no other, and is given up after ten seconds', async () => {
    const one = wire()
    const fifo = join(directory.path, 'no-reader')
    one.send(OPCODES.fifo, 1, [['path', fifo]])
    await one.answer(1)
    const invalid: Field[] = [...valid, ['cgroup', fifo]] // opening it to write waits for a reader
    one.send(OPCODES.spawn, 2, invalid)
    one.send(OPCODES.spawn, 3, [...valid, ['id', 'b']])
    one.send(OPCODES.forget, 4, [['id', 'a']])
    one.send(OPCODES.ping, 5, [])
    expect((await one.answer(3)).opcode).toBe(OPCODES.done)
    expect(fieldOf(await one.answer(4), 'errno')).toBe(`${constants.errno.EBUSY}`)
    expect((await one.answer(5)).opcode).toBe(OPCODES.done)
    expect(one.frames.some(({ request }) => request === 2)).toBe(false)
    const late = await one.answer(2)
    expect([fieldOf(late, 'step'), numberOf(late, 'errno')]).toEqual(['exec', constants.errno.ETIMEDOUT])
    one.send(OPCODES.spawn, 6, valid)
    expect((await one.answer(6)).opcode).toBe(OPCODES.done)
    expect(one.frames.some(({ opcode }) => opcode === OPCODES.orphan)).toBe(false)
  })

  test('a child that gets on late is answered late', async () => {
    const one = wire()
    const fifo = join(directory.path, 'late-reader')
    one.send(OPCODES.fifo, 1, [['path', fifo]])
    await one.answer(1)
    one.send(OPCODES.spawn, 2, [...valid, ['cgroup', fifo]])
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

  test('numbers that no machine can count to are refused', async () => {
    const one = wire()
    for (const [number, soft] of ['9223372036854775808', '18446744073709551617', '9'.repeat(40)].entries()) {
      one.send(OPCODES.limit, number + 1, [
        ['resource', 'nofile'],
        ['soft', soft],
      ])
      expect(fieldOf(await one.answer(number + 1), 'step')).toBe('request')
    }
  })

  test('without memory for a request only that one fails', async () => {
    const one = wire(helpers.native ?? path, ['prlimit', '--as=4000000', '--'])
    one.send(OPCODES.spawn, 1, [...valid, ['env', `A=${'x'.repeat(MAX_FRAME_BYTES - 100)}`]])
    const answer = await one.answer(1)
    expect([answer.opcode, fieldOf(answer, 'step')]).toEqual([OPCODES.failed, 'memory'])
    one.send(OPCODES.spawn, 2, valid)
    expect((await one.answer(2)).opcode).toBe(OPCODES.done)
  })

  test('another version is answered', async () => {
    const one = wire()
    const bytes = encodeFrame(OPCODES.kill, 1)
    bytes[4] = 7
    one.socket.write(bytes)
    expect(fieldOf(await one.answer(1), 'step')).toBe('version')
  })

  test.each([0, 7, MAX_FRAME_BYTES + 1, 0xffffffff])('a frame of %i bytes ends the connection', async (length) => {
    const one = wire()
    const bytes = Buffer.alloc(64)
    bytes.writeUInt32LE(length)
    one.socket.write(bytes)
    expect(await one.gone).toEqual([1, null])
  })

  test('half a frame at the end is no harm', async () => {
    const one = wire()
    one.socket.end(encodeFrame(OPCODES.spawn, 1, encodeFields(valid)).subarray(0, 20))
    expect(await one.gone).toEqual([1, null])
  })

  test('a helper that ends as soon as it begins never leaves its guard behind', async () => {
    for (let round = 0; round < 15; round++) {
      const all = Array.from({ length: 20 }, () => new Wire(path))
      for (const one of all) one.socket.end(Buffer.alloc(40, 0xff))
      for (const one of all) expect(await withinLimit(one.gone, () => 'the guard ends')).toEqual([1, null])
    }
  })

  test('the largest frame that there may be is taken', async () => {
    const one = wire()
    const fields: Field[] = [...valid, ['env', `A=${'x'.repeat(MAX_FRAME_BYTES - 100)}`]]
    one.send(OPCODES.spawn, 1, fields)
    expect(fieldOf(await one.answer(1), 'step')).toBe('exec')
  })

  test('random bodies never make it crash', async () => {
    const opcode = fc.constantFrom(1, 2, 3, 4, 7, 77)
    const key = fc.constantFrom(
      'id',
      'file',
      'arg',
      'env',
      'umask',
      'uid',
      'gid',
      'groups',
      'stdin',
      'reads',
      'writes',
      'pid',
      'signal',
      '',
    )
    const value = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('0', '/no/such', '4294967295', '1,2', 'pipe', 'inherit', '-', '='),
    )
    const fields = fc.array(fc.tuple(key, value), { maxLength: 8 })
    const built = fields.map((pairs) => Buffer.from(pairs.map(([name, text]) => `${name}=${text}\0`).join('')))
    const body = fc.oneof(built, fc.uint8Array({ maxLength: 60 }).map(Buffer.from))
    const one = wire()
    let number = 100
    await fc.assert(
      fc.asyncProperty(opcode, body, async (code, bytes) => {
        number += 1
        one.socket.write(encodeFrame(code, number, bytes))
        await one.answer(number)
      }),
      { numRuns: 400 },
    )
  })

  test('random streams end it with an exit status, never with a signal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const one = new Wire(path)
        one.socket.end(Buffer.from(bytes))
        expect(await one.gone).toEqual([1, null])
      }),
      { numRuns: 20 },
    )
  })
})
