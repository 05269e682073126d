// Words that readers misunderstand stay out of comments, messages, names and pages. CONTRIBUTING.md, "Language", lists them.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/kahi.ts'
import { findWords, type TextFile, unusedAllowances } from './words.ts'

const FOLDERS = ['.ci', 'bench', 'cli', 'config', 'converter', 'docs', 'fuzz', 'runtime', 'test', 'tools']
const KINDS = /\.(?:ts|mts|mjs|js|c|h|py|sh|md)$|^\.ci\//
const OWN = ['test/structure/words.ts', 'test/structure/words.test.ts']

function readFiles(): readonly TextFile[] {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  return [...readdirSync(root), ...below]
    .filter((path) => KINDS.test(path) && !OWN.includes(path) && statSync(join(root, path)).isFile())
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

test('comments, messages, names and pages use the words of the field', () => {
  const files = readFiles()
  expect(files.length).toBeGreaterThan(500)
  expect(files.flatMap(findWords)).toEqual([])
  expect(unusedAllowances(files)).toEqual([])
})

test.each([
  ['a person without a name', '// Somebody wanted it up.', ['a.ts:1: Somebody']],
  ['a body part', 'const x = 1\n/** The brain decides. */', ['a.ts:2: brain']],
  ['a part of a house', "log('the door is open')", ['a.ts:1: door']],
  ['a report without a subject', '// Its end is told.', ['a.ts:1: is told']],
  ['a riddle', '// When it ends by itself all is as ever.', ['a.ts:1: all is as ever']],
  ['names in camel case', 'const isStandIn = firstBrain', ['a.ts:1: StandIn', 'a.ts:1: Brain']],
  ['nothing in other words', '// Doorbell, whatever, never, foretold, standing in line', []],
  ['nothing in the Unix user', "user = 'nobody'", []],
])('finds %s', (_what, text, found) => {
  expect(findWords({ path: 'a.ts', text })).toEqual(found)
})
