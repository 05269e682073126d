// Frames are the same after writing and reading, no matter how the bytes are split. Bytes that are not frames are refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeFields,
  encodeFrame,
  type Field,
  FrameError,
  FrameReader,
  fieldOf,
  MAX_FRAME_BYTES,
  numberOf,
  PROTOCOL_VERSION,
} from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'
import { encodeSpawn } from '../../../runtime/shim/client/spawn-frame.ts'
import { errnoName, exitStatus } from '../../../runtime/shim/client/status.ts'
import { request } from '../../processes/shim/helpers.ts'

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
const key = text.filter((value) => !value.includes('='))
const frame = fc.record({
  opcode: fc.integer({ min: 0, max: 255 }),
  request: fc.integer({ min: 0, max: 0xffffffff }),
  fields: fc.array(fc.tuple(key, text)),
})

test('any frames, cut anywhere, come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (frames, size) => {
      const bytes = Buffer.concat(frames.map((one) => encodeFrame(one.opcode, one.request, encodeFields(one.fields))))
      const reader = new FrameReader()
      const read = []
      for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)))
      expect(read).toEqual(frames.map((one) => ({ version: PROTOCOL_VERSION, ...one })))
    }),
  )
})

test('random bytes give frames or a FrameError, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        new FrameReader().push(Buffer.from(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError)
      }
    }),
  )
})

describe('refused', () => {
  const withLength = (length: number) => {
    const bytes = Buffer.alloc(20)
    bytes.writeUInt32LE(length)
    return bytes
  }
  test.each([
    ['a frame that is too long', () => new FrameReader().push(withLength(MAX_FRAME_BYTES + 1))],
    ['a frame without a header', () => new FrameReader().push(withLength(7))],
    ['a field without an end', () => new FrameReader().push(encodeFrame(1, 1, Buffer.from('a=b')))],
    ['a field without "="', () => new FrameReader().push(encodeFrame(1, 1, Buffer.from('ab\0')))],
    ['a NUL in a value', () => encodeFields([['a', 'b\0c']])],
    ['a "=" in a key', () => encodeFields([['a=', 'b']])],
    ['too many bytes to send', () => encodeFrame(1, 1, Buffer.alloc(MAX_FRAME_BYTES))],
    ['a number that is none', () => numberOf({ version: 1, opcode: 1, request: 1, fields: [['pid', '1x']] }, 'pid')],
  ])('%s', (_sentence, action) => {
    expect(action).toThrow(FrameError)
  })
})

test('a spawn request names everything, groups and octal umask included', () => {
  const user = { uid: 5, gid: 6, groups: [6, 7] }
  const parts = encodeSpawn(request('a', 'true', { umask: 0o27, user, directory: '/', environment: { A: 'b=c' } }))
  const [read] = new FrameReader().push(encodeFrame(OPCODES.spawn, 9, ...parts))
  const expected: Field[] = [
    ['umask', '27'],
    ['uid', '5'],
    ['gid', '6'],
    ['groups', '6,7'],
    ['directory', '/'],
    ['env', 'A=b=c'],
  ]
  expect(read?.fields).toEqual(expect.arrayContaining(expected))
  expect(read && fieldOf(read, 'id')).toBe('a')
})

test.each([
  [0, { code: 0, signal: undefined, coreDumped: false }],
  [3 << 8, { code: 3, signal: undefined, coreDumped: false }],
  [9, { code: undefined, signal: 9, coreDumped: false }],
  [0x80 | 11, { code: undefined, signal: 11, coreDumped: true }],
  [40, { code: undefined, signal: 40, coreDumped: false }],
])('wait status %i', (status, expected) => {
  expect(exitStatus(status)).toEqual(expected)
})

test('errno numbers get their names', () => {
  expect([2, 8, 11, 999].map(errnoName)).toEqual(['ENOENT', 'ENOEXEC', 'EAGAIN', 'E999'])
})
