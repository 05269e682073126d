// Checks the rules of the code base. A broken rule names the file and the line.

import { expect, test } from 'vitest'
import { NATIVE } from '../../tools/build-native.ts'
import { root } from '../helpers/kahi.ts'
import { ALLOWED } from './places.ts'
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
  staticClosure,
} from './rules.ts'
import { readSources } from './scan.ts'

const sources = readSources(root, ['config', 'converter', 'runtime', 'cli'])

const rules: readonly (readonly [string, Rule])[] = [
  ['imports go to lower layers, siblings never meet', floors],
  ['plans and state machines are pure', purity],
  ['what control needs of the runtime stands in one file', oneInterface],
  ['files do not import each other in circles', fileCycles],
  ['each package has the importers that are listed', packages],
  ['files are opened, made and removed by path only where that is safe', byPath],
  ['trees are removed by path only where no other user can write', byTree],
  ['files and exported symbols say what they are for', docs],
]

test.each(rules)('%s', (_sentence, rule) => {
  expect(rule(sources)).toEqual([])
})

test('each file that may act by path exists', () => {
  const paths = sources.map(({ path }) => path)
  expect(Object.keys(ALLOWED).filter((path) => !paths.includes(path))).toEqual([])
})

test('programs in C are small too', () => {
  const native = readSources(root, Object.values(NATIVE), /\.[ch]$/)
  expect(native.length).toBeGreaterThan(30)
  expect(nativeSizes(native)).toEqual([])
})

test('a daemon starts without the command line parser, colours or HTTP', () => {
  const loaded = staticClosure(sources, 'cli/commands/run-daemon.ts')
  expect(loaded).toContain('runtime/supervisor/supervisor.ts')
  const heavy = [
    'yargs',
    'chalk',
    'node:http',
    'cli/print.ts',
    'cli/kahi.ts',
    'runtime/control/http/server.ts',
    'runtime/control/http/http.ts',
    'runtime/metrics/exposition.ts',
    'runtime/process/usage.ts',
  ]
  expect(heavy.filter((name) => loaded.has(name))).toEqual([])
})

test('main loads nothing but what the program needs', () => {
  const loaded = [...staticClosure(sources, 'cli/main.ts')].filter((name) => !name.startsWith('node:'))
  expect(loaded.sort()).toEqual(['cli/exit-codes.ts', 'cli/main.ts'])
  expect([...staticClosure(sources, 'cli/entry.ts')]).toEqual(['cli/entry.ts'])
})
