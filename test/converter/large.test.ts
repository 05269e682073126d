// Large inputs. A reader that compares all items with each other, or copies a list for each item, needs minutes or all memory for
// them. `npm run growth` measures all readers.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { convertOne } from '../../cli/migrate/convert-one.ts'
import { glob } from '../../config/values/glob.ts'
import { readCompose } from '../../converter/compose/compose.ts'
import { planDockerfile } from '../../converter/dockerfile/dockerfile.ts'
import { translate } from '../../converter/execline/translate.ts'
import { identify } from '../../converter/identify.ts'
import { testMachine } from '../helpers/machine.ts'
import { scratch } from '../helpers/kahi.ts'

const HEAD = '[supervisord]\n[program:a]\ncommand=/bin/cat\n'
const many = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join('')

describe('Compose files', () => {
  test('5,000 services in a chain', () => {
    const chain = many(5000, (index) => `  s${index}: { command: x, depends_on: [s${index + 1}] }\n`)
    const { document } = readCompose(`services:\n${chain}  s5000: { command: x }\n`, 'compose.yaml')
    expect(document.tables).toHaveLength(5001)
    expect(document.tables[4999]?.place.line).toBe(5001)
  })

  test('50,000 variables that do not end, and line ends in names', () => {
    const text = `services: { a: { command: ["${'${a:-'.repeat(50_000)}"], "x\\ny": 1 }, "b\\n[programs.c]": {} }\n`
    const { document, diagnostics } = readCompose(text, 'compose.yaml')
    expect(document.tables[0]?.comments).toMatchObject([{ text: 'not taken over: x y' }])
    expect(document.footer?.[0]).toMatchObject({ text: '[programs.b [programs.c]]' })
    expect(diagnostics[0]?.message).toContain('"b [programs.c]" is left out')
  })
})

describe('supervisord.conf', () => {
  const converted = (text: string) => {
    const path = join(scratch(), 'supervisord.conf')
    writeFileSync(path, text)
    const options = { target: `${path}.toml`, verify: true, modernize: false }
    return convertOne(identify(path, { format: 'supervisord' }), testMachine(), options).layout.text
  }

  test('50,000 values of one key, with comments', () => {
    const text = converted(HEAD + many(50_000, (index) => `priority=${index % 7} ; note ${index}\n`))
    expect(text).toContain('# note 49998\n')
    expect(text.match(/^priority = /gm)).toHaveLength(1)
  })

  test('20,000 unknown keys, and 20,000 unknown sections', () => {
    const text = converted(HEAD + many(20_000, (index) => `k${index}=1\n`) + many(20_000, (index) => `[s${index}]\n`))
    expect(text).toContain('# not converted: k19999 = 1\n')
    expect(text).toContain('# [s19999]\n')
  })

  test('10,000 defaults that no section knows', () => {
    const sections = many(500, (index) => `[program:p${index}]\ncommand=x\n`)
    const text = converted(`[DEFAULT]\n${many(10_000, (index) => `k${index}=1\n`)}${sections}`)
    expect(text).toContain('[programs.p499]')
  })
})

/** Converts a tree of s6-rc with these files. */
function convertTree(files: readonly (readonly [string, string])[]) {
  const tree = join(scratch(), 'tree')
  for (const [name, text] of [['user/type', 'bundle\n'] as const, ...files]) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    writeFileSync(join(tree, name), text)
  }
  return convertOne(identify(tree, { format: 's6-rc' }), testMachine(), {
    target: `${tree}.toml`,
    verify: true,
    modernize: false,
  }).diagnostics
}

test('s6-rc: 200 bundles that contain the two before them, and as many producers that do', () => {
  const before = (index: number, name: string): string =>
    [index - 1, index - 2].map((one) => (one < 0 ? '' : `${name}${one}\n`)).join('')
  const each = Array.from({ length: 200 }, (_, index) => index)
  const service = (name: string) => [[`${name}/type`, 'longrun\n'] as const, [`${name}/run`, '#!/bin/sh\nx\n'] as const]
  const bundles = each.flatMap((index) => [
    [`b${index}/type`, 'bundle\n'] as const,
    [`b${index}/contents`, before(index, 'b') || 'a\n'] as const,
  ])
  const user = ['user/contents', 'b199\n'] as const
  expect(convertTree([user, ...service('a'), ...bundles]).filter(({ severity }) => severity === 'error')).toEqual([])
  const producers = each.flatMap((index) => [
    ...service(`p${index}`),
    [`p${index}/consumer-for`, before(index, 'p')] as const,
    [`p${index}/pipeline-name`, `all${index}\n`] as const,
  ])
  expect(() => convertTree([['user/contents', 'p199\n'], ...producers])).toThrow('consumer for')
})

test('a pattern of 200,000 brackets', () => {
  expect(glob(`${scratch()}/${'['.repeat(200_000)}`)).toEqual([])
})

test.each([
  ['100,000 nested blocks', '', `${'foreground { '.repeat(100_000)}x${' }'.repeat(100_000)} y`, '100 nested blocks'],
  ['100,000 commands', '', `${'if { a }\n'.repeat(100_000)}x`, '4000 words'],
])('execline: %s are not translated', (_, options, script, reason) => {
  const diagnostics = convertTree([
    ['user/contents', 'a\n'],
    ['a/type', 'longrun\n'],
    ['a/run', `#!/command/execlineb ${options}\n${script}\n`],
  ])
  expect(diagnostics.map(({ message }) => message).join('\n')).toContain(reason)
})

test('execline: a billion arguments are not made', () => {
  const source = {
    text: 'x $1',
    file: 'run',
    options: '-S1000000000',
    args: [],
    isSupervised: true,
    keys: 'all',
  } as const
  expect(translate(source)).toMatchObject({ reason: expect.stringContaining('kahi knows 1000 arguments') as string })
})

describe('Dockerfile', () => {
  const planned = (lines: string) => {
    const request = { version: '0.1.0', origin: undefined, machines: ['amd64'], base: undefined } as const
    const text = `FROM debian:12\nRUN apt-get install -y supervisor\n${lines}CMD ["supervisord", "-n"]\n`
    return planDockerfile('Dockerfile', text, { ...request, way: 'drop-in', context: scratch(), args: new Map() })
  }

  test.each([
    ['10,000 installs in one RUN', `RUN ${'apt-get install -y supervisor && '.repeat(10_000)} x\n`],
    ['50,000 commands in one RUN', `RUN ${'a && '.repeat(50_000)} x\n`],
    ['200,000 parentheses', `RUN ${'('.repeat(200_000)}\n`],
  ])('%s', async (_, lines) => {
    expect((await planned(lines)).plan.changes.length).toBeGreaterThan(0)
  })

  test.each([
    ['20,000 relative directories', 'WORKDIR a\n'.repeat(20_000), 'The working directory is longer than 4096'],
    [
      'variables that 990 stages inherit',
      `FROM debian AS s0\n${many(20_000, (index) => `ENV A${index}=xxxxxxxxxxxxxxxx\n`)}${many(990, (index) => `FROM s${index} AS s${index + 1}\n`)}`,
      'The values of variables are longer than',
    ],
  ])('%s are refused', async (_, lines, message) => {
    await expect(planned(lines)).rejects.toThrow(message)
  })
})
