// The advice of `kahi migrate`: its lines can be copied into the file without change. --modernize writes the certain ones, and the
// verification then covers everything else.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { verifyChanges } from '../../../cli/migrate/verify-changes.ts'
import { ConfigError } from '../../../config/model/diagnostic.ts'
import type { Document } from '../../../config/keys/document.ts'
import { readConfig } from '../../../config/toml/read.ts'
import { writeDocument } from '../../../config/toml/write.ts'
import type { Suggestion } from '../../../converter/advice/advice.ts'
import { advise } from '../../../converter/advice/find.ts'
import { supervisordFixtures } from '../../helpers/fixtures.ts'
import { convert, witness } from '../../helpers/convert.ts'
import { corpusCases } from '../../helpers/corpus.ts'
import { kahi, root, scratch } from '../../helpers/kahi.ts'
import { testMachine } from '../../helpers/machine.ts'

const ALL = [
  ...supervisordFixtures(),
  { name: 'hind', file: join(root, 'fixtures/images/hind/etc/supervisor/supervisord.conf') },
].map((one) => ({ ...one, environment: { HOME: '/root', PORT: '80', FLAG: 'off' } }))

type Tree = Record<string, Record<string, Record<string, unknown>>>

/** Follows the advice: sets its keys in the file, and removes what they replace. */
function follow(document: Document, { toml, changes }: Suggestion): string {
  const tree = parse(writeDocument(document)) as Tree
  for (const { table, becomes, unset = [] } of changes) {
    if (becomes !== undefined) delete tree[table.kind]![table.name]
    else for (const key of unset) delete tree[table.kind]?.[table.name]?.[key]
  }
  for (const [kind, tables] of Object.entries(parse(toml) as Tree))
    for (const [name, keys] of Object.entries(tables)) {
      tree[kind] ??= {}
      tree[kind][name] = { ...tree[kind][name], ...keys }
    }
  return stringify(tree)
}

describe('every piece of advice can be written as it is', () => {
  test.each([...ALL, ...corpusCases()])('$name', ({ name, file, environment }) => {
    const machine = testMachine({ environment })
    const document = tryConvert(file, machine)
    if (document === undefined) return
    for (const suggestion of advise(document, false).advice) {
      const text = follow(document, suggestion)
      expect(() => readConfig(text, `${name}.toml`, machine, { assumeImage: true }), suggestion.toml).not.toThrow()
    }
  })
})

describe('--modernize changes what it names and nothing else', () => {
  test.each([...ALL, ...corpusCases()])('$name', ({ file, environment }) => {
    const machine = testMachine({ environment })
    const document = tryConvert(file, machine)
    if (document === undefined) return
    const { document: modern, advice } = advise(document, true)
    const proof = {
      document,
      witness: witness(file, machine),
      toml: writeDocument(modern),
      target: file,
      changed: modern,
      advice,
    }
    expect(advice.filter(({ certain, applied }) => certain !== applied)).toEqual([])
    expect(verifyChanges(proof, machine)).toEqual([])
    expect(advise(modern, true).document).toBe(modern)
  })
})

