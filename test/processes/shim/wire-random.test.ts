// After random bytes the helper works or has exited, but has not crashed.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame } from '../../../runtime/shim/client/frames.ts'

import { onTheWire, Wire } from './wire.ts'

onTheWire(({ path, wire }) => {
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
