// The fuzzer finds bugs in a test target, and finds no bug in kahi within a minute. The seed is fixed, so the inputs are always the same.

import fc from 'fast-check'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { type Target, target } from '../../fuzz/target.ts'
import { tryInputs } from '../../fuzz/worker.ts'
import { root, scratch } from '../helpers/kahi.ts'

const SEED = 1
const SECONDS = 60

function fuzz(...args: string[]) {
  const command = ['tools/run.mjs', 'fuzz/main.ts', '--keep', scratch(), ...args]
  return execa(process.execPath, command, { cwd: root, reject: false })
}

function tried(checked: Target<unknown>) {
  const shared = { now: new SharedArrayBuffer(8), text: new SharedArrayBuffer(4096) }
  return tryInputs(checked, { target: checked.name, root, seed: SEED, ms: 60_000, ...shared })
}

function numbers(check: (input: number) => Promise<'accepted' | 'refused'>): Target<unknown> {
  return target<number>({
    name: 'numbers',
    about: 'numbers from 0 to 1000',
    inputs: () => fc.nat(1000),
    open: async () => ({ check, close: async () => {} }),
  })
}

test('an input that fails is made smaller, and told', async () => {
  const { failure } = await tried(
    numbers(async (input) => {
      if (input > 41) throw new Error(`${input} is too much`)
      return 'accepted'
    }),
  )
  expect(failure?.input).toBe('42')
  expect(failure?.message).toContain('42 is too much')
})

test('options that it does not know are refused', async () => {
  const result = await fuzz('--only', 'nothing')
  expect(result.exitCode).toBe(2)
  expect(result.stderr).toContain('--only does not know "nothing"')
})

test(`${SECONDS} seconds find nothing`, async () => {
  const { stdout, exitCode } = await fuzz('--seconds', String(SECONDS), '--seed', String(SEED))
  expect(stdout).toContain(' 0 failed')
  expect(exitCode).toBe(0)
  for (const name of ['supervisord', 'toml', 's6-rc', 's6-overlay', 'http', 'xmlrpc', 'streams'])
    expect(stdout).toMatch(new RegExp(`^${name}: [1-9]\\d* inputs, [1-9]`, 'm'))
})
