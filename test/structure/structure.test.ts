// The rules of the code base, held. A broken rule names the file and the line.

import { expect, test } from 'vitest'
import { root } from '../helpers/kahi.ts'
import {
  docs,
  fileCycles,
  floors,
  moduleCycles,
  nativeSizes,
  packages,
  type Rule,
  seam,
  sizes,
  staticClosure,
} from './rules.ts'
import { readSources } from './scan.ts'

const sources = readSources(root, ['config', 'converter', 'runtime', 'cli'])

const held: readonly (readonly [string, Rule])[] = [
  ['imports go down or stay, siblings never meet', floors],
  ['files do not import each other in circles', fileCycles],
  ['modules do not import each other in circles', moduleCycles],
  ['time, signals, children and exit are touched in one place', seam],
  ['each package has one importer', packages],
  ['files and functions stay small', sizes],
  ['files and exported symbols say what they are for', docs],
]

test.each(held)('%s', (_sentence, rule) => {
  expect(rule(sources)).toEqual([])
})

test('programs in C are small too', () => {
  const native = readSources(root, ['runtime/shim/native', 'runtime/s6-tools'], /\.[ch]$/)
  expect(native.length).toBeGreaterThan(30)
  expect(nativeSizes(native)).toEqual([])
})

test('a daemon starts without the command line parser, colours or HTTP', () => {
  const loaded = staticClosure(sources, 'cli/commands/daemon.ts')
  expect(loaded).toContain('runtime/supervisor.ts')
  const heavy = [
    'yargs',
    'chalk',
    'node:http',
    'cli/print.ts',
    'cli/kahi.ts',
    'runtime/control/rest/server.ts',
    'runtime/control/rest/http.ts',
  ]
  expect(heavy.filter((name) => loaded.has(name))).toEqual([])
})

test('main loads nothing but what the program needs', () => {
  const loaded = [...staticClosure(sources, 'cli/main.ts')].filter((name) => !name.startsWith('node:'))
  expect(loaded.sort()).toEqual(['cli/exit-codes.ts', 'cli/main.ts'])
})
