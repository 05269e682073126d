// The pages made from tables are up to date and complete.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compatMarkdown, overlayMarkdown, type Schema, schemaMarkdown } from '../../tools/pages.ts'
import { root } from '../helpers/kahi.ts'
import { hasOracle, ORACLE_NEEDED, SHARED } from '../helpers/oracle.ts'

function page(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

test('docs/compat/supervisord.md says what the tables say', () => {
  const [, made = ''] = page('docs/compat/supervisord.md').split(/<!-- made from tables: \w+ -->\n/)
  expect(made, 'npm run docs').toBe(`${compatMarkdown()}\n`)
})

test('docs/compat/s6.md says what the tables say', () => {
  const [, made = ''] = page('docs/compat/s6.md').split(/<!-- made from tables: \w+ -->\n/)
  expect(made, 'npm run docs').toBe(`${overlayMarkdown()}\n`)
})

test('docs/reference/migrate-report.md says what the schema says', () => {
  const schema = JSON.parse(page('docs/reference/migrate-report.schema.json')) as Schema
  expect(page('docs/reference/migrate-report.md').endsWith(schemaMarkdown(schema)), 'npm run docs').toBe(true)
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
