// The checks of types, form and lint. They are tests, so that `npm test` is the whole gate and counts their results.

import { execa } from 'execa'
import { expect, test } from 'vitest'
import { root } from '../helpers/kahi.ts'

test.each([
  ['types fit', 'types'],
  ['form and lint find nothing', 'lint'],
])('%s (npm run %s)', async (_, script) => {
  const { exitCode, all } = await execa('npm', ['run', '--silent', script], { cwd: root, all: true, reject: false })
  expect(exitCode, all).toBe(0)
})

test('clang-format changes no C source (npm run format:c -- --check)', async ({ skip }) => {
  const options = { cwd: root, all: true, reject: false } as const
  const { exitCode, all } = await execa('npm', ['run', '--silent', 'format:c', '--', '--check'], options)
  if (exitCode === 3) skip(all)
  expect(exitCode, all).toBe(0)
})
