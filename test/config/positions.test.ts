// The places of keys in TOML: the scanner gives the same places as a parser for ESLint, and a place for every key that smol-toml reads.

import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { type AST, parseTOML } from 'toml-eslint-parser'
import { expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { readConfig } from '../../config/toml/read.ts'
import { lastOf } from '../../config/toml/positions.ts'
import { type Path, Scanner } from '../../config/toml/scanner.ts'
import { root } from '../helpers/kahi.ts'
import { testMachine } from '../helpers/machine.ts'

const blank = fc.constantFrom('', ' ', '\t', '  ')
const word = fc.constantFrom('a', 'b', 'c1', '-', '1_2', '"x y"', "'a.b'", '"\\u0061"', '"\\""', '""')
const dotted = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .chain((parts) => blank.map((gap) => parts.join(`${gap}.${gap}`)))
const plain = fc.constantFrom(
  '1',
  '-0.5e3',
  'true',
  '"t # ] }"',
  "'l'",
  '"""\nm "" "\\""" """',
  "'''q'' '''",
  '1979-05-27',
  'inf',
)
const { value } = fc.letrec<{ value: string; list: string; table: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, plain, tie('list'), tie('table')),
  list: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[ ${items.join(' , # c ] }\n')} ]`),
  table: fc
    .array(fc.tuple(dotted, tie('value')), { maxLength: 3 })
    .map((pairs) => `{ ${pairs.map(([k, v]) => `${k} = ${v}`).join(', ')} }`),
}))
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(blank, dotted, blank, value).map(([a, key, b, v]) => `${a}${key}${b}=${b}${v} # [no]`),
  },
  fc.tuple(blank, dotted).map(([gap, key]) => `${gap}[${gap}${key}${gap}]`),
  fc.tuple(blank, dotted).map(([gap, key]) => `${gap}[[${gap}${key}${gap}]]`),
  fc.constantFrom('', '# comment = [x]', '\t'),
)
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => lines.join(end))

function isToml(source: string): boolean {
  try {
    parse(source)
    parseTOML(source)
    return true
  } catch {
    return false
  }
}

/** The offset of every table and key from the other parser. The header of a table counts more than keys that imply the table. */
function placesOf(source: string): ReadonlyMap<string, number> {
  const [headers, others] = [new Map<string, number>(), new Map<string, number>()]
  const note = (places: Map<string, number>, path: Path, offset: number): void => {
    const id = JSON.stringify(path)
    if (!places.has(id)) places.set(id, offset)
  }
  const pair = (base: Path, node: AST.TOMLKeyValue): void => {
    let path = base
    for (const key of node.key.keys) {
      path = [...path, key.type === 'TOMLBare' ? key.name : key.value]
      note(others, path, node.range[0])
    }
    content(path, node.value)
  }
  const content = (path: Path, node: AST.TOMLContentNode): void => {
    if (node.type === 'TOMLInlineTable') for (const inner of node.body) pair(path, inner)
    if (node.type !== 'TOMLArray') return
    node.elements.forEach((inner, index) => {
      note(others, [...path, index], inner.range[0])
      content([...path, index], inner)
    })
  }
  for (const node of parseTOML(source).body[0].body) {
    if (node.type === 'TOMLKeyValue') pair([], node)
    else {
      node.resolvedKey.forEach((_, index) => note(others, node.resolvedKey.slice(0, index + 1), node.range[0]))
      note(headers, node.resolvedKey, node.range[0])
      for (const inner of node.body) pair(node.resolvedKey, inner)
    }
  }
  return new Map([...others, ...headers])
}

function pathsOf(value: unknown, base: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return []
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return inner.flatMap(([key, item]) => [[...base, key], ...pathsOf(item, [...base, key])])
}

function check(source: string): void {
  const scanner = new Scanner(source)
  const count = [...scanner.statements()].length
  expect(count).toBeGreaterThanOrEqual(0)
  const offset = (path: Path) => lastOf(scanner.root, path).offset
  const places = [...placesOf(source)].map(([id, at]) => [id, at] as const)
  expect(places.map(([id]) => [id, offset(JSON.parse(id) as Path)])).toEqual(places)
  const ids = new Set(places.map(([id]) => id))
  expect(pathsOf(parse(source)).filter((path) => !ids.has(JSON.stringify(path)))).toEqual([])
}

test('places are those of another parser, for random texts', () => {
  let valid = 0
  fc.assert(
    fc.property(text, (source) => {
      if (!isToml(source)) return
      valid += 1
      check(source)
    }),
    { numRuns: 3000 },
  )
  expect(valid).toBeGreaterThan(500)
})

test('places are those of another parser, for the TOML of the fixtures', () => {
  const names = readdirSync(join(root, 'fixtures'), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.toml'))
  expect(files.length).toBeGreaterThan(20)
  for (const name of files) check(readFileSync(join(root, 'fixtures', name), 'utf8'))
})

function errorsOf(source: string): readonly string[] {
  try {
    readConfig(source, '/k.toml', testMachine())
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics.map(
      ({ place, message, hint }) =>
        `${place?.line}:${place?.column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
    )
  }
}

test('an unknown table and names that are there twice hide no other mistake; all are in the order of lines', () => {
  const source = `[program.x]
command = "x"
nice = "y"

[programs.a]
command = "a"
command = """
b"""
[programs.a]
numprocs = "zwei"
[programs.b]
comand = "b"
`
  expect(errorsOf(source)).toEqual([
    '1:1 Unknown table or key "program" (did you mean "programs"?)',
    '3:1 Cannot read "nice" as whole number from -20 to 19: "y" is not a whole number',
    '7:1 "command" is defined twice (the other one is at /k.toml:6)',
    '9:1 [programs.a] is defined twice (the other one is at /k.toml:5)',
    '12:1 Unknown key "comand" in [programs.b] (did you mean "command"?)',
  ])
})

test('a file of supervisord is called one', () => {
  expect(errorsOf('["program:web"]\ncommand = "x"\n')).toEqual([
    '1:1 Unknown table or key "program:web" (this looks like a supervisord.conf: kahi migrate FILE)',
  ])
})

test.each([
  ['a key of 50,000 parts', `a${'.b'.repeat(50_000)} = 1\n`, ['1:1 The key has 50001 parts, more than 100']],
  [
    'lists 2,000 deep',
    `a = ${'['.repeat(2000)}${']'.repeat(2000)}\n`,
    ['1:105 Cannot read as TOML: document contains excessively nested structures. aborting.'],
  ],
])('what is nested without end is refused: %s', (_what, source, errors) => {
  expect(errorsOf(source)).toEqual(errors)
})

test('of very many mistakes the first thousand are shown, and the number of the others', () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `key${index} = 1`)
  const errors = errorsOf(`[programs.a]\ncommand = "x"\n${keys.join('\n')}\n`)
  expect(errors).toHaveLength(1001)
  expect(errors[0]).toBe('3:1 Unknown key "key0" in [programs.a]')
  expect(errors.at(-1)).toBe('undefined:undefined 19000 more are not shown')
})
