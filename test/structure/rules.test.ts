// The rules themselves: each sees what it forbids, and says where.

import { expect, test } from 'vitest'
import { docs, fileCycles, floors, moduleCycles, nativeSizes, packages, type Rule, seam, sizes } from './rules.ts'
import { functionsOf, importsOf, maskText, sourceOf } from './scan.ts'

type Files = Readonly<Record<string, string>>

const long = Array.from({ length: 60 }, (_, index) => `  step(${index})`).join('\n')
const bad: readonly (readonly [string, Rule, Files, string])[] = [
  ['config imports runtime', floors, { 'config/a.ts': "import '../runtime/daemon.ts'" }, 'config/a.ts:1:'],
  [
    'converter imports runtime',
    floors,
    { 'converter/a.ts': "\nimport { b } from '../runtime/log/b.ts'" },
    'converter/a.ts:2:',
  ],
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
    { 'runtime/system/a.ts': "await import('../daemon.ts')" },
    'runtime/system/a.ts:1:',
  ],
  ['an unknown module', floors, { 'runtime/new/a.ts': "import '../log/b.ts'" }, 'runtime/new/a.ts:1:'],
  [
    'two files in a circle',
    fileCycles,
    { 'cli/a.ts': "import './b.ts'", 'cli/b.ts': "import './a.ts'" },
    'cli/b.ts:1: cli/a.ts → cli/b.ts → cli/a.ts',
  ],
  [
    'two modules in a circle',
    moduleCycles,
    {
      'runtime/log/a.ts': "import '../events/b.ts'",
      'runtime/events/c.ts': "import '../log/d.ts'",
    },
    'runtime/events/c.ts:1: runtime/log → runtime/events → runtime/log',
  ],
  ['a timer', seam, { 'runtime/service/a.ts': '// no\nsetTimeout(go, 5)' }, 'runtime/service/a.ts:2: setTimeout'],
  ['a clock', seam, { 'cli/a.ts': 'const now = Date.now()' }, 'cli/a.ts:1: Date.now'],
  ['a signal', seam, { 'runtime/log/a.ts': 'process.kill(1, 9)' }, 'runtime/log/a.ts:1: process.kill'],
  ['an end', seam, { 'cli/kahi.ts': 'process.exit(1)' }, 'cli/kahi.ts:1: process.exit'],
  ['a child', seam, { 'cli/a.ts': "import { spawn } from 'node:child_process'" }, 'cli/a.ts:1: child_process'],
  ['a package elsewhere', packages, { 'cli/a.ts': "import chalk from 'chalk'" }, 'cli/a.ts:1: chalk'],
  ['a package of nobody', packages, { 'cli/a.ts': "import x from '@scope/x/y'" }, 'cli/a.ts:1: @scope/x/y'],
  ['a long file', sizes, { 'cli/a.ts': '//\n'.repeat(301) }, 'cli/a.ts:301:'],
  ['a long file in C', nativeSizes, { 'a.c': '//\n'.repeat(301) }, 'a.c:301:'],
  ['a long function in C', nativeSizes, { 'a.c': `\nint a(void) {\n${long}\n}\n` }, 'a.c:2: a function of 62 lines'],
  [
    'a long function',
    sizes,
    { 'cli/a.ts': `\nfunction a(): { b: 1 } {\n${long}\n}` },
    'cli/a.ts:2: a function of 62 lines',
  ],
  [
    'a long arrow function',
    sizes,
    { 'cli/a.ts': `const a = () => {\n${long}\n}` },
    'cli/a.ts:1: a function of 62 lines',
  ],
  [
    'a long method',
    sizes,
    { 'cli/a.ts': `class A {\n  async #b(c = {}): Promise<void> {\n${long}\n}}` },
    'cli/a.ts:2: a function of 62 lines',
  ],
  ['no head', docs, { 'cli/a.ts': "import './b.ts'" }, 'cli/a.ts:1:'],
  ['no doc comment', docs, { 'cli/a.ts': '// A.\n\nexport const a = 1' }, 'cli/a.ts:3: a has no doc comment'],
]

test.each(bad)('%s is seen', (_sentence, rule, files, message) => {
  const found = rule(Object.entries(files).map(([path, text]) => sourceOf(path, text)))
  expect(found).toHaveLength(1)
  expect(found[0]?.startsWith(message)).toBe(true)
})

const good: readonly (readonly [string, Rule, Files])[] = [
  ['words in comments and strings', seam, { 'cli/a.ts': "// setTimeout\nconst a = 'Date.now' + `process.exit ${b}`" }],
  ['process.exitCode', seam, { 'cli/a.ts': 'process.exitCode = 1' }],
  ['the seam itself', seam, { 'runtime/system/a.ts': 'setTimeout(go, 5)', 'cli/main.ts': 'process.exit(1)' }],
  ['a long table', sizes, { 'config/keys/a.ts': '//\n'.repeat(400) }],
  ['a lower floor', floors, { 'runtime/control/rest/a.ts': "import '../../log/b.ts'" }],
  ['a documented export', docs, { 'cli/a.ts': '// A.\n\n/** A. */\nexport const a = 1' }],
]

test.each(good)('%s passes', (_sentence, rule, files) => {
  expect(rule(Object.entries(files).map(([path, text]) => sourceOf(path, text)))).toEqual([])
})

test('strings, templates, patterns and comments are blanked, code in templates is not', () => {
  const code = maskText("a('b\\'c') // d\nconst e = /[/'\"`]f/g; `g ${h({ i: `j` })} k`; l / m / n")
  expect(code).toBe("a('    ')     \nconst e =           ; `  ${h({ i: ` ` })}  `; l / m / n")
})

test('imports are found over lines and on use', () => {
  const source = sourceOf(
    'cli/a.ts',
    "import {\n  b,\n} from './b.ts'\nexport type { C } from \"./c.ts\"\nawait import('./d.ts')",
  )
  expect(importsOf(source)).toEqual([
    { specifier: './b.ts', line: 3 },
    { specifier: './c.ts', line: 4 },
    { specifier: './d.ts', line: 5 },
  ])
})

test('calls and control flow are no functions', () => {
  const source = sourceOf('cli/a.ts', 'function a() {\n  if (b) {\n    c(d)\n  }\n  for (;;) {\n  }\n}\n')
  expect(functionsOf(source)).toEqual([{ line: 1, lines: 7 }])
  const signatures = sourceOf(
    'cli/a.ts',
    'interface A {\n  b(c: number): void\n  d(e: F): G\n}\nclass H {\n  i = 1\n}\n',
  )
  expect(functionsOf(signatures)).toEqual([])
})
