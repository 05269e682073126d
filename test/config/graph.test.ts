// The meaning of oneshots, bundles, depends_on, ready and boot, and the messages about mistakes in them.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Graph } from '../../config/model/dependencies.ts'
import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import { dependentsOf, shortestCycle, withDependents, withNeeds } from '../../config/graph/graph.ts'
import { readConfig } from '../../config/toml/read.ts'
import { testMachine } from '../helpers/machine.ts'

function read(toml: string) {
  return readConfig(toml, 'kahi.toml', testMachine()).config
}

function errors(toml: string): string[] {
  try {
    read(toml)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics.map(formatDiagnostic)
  }
}

const program = (name: string, more = '') => `[programs.${name}]\ncommand = "/bin/true"\n${more}\n`
const oneshot = (name: string, more = '') => `[oneshots.${name}]\nup = "/bin/true"\n${more}\n`

describe('what a name stands for', () => {
  test('plain names: oneshots completed, programs ready or started; bundles, groups and numprocs are several', () => {
    const { graph } = read(
      [
        program('web', 'depends_on = ["user", "q"]'),
        program('db', 'ready = { tcp = "5432" }'),
        program('w', 'numprocs = 2\nprocess_name = "w%(process_num)d"'),
        program('q1'),
        '[groups.q]\nprograms = ["q1"]\n',
        oneshot('migrate'),
        '[bundles.user]\ncontents = ["inner", "migrate"]\n[bundles.inner]\ncontents = ["db", "w"]\n',
      ].join(''),
    )
    expect(graph.needs.get('web:web')).toEqual([
      { unit: 'db:db', reached: 'ready' },
      { unit: 'w:w0', reached: 'started' },
      { unit: 'w:w1', reached: 'started' },
      { unit: 'migrate:migrate', reached: 'completed' },
      { unit: 'q:q1', reached: 'started' },
    ])
    expect(graph.names.get('user')).toEqual(['db:db', 'w:w0', 'w:w1', 'migrate:migrate'])
  })

  test('a table says how far; one process of a program is group:name', () => {
    const { graph } = read(
      program('web', 'depends_on = { "w:w1" = "ready", once = "completed", x = "ordered" }') +
        program('w', 'numprocs = 2\nprocess_name = "w%(process_num)d"') +
        program('once') +
        program('x'),
    )
    expect(graph.needs.get('web:web')).toEqual([
      { unit: 'w:w1', reached: 'ready' },
      { unit: 'once:once', reached: 'completed' },
      { unit: 'x:x', reached: 'ordered' },
    ])
    expect(withNeeds(graph, ['web:web'])).toEqual(['once:once', 'w:w1', 'web:web'])
    expect(withDependents(graph, ['w:w1'])).toEqual(['w:w1', 'web:web'])
    expect(withDependents(graph, ['x:x'])).toEqual(['x:x'])
  })

  test('a oneshot has the settings of a program for both its commands', () => {
    const [one] = read(
      `[oneshots.prepare]\nup = "echo %(program_name)s"\ndown = ["a b"]\ntimeout_up = 2.5\numask = "0077"\n`,
    ).oneshots
    expect(one).toMatchObject({ name: 'prepare', timeout_up: 2.5, timeout_down: 0 })
    expect(one?.up).toMatchObject({ argv: ['echo', 'prepare'], umask: 0o77, group: 'prepare', name: 'prepare' })
    expect(one?.down).toMatchObject({ argv: ['a b'], umask: 0o77 })
  })
})

