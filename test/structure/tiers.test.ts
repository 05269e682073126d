// Each test file is in exactly one tier, and the fast tier starts no process.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/kahi.ts'
import { tiers } from '../helpers/tiers.ts'

test('each folder with tests is in one tier', () => {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  const folders = files.filter((name) => name.endsWith('.test.ts')).map((name) => name.split('/')[0] ?? '')
  const listed = Object.values(tiers).flatMap((tier) => [...tier.folders])
  expect([...listed].sort()).toEqual([...new Set(folders)].sort())
})

test('CONTRIBUTING.md names the folders of each tier', () => {
  const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  for (const [name, { folders }] of Object.entries(tiers)) {
    const [, , , cell = ''] =
      page
        .split('\n')
        .find((line) => line.startsWith(`| ${name} |`))
        ?.split('|') ?? []
    expect(
      [...cell.matchAll(/`(\w+)`/g)].map(([, folder]) => folder),
      name,
    ).toEqual([...folders])
  }
})

test('a process that is started in the fast tier fails its test', () => {
  expect(() => spawnSync('/bin/true')).toThrow('the fast tier starts no process')
})
