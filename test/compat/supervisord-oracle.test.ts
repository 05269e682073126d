// kahi would run the same programs as the real supervisord, from the .conf file and from the converted TOML. The fixtures are
// tested through dist/kahi. The corpus of real files is tested with the same functions in this process, and the real supervisord
// reads the whole corpus in one batch. A main file includes each fragment.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { readConfig } from '../../config/toml/read.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { supervisordFixtures } from '../helpers/fixtures.ts'
import { corpusCases } from '../helpers/corpus.ts'
import { convert } from '../helpers/convert.ts'
import { comparable, type Json, viewOf } from '../helpers/effective.ts'
import { askOracleOfAll, hasOracle, ORACLE_NEEDED } from '../helpers/oracle.ts'
import { makeFolder } from '../helpers/test-folder.ts'

const KAHI = join(import.meta.dirname, '../../dist/kahi')
const FIXTURES = join(import.meta.dirname, '../../fixtures')
const ENVIRONMENT = { HOME: '/root', PATH: '/bin:/usr/bin' }

/** Fixtures that are not compared, with the reason. */
const NOT_COMPARED = {
  fragment: 'holds no [supervisord], which supervisord refuses',
  'left-out': 'has sections that supervisord alone knows',
  plugins: 'has plug-ins whose work kahi does itself',
  single: 'holds no [supervisord] either',
  shells: 'has commands that start another program with supervisorctl: kahi writes dependencies instead',
}

/** Listeners whose work kahi does itself; how the programs of such a file start and are logged is then said otherwise. */
const PLUGINS = /supervisord_dependent_startup|supervisor_stdout/

interface Shown {
  readonly groups?: readonly { readonly kind: string; readonly processes: readonly Json[] }[]
}

/** Whether a file has such a listener. */
const hasPlugin = ({ groups = [] }: Shown): boolean =>
  groups.some((group) => group.kind === 'eventlistener' && PLUGINS.test(JSON.stringify(group)))

/** What stays the same in such a file: name, words of the command and directory of each process but the listener's. */
const commandsOf = ({ groups = [] }: Shown): readonly unknown[] =>
  groups
    .filter((group) => !PLUGINS.test(JSON.stringify(group.processes)) || group.kind !== 'eventlistener')
    .flatMap(({ processes }) => processes.map(({ namespec, argv, directory }) => ({ namespec, argv, directory })))
    .sort((a, b) => (String(a.namespec) < String(b.namespec) ? -1 : 1))

describe.skipIf(!hasOracle)(`real configurations (${ORACLE_NEEDED})`, () => {
  const cases = corpusCases()
  const folder = tmpdir()
  const environment: Record<string, string> = Object.assign({}, ...cases.map((row) => row.environment))
  const files = cases.map(({ file }) => file)
  const answers = hasOracle ? askOracleOfAll(files, folder, environment) : []
  const machine = { ...thisMachine(), environment, workingDirectory: folder }
  const options = { assumeImage: true }

  test.each(cases.map((row, index) => ({ ...row, answer: answers[index] ?? {} })))('$name', ({ file, answer }) => {
    const view = hasPlugin(answer) ? commandsOf : (shown: object) => comparable({ ...shown })
    const expected = 'error' in answer ? 'refused' : view(answer)
    expect(viewOf(() => resolveDocument(convert(file, machine).document, machine, options), view)).toEqual(expected)
    if (expected === 'refused') return
    // As with -o to another directory: %(here)s is written out.
    const toml = writeDocument(convert(file, machine, { absoluteHere: true }).document)
    expect(viewOf(() => readConfig(toml, join(folder, 'k.toml'), machine, options), view)).toEqual(expected)
  })

  test('some are accepted, some are refused, some have plug-ins', () => {
    expect(answers.filter((answer) => 'error' in answer).length).toBeLessThan(answers.length / 10)
    expect(answers.filter(hasPlugin)).toHaveLength(2)
  })
})

async function effective(file: string, environment: Readonly<Record<string, string>>): Promise<Json> {
  const args = ['check', '--effective', '--assume-image', '--json', file]
  return JSON.parse((await execa(KAHI, args, { cwd: tmpdir(), env: environment, extendEnv: false })).stdout) as Json
}

describe.skipIf(!hasOracle)(`fixtures through dist/kahi (${ORACLE_NEEDED})`, () => {
  const environment = { ...ENVIRONMENT, PORT: '80', FLAG: 'off' }
  const compared = supervisordFixtures().filter(({ name }) => !(name in NOT_COMPARED))
  const files = compared.map(({ file }) => file)
  files.push(join(FIXTURES, 'images/hind/etc/supervisor/supervisord.conf'))
  const answers = hasOracle ? askOracleOfAll(files, tmpdir(), environment) : []

  test.each(files.map((file, index) => ({ file, answer: answers[index] ?? {} })))('$file', async ({ file, answer }) => {
    expect(comparable(await effective(file, environment))).toEqual(comparable(answer))
    const output = join(makeFolder(), 'kahi.toml')
    await execa(KAHI, ['migrate', file, '-o', output], { cwd: tmpdir(), env: environment, extendEnv: false })
    expect(comparable(await effective(output, environment))).toEqual(comparable(answer))
  })
})
