// At a terminal `kahi ctl stop` asks before it stops dependents too. In scripts it does not ask.

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { kahiPath } from '../helpers/kahi.ts'
import { end, noting, run } from '../helpers/order.ts'
import { typeAt } from '../helpers/terminal.ts'

const hasPython = spawnSync('/usr/bin/python3', ['-c', 'import pty']).status === 0

test.skipIf(!hasPython)('stop asks before dependents are stopped too (needs python3)', async () => {
  const all = await run(noting('db') + noting('web', 'depends_on = ["db"]') + noting('other'))
  for (const name of ['db', 'web', 'other']) await all.daemon.line(`success: ${name} entered RUNNING`)
  const at = (words: readonly string[], keys: string) =>
    typeAt([kahiPath, 'ctl', '-c', `${all.folder}/kahi.toml`, ...words], keys === '' ? [] : [[keys, 'y/N']])
  for (const keys of ['n\n', '\n', '\u0004', '\u0003'])
    expect(await at(['stop', 'db'], keys)).toMatchObject({
      exitCode: 1,
      screen: expect.stringMatching(/web depends on db: stop it too\? \[y\/N\].*\s*nothing was stopped/),
    })
  expect((await all.ctl('status')).stdout.match(/RUNNING/g)).toHaveLength(3)
  expect((await at(['stop', 'other'], '')).screen).toContain('other: stopped')
  expect((await at(['stop', 'web', 'db'], '')).exitCode).toBe(0)
  await all.ctl('start', 'db')
  await all.ctl('start', 'web')
  expect((await at(['stop', 'db'], 'y\n')).screen).toContain('web: stopped (depends on db)')
  await all.ctl('start', 'db')
  expect((await at(['stop', '--yes', 'db'], '')).screen).toContain('web: stopped (depends on db)')
  await all.ctl('start', 'db')
  expect((await all.ctl('stop', 'db')).stdout).toBe('web: stopped (depends on db)\ndb: stopped\n')
  await end(all)
})
