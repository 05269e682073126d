// docs/decisions/README.md lists every decision, and every decision has a status with a date.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/kahi.ts'

const FOLDER = join(root, 'docs/decisions')
const names = readdirSync(FOLDER).filter((name) => name !== 'README.md')

test('the list has a line for each decision, with its title', () => {
  const expected = names.sort().map((name) => {
    const [title = ''] = readFileSync(join(FOLDER, name), 'utf8').split('\n')
    expect(Number.parseInt(name, 10), name).toBe(Number(/^# (\d+)\. /.exec(title)?.[1]))
    return `- [${title.slice('# '.length)}](${name})`
  })
  const lines = readFileSync(join(FOLDER, 'README.md'), 'utf8').split('\n')
  expect(lines.filter((line) => line.startsWith('- '))).toEqual(expected)
})

test('each decision has a number of its own', () => {
  const numbers = names.map((name) => Number.parseInt(name, 10))
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([])
})

test.each(names)('%s has a status with a date', (name) => {
  expect(readFileSync(join(FOLDER, name), 'utf8')).toMatch(/^Status: [a-z]+, \d{4}-\d{2}-\d{2}\./m)
})