function tryConvert(file: string, machine: ReturnType<typeof testMachine>): Document | undefined {
  try {
    const { document } = convert(file, machine)
    readConfig(writeDocument(document), 'kahi.toml', machine, { assumeImage: true })
    return document
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

describe('a change that is not named is refused', () => {
  const file = join(root, 'fixtures/supervisord/jobs/input/supervisord.conf')
  const machine = testMachine()
  const { document } = convert(file, machine)
  const { document: modern, advice } = advise(document, true)
  const text = writeDocument(modern)
  test.each([
    [
      'in a oneshot',
      'directory = "/srv/app"',
      'directory = "/srv"',
      '"directory" of migrate is "/srv", not "/srv/app"',
    ],
    ['the command of a oneshot', 'up = "chown -R', 'up = "chown', '"command" of rights'],
    ['a named key', 'on_fatal = "shutdown"', 'on_fatal = "none"', '"on_fatal" of terminal'],
    ['in a program', 'terminal -p 8000"', 'terminal -p 8001"', '"command" of terminal'],
    ['a program less', /\[programs\.terminal\]\n(?:.+\n)*/, '', 'order of groups'],
    ['a oneshot more', '[groups.site]', '[oneshots.more]\nup = "x"\n\n[groups.site]', '"oneshots" of the file'],
  ])('%s', (_, before, after, message) => {
    const toml = text.replace(before, after)
    expect(toml).not.toBe(text)
    const proof = { document, witness: witness(file, machine), toml, target: file, changed: modern, advice }
    const found = verifyChanges(proof, machine)
    expect(found.map((one) => one.message).join('\n')).toContain(message)
  })
})

describe('through dist/kahi', () => {
  const conf = (): string => {
    const file = join(scratch(), 'supervisord.conf')
    writeFileSync(
      file,
      '[supervisord]\nnodaemon=true\n[program:web]\ncommand=sh -c "exec /bin/cat"\nautostart=true\nodd=1\n[program:up]\ncommand=sh -c "sleep 3; exec /srv/up"\n',
    )
    return file
  }

  test('the text report has advice in a line each, before the counts; -v adds the lines to write', async () => {
    const file = conf()
    const { exitCode, stdout, stderr } = await kahi(['migrate', file])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('command = \'sh -c "exec /bin/cat"\'')
    expect(stderr.match(/^.*:6(?::1)?: .*$/gm)).toEqual([
      `${file}:6: dropped: "odd" in [program:web] is a key that supervisord ignores`,
    ])
    const order = stderr
      .trimEnd()
      .split('\n')
      .map((line) => /: (?:dropped|advice):|^note|^ {2}hint|^\d|^-v/.exec(line)?.[0])
    expect([...new Set(order)]).toEqual([': dropped:', ': advice:', '2', '-v'])
    expect(stderr).toMatch(/:4:1: advice: web: the shell [^\n]* \(--modernize does it\)\n/)
    const verbose = (await kahi(['migrate', '-v', file])).stderr
    expect(verbose).toContain('\n    [programs.web]\n    command = ["/bin/cat"]\n')
    expect(verbose).not.toContain('-v shows')
  })

  test('--no-advice leaves it out', async () => {
    expect((await kahi(['migrate', '--no-advice', conf()])).stderr).not.toContain('advice')
  })

  test('--modernize follows what is certain, proves the rest, and says so in TOML and report', async () => {
    const file = conf()
    const output = join(file, '../kahi.toml')
    const { exitCode, stderr } = await kahi(['migrate', '--modernize', '--no-advice', '-o', output, file])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('read back, it runs the same but for what --modernize changed and what was dropped\n')
    expect(stderr).toMatch(/advice: web: .* \(done by --modernize\)$/m)
    expect(stderr).not.toContain('dependencies instead of waiting')
    const toml = readFileSync(output, 'utf8')
    expect(toml).toContain('# was: command = \'sh -c "exec /bin/cat"\'\ncommand = ["/bin/cat"]\n')
    expect(toml).toContain('command = \'sh -c "sleep 3; exec /srv/up"\'')
    expect(await kahi(['check', output])).toMatchObject({ exitCode: 0 })
  })

  test('the JSON report says what was done, and lines are where they are now', async () => {
    const file = conf()
    const { stdout, stderr } = await kahi(['migrate', '--modernize', '--report', 'json', file])
    const { advice, lines } = JSON.parse(stderr) as {
      advice: Record<string, unknown>[]
      lines: { line: number; at: number }[]
    }
    expect(advice.map(({ kind, program, applied }) => [kind, program, applied])).toEqual([
      ['wait', 'up', false],
      ['wrapper', 'web', true],
      ['log', 'web', true],
      ['log', 'up', true],
    ])
    const at = lines.find(({ line }) => line === 4)?.at ?? 0
    expect(stdout.split('\n')[at - 1]).toBe('command = ["/bin/cat"]')
  })

  test('a whole tree is modernized too', async () => {
    const folder = join(conf(), '..')
    const { stdout } = await kahi(['migrate', '--modernize', '--out', join(folder, 'out'), folder])
    expect(stdout).toContain('converted to')
    expect(readFileSync(join(folder, 'out/supervisord.toml'), 'utf8')).toContain('command = ["/bin/cat"]')
  })
})
