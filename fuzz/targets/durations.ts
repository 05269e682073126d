// Durations with units.

import fc, { type Arbitrary } from 'fast-check'
import { secondsOf } from '../../config/values/duration.ts'
import { target } from '../target.ts'

const UNITS = ['d', 'h', 'm', 's', 'ms'] as const
const PARTS = [...UNITS, ' ', '.', '-', '1e9', '0x1', '1.5h', '1m30s', '\n', '\u0661s', '', '9'.repeat(70)]

/** Sums of units, and nearly valid texts. */
export const durations = target<string>({
  name: 'durations',
  about: 'durations such as 1m30s: what is read is a number, and the same without blanks',
  inputs: () =>
    fc.oneof(sums(), fc.array(fc.oneof(fc.constantFrom(...PARTS), fc.string()), { maxLength: 30 }).map(joined)),
  async open() {
    return {
      async check(text) {
        const seconds = secondsOf(text)
        if (seconds === undefined) return 'refused'
        if (!Number.isFinite(seconds) || seconds < 0) throw new Error(`it is ${seconds}`)
        const packed = text.replaceAll(/\s/g, '')
        if (secondsOf(packed) !== seconds) throw new Error('without blanks it is another duration')
        return 'accepted'
      },
      close: async () => {},
    }
  },
})

function sums(): Arbitrary<string> {
  const number = fc.oneof(fc.nat(100), fc.double({ min: 0, max: 1e6, noNaN: true }))
  const part = fc.tuple(number, fc.constantFrom('', ' ', '\t'), fc.constantFrom(...UNITS), fc.constantFrom('', ' '))
  return fc.array(part.map(joined), { minLength: 1, maxLength: 5 }).map(joined)
}

function joined(parts: readonly unknown[]): string {
  return parts.join('')
}