test.each([
  ['{ fd = 3 }', { kind: 'fd', fd: 3 }],
  ['{ tcp = "db:5432" }', { kind: 'tcp', host: 'db', port: 5432 }],
  ['{ tcp = "[::1]:${PORT}" }', { kind: 'tcp', host: '::1', port: 8080 }],
  ['{ tcp = ":80" }', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
  ['{ unix = "/run/x" }', { kind: 'unix', path: '/run/x' }],
  ['{ http = "http://localhost/up" }', { kind: 'http', url: 'http://localhost/up' }],
  [
    '{ http = "https://h/", method = "head", status = "200-299", headers = { A = 1 }, body = "x" }',
    {
      kind: 'http',
      url: 'https://h/',
      rules: { method: 'HEAD', status: [{ from: 200, to: 299 }], headers: { A: '1' }, body: 'x' },
    },
  ],
  ['{ file = "/run/ready", max_age = 2.5 }', { kind: 'file', path: '/run/ready', maxAge: 2.5 }],
  ['{ exec = ["pg_isready", "-q"] }', { kind: 'exec', command: ['pg_isready', '-q'] }],
  ['{ file = "/run/ready" }', { kind: 'file', path: '/run/ready' }],
  ['{ log = "^Ready" }', { kind: 'log', pattern: '^Ready' }],
])('ready = %s', (toml, check) => {
  const { ready } = read(program('p', `ready = ${toml}`)).groups[0]?.processes[0] ?? {}
  expect(ready).toEqual({ check, interval: 1, timeout: 5, deadline: 0 })
})

test.each([
  [
    'an unknown name',
    program('a', 'depends_on = ["bb"]') + program('b'),
    ['kahi.toml:3:1: error: "depends_on" of [programs.a] names the unknown "bb"\n  hint: did you mean "b"?'],
  ],
  [
    'an unknown name in a bundle',
    '[bundles.u]\ncontents = ["nothing-like-it"]\n',
    ['kahi.toml:2:1: error: "contents" of [bundles.u] names the unknown "nothing-like-it"'],
  ],
  [
    'an unknown name in boot',
    `[supervisor]\nboot = ["wep"]\n${program('web')}`,
    ['kahi.toml:2:1: error: "boot" of [supervisor] names the unknown "wep"\n  hint: did you mean "web"?'],
  ],
  [
    'the shortest circle',
    program('a', 'depends_on = ["b"]') +
      program('b', 'depends_on = ["c", "d"]') +
      program('c', 'depends_on = ["a"]') +
      program('d', 'depends_on = { b = "ordered" }'),
    [
      'kahi.toml:6:1: error: Circular dependency: b → d → b\n  hint: kahi.toml:6:1: b needs d; kahi.toml:12:1: d needs b',
    ],
  ],
  [
    'oneself',
    oneshot('a', 'depends_on = ["a"]'),
    ['kahi.toml:3:1: error: Circular dependency: a → a\n  hint: kahi.toml:3:1: a needs a'],
  ],
  [
    'a circle of bundles',
    '[bundles.a]\ncontents = ["b"]\n[bundles.b]\ncontents = ["a"]\n',
    [
      'kahi.toml:2:1: error: Circular dependency: a → b → a\n  hint: kahi.toml:2:1: a contains b; kahi.toml:4:1: b contains a',
    ],
  ],
  [
    'a name that is taken',
    program('a') + oneshot('a'),
    [
      'kahi.toml:4:1: error: The name "a" of [oneshots.a] is taken\n  hint: the other one is [programs.a] at kahi.toml:1:1',
    ],
  ],
  [
    'a oneshot that should be ready',
    oneshot('a') + program('b', 'depends_on = { a = "ready" }'),
    ['kahi.toml:6:1: error: "a" is a oneshot, which is never "ready"\n  hint: write "completed", or "ordered"'],
  ],
  [
    'a word that is none',
    oneshot('a') + program('b', 'depends_on = { a = "complete" }'),
    [
      'kahi.toml:6:1: error: Cannot read "depends_on" as list of names, or table of names with "started", "ready", "completed" or "ordered": a has "complete"; did you mean "completed"?',
    ],
  ],
  [
    'a line that is not read',
    program('p', 'ready = { log = "x" }\nstdout_logfile = "NONE"\nstderr_logfile = "NONE"'),
    [
      'kahi.toml:3:1: error: "ready" of [programs.p] waits for a line of its output, which is discarded\n  hint: set stdout_logfile',
    ],
  ],
  [
    'two checks',
    program('p', 'ready = { tcp = "1", file = "/x" }'),
    [
      'kahi.toml:3:1: error: Cannot read "ready" as readiness: it must have exactly one of fd, notify, tcp, unix, http, exec, file, log',
    ],
  ],
  [
    'an unknown check',
    program('p', 'ready = { htp = "1" }'),
    ['kahi.toml:3:1: error: Cannot read "ready" as readiness: there is no "htp"; did you mean "http"?'],
  ],
  [
    'a port that is none',
    program('p', 'ready = { tcp = "db:http" }'),
    ['kahi.toml:3:1: error: Cannot read "ready" as readiness: "db:http" is not HOST:PORT'],
  ],
  [
    'an unknown key',
    oneshot('a', 'autorestart = true'),
    ['kahi.toml:3:1: error: Unknown key "autorestart" in [oneshots.a]\n  hint: did you mean "autostart"?'],
  ],
])('says what is wrong: %s', (_, toml, expected) => {
  expect(errors(toml)).toEqual(expected)
})

/** Any graph: edges between numbers. */
const graphs = fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 30 }).map((edges): Graph => {
  const needs = new Map<string, { unit: string; reached: 'started' }[]>(
    Array.from({ length: 13 }, (_, n) => [`${n}`, []]),
  )
  for (const [from, to] of edges) needs.get(`${from}`)?.push({ unit: `${to}`, reached: 'started' })
  return { needs, names: new Map() }
})

test('a graph has a circle exactly when some unit needs itself in the end, and none is shorter', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const lengthOf = (start: string): number => {
        const dependents = dependentsOf(graph)
        const seen = new Map([...(dependents.get(start) ?? [])].map((unit) => [unit, 1]))
        for (const [unit, length] of seen)
          for (const next of dependents.get(unit) ?? []) if (!seen.has(next)) seen.set(next, length + 1)
        return seen.get(start) ?? Number.POSITIVE_INFINITY
      }
      const least = Math.min(...[...graph.needs.keys()].map(lengthOf))
      const cycle = shortestCycle(graph)
      expect(cycle?.length ?? Number.POSITIVE_INFINITY).toBe(least)
      for (const [index, unit] of (cycle ?? []).entries()) {
        const next = cycle?.[(index + 1) % cycle.length]
        expect(graph.needs.get(unit)?.map((need) => need.unit)).toContain(next)
      }
    }),
  )
})
