// kahi says in one sentence that Node.js is missing or too old.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'

test.each([['check'], ['daemon'], ['supervisord']])('without node in PATH, kahi %s says so', async (command) => {
  expect(await kahi([command], { env: { PATH: scratch() } })).toEqual({
    exitCode: 111,
    stdout: '',
    stderr: 'kahi: there is no program "node" in PATH: install Node.js 20.19 or newer, or set KAHI_NODE to its path\n',
    signal: undefined,
  })
})

test.each([
  ['18.19.1', 'check'],
  ['20.18.3', 'supervisord'],
])('Node.js %s is too old for kahi %s', async (version, command) => {
  const folder = scratch()
  const older = join(folder, 'older.cjs')
  writeFileSync(
    older,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  )
  expect(await kahi([command], { cwd: folder, env: { NODE_OPTIONS: `--require ${older}` } })).toMatchObject({
    exitCode: 111,
    stderr: `kahi: ${process.execPath} is Node.js ${version}, and kahi needs 20.19 or newer: install it, or set KAHI_NODE to its path\n`,
  })
})
