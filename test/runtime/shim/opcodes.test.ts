// The opcodes of C and of TypeScript are those of protocol.md; each request has a function.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAX_FRAME_BYTES, PROTOCOL_VERSION } from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'
import { opcodesInC, opcodesInTypeScript, readOpcodes } from '../../../tools/pages/opcodes.ts'
import { root } from '../../helpers/kahi.ts'

const shim = (name: string): string => readFileSync(join(root, 'runtime/shim', name), 'utf8')
const opcodes = readOpcodes(shim('protocol.md'))

test('the sources are made from the tables of the page', () => {
  expect(opcodes.length).toBeGreaterThan(20)
  expect(shim('native/opcodes.h'), 'npm run docs').toBe(opcodesInC(opcodes))
  expect(shim('client/opcodes.ts'), 'npm run docs').toBe(opcodesInTypeScript(opcodes))
})

test('no number and no name is there twice', () => {
  for (const index of [0, 1]) expect(new Set(opcodes.map((one) => one[index])).size).toBe(opcodes.length)
})

test('each request has a function in C', () => {
  const handled = [...shim('native/requests.c').matchAll(/\[([A-Z]+)\] = handle_/g)].map(([, name]) => name)
  const requests = opcodes.filter(([, number]) => number < OPCODES.done)
  expect(handled).toEqual(requests.map(([name]) => name))
})

test('the version and the longest frame are the same', () => {
  expect(shim('native/protocol.h')).toContain(`PROTOCOL = ${PROTOCOL_VERSION},`)
  expect(shim('native/protocol.h')).toContain(`MAX_FRAME = ${MAX_FRAME_BYTES >> 20} << 20,`)
})
