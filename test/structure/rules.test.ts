// Tests of the rules: each rule finds the code that it forbids, and reports its place.

import { expect, test } from 'vitest'
import {
  byPath,
  byTree,
  docs,
  fileCycles,
  floors,
  nativeSizes,
  oneInterface,
  packages,
  purity,
  type Rule,
} from './rules.ts'
import { importsOf } from './scan.ts'

type Files = Readonly<Record<string, string>>

const long = Array.from({ length: 60 }, (_, index) => `  step(${index})`).join('\n')
const bad: readonly (readonly [string, Rule, Files, string])[] = [
  ['config imports runtime', floors, { 'config/a.ts': "import '../runtime/daemon/daemon.ts'" }, 'config/a.ts:1:'],
  [
    'converter imports runtime',
    floors,
    { 'converter/a.ts': "\nimport { b } from '../runtime/log/b.ts'" },
    'converter/a.ts:2:',
  ],
  [
    'a file is written by its path',
    byPath,
    { 'runtime/log/a.ts': "import { statSync, writeFileSync } from 'node:fs'" },
    'runtime/log/a.ts:1: writeFileSync',
  ],
  ['a tree', byTree, { 'runtime/log/a.ts': 'await rm(path, { force: true, recursive: true })' }, 'runtime/log/a.ts:1:'],
  ['a whole module of files', byPath, { 'runtime/log/a.ts': "import * as fs from 'node:fs'" }, 'runtime/log/a.ts:1:'],
  ['siblings meet', floors, { 'runtime/log/a.ts': "import type { B } from '../events/b.ts'" }, 'runtime/log/a.ts:1:'],
  [
    'a lower floor looks up',
    floors,
    { 'runtime/service/a.ts': "export { b } from '../control/b.ts'" },
    'runtime/service/a.ts:1:',
  ],
  [
    'a lower floor looks up on use',
    floors,
    { 'runtime/system/a.ts': "await import('../daemon/daemon.ts')" },
    'runtime/system/a.ts:1:',
  ],
  ['a folder of config that looks up', floors, { 'config/keys/a.ts': "import '../toml/b.ts'" }, 'config/keys/a.ts:1:'],
  ['an unknown module', floors, { 'runtime/new/a.ts': "import '../log/b.ts'" }, 'runtime/new/a.ts:1:'],
  [
    'two files in a circle',
    fileCycles,
    { 'cli/a.ts': "import './b.ts'", 'cli/b.ts': "import './a.ts'" },
    'cli/b.ts:1: cli/a.ts → cli/b.ts → cli/a.ts',
  ],
  [
    'a plan with a file',
    purity,
    { 'runtime/plan/a.ts': "import { readFileSync } from 'node:fs'" },
    'runtime/plan/a.ts:1: runtime/plan/ must not import node:fs',
  ],
  [
    'a machine with a clock',
    purity,
    { 'runtime/service/machine/a.ts': "import type { C } from '../../system/clock.ts'" },
    'runtime/service/machine/a.ts:1:',
  ],
  [
    'a machine with more than types of the helper',
    purity,
    { 'runtime/service/machine/a.ts': "import { s } from '../../shim/shim.ts'" },
    'runtime/service/machine/a.ts:1:',
  ],
  [
    'a protocol that names the runtime',
    oneInterface,
    { 'runtime/control/s6/a.ts': "import type { B } from '../../shim/b.ts'" },
    'runtime/control/s6/a.ts:1:',
  ],
  ['two protocols', floors, { 'runtime/control/rest/a.ts': "import '../s6/b.ts'" }, 'runtime/control/rest/a.ts:1:'],
  [
    'HTTP with a protocol',
    floors,
    { 'runtime/control/http/a.ts': "import '../rest/b.ts'" },
    'runtime/control/http/a.ts:1:',
  ],
  [
    'an operation with HTTP',
    floors,
    { 'runtime/control/operations/a.ts': "import '../http/b.ts'" },
    'runtime/control/operations/a.ts:1:',
  ],
  [
    'a protocol that knows the list of all',
    oneInterface,
    { 'runtime/control/rest/a.ts': "import '../protocols.ts'" },
    'runtime/control/rest/a.ts:1:',
  ],
  [
    'a new folder of control',
    floors,
    { 'runtime/control/new/a.ts': "import '../rest/b.ts'" },
    'runtime/control/new/a.ts:1:',
  ],
  ['a package elsewhere', packages, { 'cli/a.ts': "import chalk from 'chalk'" }, 'cli/a.ts:1: chalk'],
  ['a package without an importer', packages, { 'cli/a.ts': "import x from '@scope/x/y'" }, 'cli/a.ts:1: @scope/x/y'],
  ['a long file in C', nativeSizes, { 'a.c': '//\n'.repeat(301) }, 'a.c:301:'],
  ['a long function in C', nativeSizes, { 'a.c': `\nint a(void) {\n${long}\n}\n` }, 'a.c:2: a function of 62 lines'],
  ['no head', docs, { 'cli/a.ts': "import './b.ts'" }, 'cli/a.ts:1:'],
  ['no doc comment', docs, { 'cli/a.ts': '// A.\n\nexport const a = 1' }, 'cli/a.ts:3: a has no doc comment'],
]

test.each(bad)('%s is seen', (_sentence, rule, files, message) => {
  const found = rule(Object.entries(files).map(([path, text]) => ({ path, text })))
  expect(found).toHaveLength(1)
  expect(found[0]?.startsWith(message)).toBe(true)
})

const good: readonly (readonly [string, Rule, Files])[] = [
  ['a lower floor', floors, { 'runtime/control/rest/a.ts': "import '../../log/b.ts'" }],
  [
    'types of the helper in a machine',
    purity,
    {
      'runtime/service/machine/a.ts':
        "import type { E } from '../../shim/shim.ts'\nimport { n } from '../../../config/b.ts'",
    },
  ],
  ['a protocol over HTTP', floors, { 'runtime/control/rest/a.ts': "import '../http/b.ts'\nimport './c.ts'" }],
  [
    'an overload and the words of a string',
    docs,
    {
      'cli/a.ts':
        '// A.\n\n/** A. */\nexport function a(b: 1): 1\nexport function a(b: 2): 2\nexport function a(b: number): number {\n  return b\n}\nconst c = `\nexport const d = 1`\n',
    },
  ],
  ['a documented export', docs, { 'cli/a.ts': '// A.\n\n/** A. */\nexport const a = 1' }],
]

test.each(good)('%s passes', (_sentence, rule, files) => {
  expect(rule(Object.entries(files).map(([path, text]) => ({ path, text })))).toEqual([])
})

test('imports are found over lines, as types and on use; strings and comments are none', () => {
  const text = `import {
  b,
} from './b.ts'
export type { C } from "./c.ts"
await import('./d.ts')
type E = import('./e.ts').E
// import './f.ts'
const g = "import './g.ts'"`
  expect(importsOf({ path: 'cli/a.ts', text })).toEqual([
    { specifier: './b.ts', line: 3, isType: false, isLazy: false },
    { specifier: './c.ts', line: 4, isType: true, isLazy: false },
    { specifier: './d.ts', line: 5, isType: false, isLazy: true },
    { specifier: './e.ts', line: 6, isType: true, isLazy: false },
  ])
})
