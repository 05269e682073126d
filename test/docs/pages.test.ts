// The pages made from tables are up to date and complete.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliMarkdown } from '../../tools/pages/cli.ts'
import { compatMarkdown, scenesMarkdown } from '../../tools/pages/compat.ts'
import { overlayMarkdown } from '../../tools/pages/overlay.ts'
import { eventsMarkdown, restDocument, restMarkdown } from '../../tools/pages/rest.ts'
import { type Schema, schemaMarkdown } from '../../tools/pages/schema.ts'
import { root } from '../helpers/kahi.ts'
import { hasOracle, ORACLE_NEEDED, SHARED } from '../helpers/oracle.ts'

function page(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

test('docs/compat/supervisord.md says what the tables say', () => {
  const [, made = ''] = page('docs/compat/supervisord.md').split(/<!-- made from tables: \w+ -->\n/)
  expect(made, 'npm run docs').toBe(`${compatMarkdown()}\n`)
})

test('docs/reference/cli.md says what the commands say', () => {
  expect(page('docs/reference/cli.md'), 'npm run docs').toBe(cliMarkdown())
})

test('docs/developers/scenes.md names all scenes', () => {
  expect(page('docs/developers/scenes.md'), 'npm run docs').toBe(scenesMarkdown())
})

test('docs/compat/s6.md says what the tables say', () => {
  const [, made = ''] = page('docs/compat/s6.md').split(/<!-- made from tables: \w+ -->\n/)
  expect(made, 'npm run docs').toBe(`${overlayMarkdown()}\n`)
})

test('docs/reference/rest.md and openapi.json say what the rows of the endpoints say', () => {
  const [, made = ''] = page('docs/reference/rest.md').split(/<!-- made from tables: \w+ -->\n/)
  expect(made, 'npm run docs').toBe(`${restMarkdown()}\n`)
  expect(JSON.parse(page('docs/reference/openapi.json')), 'npm run docs').toEqual(
    JSON.parse(JSON.stringify(restDocument())),
  )
})

test('docs/reference/events.md says what the shapes of events say', () => {
  const [, made = ''] = page('docs/reference/events.md').split(/<!-- made from tables: \w+ -->\n/)
  expect(made, 'npm run docs').toBe(`${eventsMarkdown()}\n`)
})

test('docs/reference/migrate-report.md says what the schema says', () => {
  const schema = JSON.parse(page('docs/reference/migrate-report.schema.json')) as Schema
  expect(page('docs/reference/migrate-report.md').endsWith(schemaMarkdown(schema)), 'npm run docs').toBe(true)
})

test('docs/concepts/security.md names a test for each promise, and each of them is there', () => {
  const [, table = ''] = page('docs/concepts/security.md').split('## Promises')
  const rows = table.split('\n').filter((line) => /^\| (?!promise|\*\*|-)/.test(line))
  expect(rows.length).toBeGreaterThan(20)
  for (const row of rows) {
    const tests = [...(row.split(' | ')[1] ?? '').matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path]) => path ?? '')
    expect({ row, tests: tests.length > 0 }).toEqual({ row, tests: true })
    for (const path of tests) expect({ path, isThere: existsSync(join(root, path)) }).toEqual({ path, isThere: true })
  }
})

test.skipIf(!hasOracle)(`every key that supervisord reads is in the page (${ORACLE_NEEDED})`, () => {
  const rows = JSON.parse(readFileSync(join(SHARED, 'reference/supervisord-keys.json'), 'utf8')) as {
    section: string
    key: string
  }[]
  const sections = compatMarkdown().split('### ')
  const program = sections.find((part) => part.startsWith('`[program:x]`')) ?? ''
  const missing = rows.filter(({ section, key }) => {
    if (['include', 'DEFAULT', 'rpcinterface:x', 'ctlplugin:x'].includes(section)) return false
    const own = sections.find((part) => part.startsWith(`\`[${section}]\``)) ?? ''
    const text = own.includes('all keys of `[program:x]`') ? own + program : own
    return !text.includes(`\n| \`${key}\` |`)
  })
  expect(rows.length).toBeGreaterThan(100)
  expect(missing).toEqual([])
})
