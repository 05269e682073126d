// The names of the TOML files that are written for a directory.

import { expect, test } from 'vitest'
import { nameTargets } from '../../../cli/migrate/targets.ts'

const INI = ['.conf', '.ini']

test.each([
  ['the ending of the format goes', [['a/web.conf', INI]], ['a/web.toml']],
  ['another ending stays', [['a/web.cfg', INI]], ['a/web.cfg.toml']],
  ['a format without endings', [['a/Procfile', []]], ['a/Procfile.toml']],
  [
    'files of one name',
    [
      ['a.conf', INI],
      ['a.ini', INI],
    ],
    ['a.conf.toml', 'a.ini.toml'],
  ],
] as const)('%s', (_what, files, targets) => {
  expect([...nameTargets(files).values()]).toEqual(targets)
})
