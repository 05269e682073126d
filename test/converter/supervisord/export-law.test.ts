// The rule of `kahi export supervisord`: it writes each table and each key of kahi, or reports that it does not write it.

import { expect, test } from 'vitest'
import { ConfigError } from '../../../config/model/diagnostic.ts'
import type { Document, Table } from '../../../config/keys/document.ts'
import type { Value } from '../../../config/model/value.ts'
import { supervisordName } from '../../../config/keys/key.ts'
import { type TableRow, tableRows, tableTitle } from '../../../config/keys/tables.ts'
import { exportSupervisord } from '../../../converter/supervisord/export/export.ts'
import { testMachine } from '../../helpers/machine.ts'

const place = { file: '/srv/kahi.toml', line: 1, column: 1 }
/** Values for keys. The test uses the first value that the key accepts. */
const VALUES: readonly Value[] = [
  7,
  true,
  false,
  'x',
  ['x'],
  { x: 'x' },
  'unix:///tmp/x',
  '127.0.0.1:9001',
  'json',
  'shutdown',
  'INT',
  's6',
  '0700',
  ['TICK_60'],
  { tcp: '127.0.0.1:80' },
  { nofile: 7 },
  ['CHOWN'],
  { delay: 2 },
  'none',
  'warn',
  '10MB',
  '/tmp/x',
  'root',
  1,
]
const REQUIRED: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  programs: { command: 'a' },
  oneshots: { up: 'a' },
  bundles: { contents: ['other'] },
  groups: { programs: ['other'] },
  event_listeners: { command: 'a', events: ['TICK_5'] },
  fcgi_programs: { command: 'a', socket: 'unix:///tmp/a' },
  'server.unix': { file: '/tmp/a.sock' },
  webhooks: { url: 'https://127.0.0.1/x' },
  peers: { url: 'http://127.0.0.1:9001' },
  log_targets: { kind: 'loki', url: 'http://127.0.0.1/x' },
  'server.http': { listen: '127.0.0.1:9000', enabled: true, access: 'open' },
}

function documentOf(row: TableRow, key: string | undefined, value: Value): Document {
  const values = { ...REQUIRED[row.kind], ...(key === undefined ? {} : { [key]: value }) }
  const entries = Object.entries(values).map(([name, one]) => ({ key: name, value: one, place: { ...place, line: 2 } }))
  const table: Table = { kind: row.kind, name: row.form === 'named' ? 'it' : '', place: { ...place, line: 3 }, entries }
  const other: Table = { kind: 'programs', name: 'other', place, entries: [{ key: 'command', value: 'b', place }] }
  return { file: place.file, here: '/srv', tables: [table, other] }
}

/** The accepted value with its result; undefined when the key accepts none of VALUES. */
function exported(row: TableRow, key: string | undefined) {
  for (const value of VALUES) {
    try {
      return { value, ...exportSupervisord(documentOf(row, key, value), testMachine(), { target: '/srv/s.conf' }) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
    }
  }
  return undefined
}

const keys = tableRows.flatMap((row) => Object.keys(row.keys).map((key) => [tableTitle(row), key, row] as const))

test.each(keys)('%s %s', (_, key, row) => {
  const found = exported(row, key)
  if (found === undefined) return
  const { text, diagnostics, notes, value } = found
  const own = supervisordName(key, row.keys[key] ?? expect.fail())
  const isWritten = own !== undefined && new RegExp(`^${own} = `, 'm').test(text)
  const said = [...diagnostics, ...notes].map(({ message }) => message).join('\n')
  const { fallback, type } = row.keys[key] ?? expect.fail()
  const usual =
    fallback === undefined ? undefined : [fallback, type.toToml?.(fallback)].map((one) => JSON.stringify(one))
  const isDefault = usual?.includes(JSON.stringify(value)) === true || key === 'enabled'
  expect(
    isWritten || isDefault || said.includes(key) || /has nothing like/.test(said),
    `${key} = ${JSON.stringify(value)}\n${text}\n${said}`,
  ).toBe(true)
})

test.each(tableRows.map((row) => [tableTitle(row), row] as const))('%s', (title, row) => {
  const { text = '', diagnostics = [] } = exported(row, undefined) ?? {}
  const said = diagnostics.map(({ message }) => message).join('\n')
  const section =
    { oneshots: '', bundles: '', webhooks: '', log_targets: '', peers: '' }[row.kind as string] ??
    row.kind.replace(/^server\./, '').slice(0, 4)
  expect(section === '' ? /has nothing like/.test(said) : text !== '', title).toBe(true)
})

test('most keys can be tried', () => {
  const tried = keys.filter(([, key, row]) => exported(row, key) !== undefined)
  expect(tried.length / keys.length).toBeGreaterThan(0.85)
})
