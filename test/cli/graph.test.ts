// `kahi plan` and `kahi graph`, seen through dist/kahi.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'

const TOML = `
[oneshots.migrate]
up = "bin/migrate"
depends_on = ["db"]
[programs.db]
command = "postgres"
ready = { file = "/run/db" }
essential = true
[programs.cache]
command = "redis"
[programs.web]
command = "puma"
process_name = "web_%(process_num)d"
numprocs = 2
depends_on = { migrate = "completed", cache = "ordered" }
[programs.spare]
command = "spare"
autostart = false
depends_on = ["web"]
[bundles.user]
contents = ["web", "cache"]
`

async function ask(
  ...args: string[]
): Promise<{ readonly lines: readonly string[]; readonly exitCode: number | undefined }> {
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(file, TOML)
  const { stdout, exitCode } = await kahi(args.map((word) => word.replace('FILE', file)))
  return { lines: stdout.trimEnd().split('\n'), exitCode }
}

describe('plan', () => {
  test('says what the daemon does at its start', async () => {
    expect((await ask('plan', '-c', 'FILE')).lines).toEqual([
      '1. start db, cache',
      '2. start migrate (after db ready)',
      '3. start web:web_0 (after migrate completed, cache ordered), web:web_1 (after migrate completed, cache ordered)',
    ])
  })

  test('pulls in what a target needs, and takes along what needs it', async () => {
    expect((await ask('plan', '-c', 'FILE', 'migrate')).lines).toEqual([
      '1. start db',
      '2. start migrate (after db ready)',
    ])
    expect((await ask('plan', '-c', 'FILE', '--down', 'migrate')).lines).toEqual([
      '1. stop spare',
      '2. stop web:web_1 (after spare stopped), web:web_0 (after spare stopped)',
      '3. stop migrate (after web:web_0 stopped, web:web_1 stopped)',
    ])
  })

  test('the end of the daemon: everything, each after those that need it', async () => {
    const { lines } = await ask('plan', '-c', 'FILE', '--down')
    const roundOf = (name: string) => lines.findIndex((line) => line.split(/[ ,]/).includes(name))
    expect(roundOf('spare')).toBeLessThan(roundOf('web:web_0'))
    expect(roundOf('web:web_0')).toBeLessThan(roundOf('migrate'))
    expect(lines.at(-1)).toContain('db (after migrate stopped)')
  })

  test('an unknown target is refused', async () => {
    expect(await ask('plan', '-c', 'FILE', 'wep')).toMatchObject({ exitCode: 2 })
  })
})

test('check names processes, oneshots and bundles', async () => {
  const { lines } = await ask('check', 'FILE')
  expect(lines[0]).toMatch(
    /kahi\.toml is valid: 5 processes \(.*web:web_0, web:web_1\), 1 oneshot \(migrate\), 1 bundle \(user\)$/,
  )
})

describe('graph', () => {
  test('as text', async () => {
    expect((await ask('graph', 'FILE')).lines).toContain('migrate    oneshot  after db (ready)')
  })

  test('as JSON', async () => {
    const { lines } = await ask('graph', '--format', 'json', 'FILE')
    const graph = JSON.parse(lines.join('\n'))
    expect(graph.services).toContainEqual({
      name: 'migrate',
      type: 'oneshot',
      dependencies: ['db'],
      needs: [{ name: 'db', reached: 'ready' }],
      allDependencies: ['db'],
      producerFor: null,
      consumerFor: [],
      autostart: true,
      essential: false,
      ready: false,
      timeouts: { up: 0, down: 0 },
    })
    expect(graph.bundles).toContainEqual({ name: 'user', contents: ['web:web_0', 'web:web_1', 'cache'] })
  })

  test('for Graphviz and Mermaid', async () => {
    expect((await ask('graph', '--format', 'dot', 'FILE')).lines).toContain('  "db" -> "migrate" [label="ready"]')
    const { lines } = await ask('graph', '--format', 'mermaid', 'FILE')
    expect(lines[0]).toBe('flowchart LR')
    expect(lines.filter((line) => line.includes('-->|completed|'))).toHaveLength(2)
  })

  test('as a picture: every unit a box, every need a line, what is needed to the left', async () => {
    const { lines } = await ask('graph', '--format', 'svg', 'FILE')
    const boxes = lines
      .filter((line) => line.startsWith('<rect'))
      .map((line) => ({
        name: />([^<]+)<\/text>/.exec(line)?.[1],
        x: Number(/ x="(\d+)"/.exec(line)?.[1]),
      }))
    const xOf = (name: string) => boxes.find((box) => box.name === name)?.x ?? Number.NaN
    expect(boxes).toHaveLength(6)
    expect(lines.filter((line) => line.startsWith('<path'))).toHaveLength(7)
    expect(xOf('db')).toBeLessThan(xOf('migrate'))
    expect(xOf('migrate')).toBeLessThan(xOf('web:web_0'))
    expect(lines.at(-1)).toBe('</svg>')
  })

  test('in the picture no box overlaps another, every name fits, and no line passes behind a box', async () => {
    // every unit needs the previous unit and the first one, so lines cross many columns
    const names = Array.from({ length: 9 }, (_, index) => `a-rather-long-name-${index}`)
    const tables = names.map((name, index) => {
      const needs = index === 0 ? [] : [names[index - 1], names[0], names[Math.floor(index / 2)]]
      return `[programs."${name}"]\ncommand = "x"\ndepends_on = ${JSON.stringify([...new Set(needs)])}\n`
    })
    const file = join(scratch(), 'kahi.toml')
    writeFileSync(file, tables.join(''))
    const { stdout } = await kahi(['graph', '--format', 'svg', file])
    const found = stdout.matchAll(
      /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)".*?>([^<]+)<\/text>/g,
    )
    const boxes = [...found].map(([, x, y, width, height, name = '']) => ({
      ...{ left: Number(x), right: Number(x) + Number(width), top: Number(y), bottom: Number(y) + Number(height) },
      name,
    }))
    expect(boxes).toHaveLength(9)
    for (const box of boxes) {
      expect(box.right - box.left, box.name).toBeGreaterThan(box.name.length * 7.3)
      const over = boxes.filter(
        (other) =>
          other !== box &&
          other.left < box.right &&
          box.left < other.right &&
          other.top < box.bottom &&
          box.top < other.bottom,
      )
      expect(over).toEqual([])
    }
    const passes = [...stdout.matchAll(/([\d.]+) ([\d.]+)H([\d.]+)/g)].map(([, x, y, end]) => [x, y, end].map(Number))
    expect(passes.length).toBeGreaterThan(8)
    for (const [x = 0, y = 0, end = 0] of passes)
      expect(boxes.filter((box) => x < box.right && box.left < end && y > box.top && y < box.bottom)).toEqual([])
  })
})
