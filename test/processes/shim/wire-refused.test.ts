// The helper answers invalid requests. After them it works or has exited.

import { expect, test } from 'vitest'
import { encodeFields, encodeFrame, type Field, fieldOf, MAX_FRAME_BYTES } from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'

import { onTheWire, VALID, Wire } from './wire.ts'
import { withinLimit } from '../../helpers/wait.ts'

onTheWire(({ path, wire }) => {
  const rows: [string, number, Field[], string][] = [
    ['an unknown opcode', 99, [], 'opcode'],
    ['an unknown field', OPCODES.spawn, [...VALID, ['colour', 'red']], 'request'],
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
    ['an id that is too long', OPCODES.spawn, [...VALID, ['id', 'x'.repeat(2000)]], 'request'],
    ['a umask that is not octal', OPCODES.spawn, [...VALID, ['umask', '9']], 'request'],
    ['a umask that is too large', OPCODES.spawn, [...VALID, ['umask', '1000']], 'request'],
    ['a uid that is too large', OPCODES.spawn, [...VALID, ['uid', '99999999999999999999999']], 'request'],
    ['a negative gid', OPCODES.spawn, [...VALID, ['gid', '-1']], 'request'],
    ['groups with an empty one', OPCODES.spawn, [...VALID, ['groups', '1,,2']], 'request'],
    ['groups that end in a comma', OPCODES.spawn, [...VALID, ['groups', '1,']], 'request'],
    ['too many groups', OPCODES.spawn, [...VALID, ['groups', Array(65537).fill('1').join(',')]], 'request'],
    ['an unknown stream', OPCODES.spawn, [...VALID, ['stdin', 'stdout']], 'request'],
    ['a nice value that is too high', OPCODES.spawn, [...VALID, ['nice', '20']], 'request'],
    ['a nice value that is no number', OPCODES.spawn, [...VALID, ['nice', '--5']], 'request'],
    ['an oom-score-adj that is too low', OPCODES.spawn, [...VALID, ['oom-score-adj', '-1001']], 'request'],
    ['a limit without a hard one', OPCODES.spawn, [...VALID, ['rlimit', 'nofile:5']], 'request'],
    ['a limit that does not exist', OPCODES.spawn, [...VALID, ['rlimit', 'nofiles:5:5']], 'request'],
    ['a limit that is no number', OPCODES.spawn, [...VALID, ['rlimit', 'nofile:5:many']], 'request'],
    ['a capability that cannot be', OPCODES.spawn, [...VALID, ['capabilities', '64']], 'request'],
    ['capabilities that end in a comma', OPCODES.spawn, [...VALID, ['capabilities', '1,']], 'request'],
    ['a half no-new-privs', OPCODES.spawn, [...VALID, ['no-new-privs', 'maybe']], 'request'],
    ['descriptor 0 for readiness', OPCODES.spawn, [...VALID, ['notify', '0']], 'request'],
    ['descriptor 1024 for readiness', OPCODES.spawn, [...VALID, ['notify', '1024']], 'request'],
    ['signal 0 as pdeathsig', OPCODES.spawn, [...VALID, ['pdeathsig', '0']], 'request'],
    ['too many cgroups', OPCODES.spawn, [...VALID, ...Array<Field>(17).fill(['cgroup', '/x'])], 'request'],
    ['an unknown isolation', OPCODES.spawn, [...VALID, ['isolation', 'none']], 'request'],
    ['too many arguments', OPCODES.spawn, [...VALID, ...Array<Field>(70000).fill(['arg', 'x'])], 'request'],
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
    one.send(OPCODES.spawn, 2, VALID)
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
    one.socket.end(encodeFrame(OPCODES.spawn, 1, encodeFields(VALID)).subarray(0, 20))
    expect(await one.gone).toEqual([1, null])
  })

  test('a helper that ends as soon as it begins never leaves its guard behind', async () => {
    for (let round = 0; round < 15; round++) {
      const all = Array.from({ length: 20 }, () => new Wire(path))
      for (const one of all) one.socket.end(Buffer.alloc(40, 0xff))
      for (const one of all) expect(await withinLimit(one.gone, () => 'the guard ends')).toEqual([1, null])
    }
  })
})
