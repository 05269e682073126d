// Unusual forms in supervisord's format: the real supervisord and kahi read each line of supervisord-edges.txt, as a .conf file and
// as the converted TOML.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { readConfig } from '../../config/toml/read.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { convert } from '../helpers/convert.ts'
import { comparable, viewOf } from '../helpers/effective.ts'
import { askOracleOfAll, hasOracle, ORACLE_NEEDED } from '../helpers/oracle.ts'
import { makeFolder } from '../helpers/test-folder.ts'

const ENVIRONMENT = { HOME: '/root', PATH: '/bin:/usr/bin' }
const MAIN = '[supervisord]\nnodaemon=true\n'

const KINDS: Readonly<Record<string, (text: string) => string>> = {
  key: (text) => `${MAIN}[program:a]\ncommand=/bin/sleep 1\n${text}\n`,
  command: (text) => `${MAIN}[program:a]\ncommand=${text}\n`,
  section: (text) => `${MAIN}${text}\n`,
  file: (text) => text,
}

/** Lines that kahi deliberately refuses or reads in another way. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'priority=１': 'digits of other scripts are no digits',
  '[program:]\ncommand=x': 'a program needs a name',
  '[supervisord]\n[program:a]\ncommand=x\0y\n': 'no command can contain a NUL',
  'user=root:root': 'kahi takes a group too; supervisord knows no such user',
  '[eventlistener:l]\ncommand=x\nevents=EVENT\nresult_handler=': 'no handler is loaded, so none can be missing',
}

interface Edge {
  readonly text: string
  readonly content: string
}

function readEdges(): readonly Edge[] {
  const lines = readFileSync(join(import.meta.dirname, 'supervisord-edges.txt'), 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [, kind = '', json = ''] = /^(\w+) (.*)$/.exec(line) ?? []
    const write = KINDS[kind]
    if (write === undefined) return []
    const text = JSON.parse(json) as string
    return [{ text, content: write(text) }]
  })
}

test.skipIf(!hasOracle)(`kahi reads each edge as supervisord does (${ORACLE_NEEDED})`, () => {
  const edges = readEdges()
  expect(edges.length).toBeGreaterThan(400)
  const folder = makeFolder()
  const inside = join(folder, 'conf')
  mkdirSync(inside)
  for (const name of ['i1', 'i2']) {
    writeFileSync(join(inside, `${name}.conf`), `[program:${name}]\ncommand=x %(here)s\n`)
  }
  writeFileSync(join(inside, 'i9.conf'), '[program:i9]\ncommand=x\n[include]\nfiles=i1.conf\n')
  const files = edges.map(({ content }, index) => {
    const file = join(inside, `${index}.cfg`)
    writeFileSync(file, content)
    return file
  })
  const answers = askOracleOfAll(files, folder, ENVIRONMENT)
  const machine = { ...thisMachine(), environment: ENVIRONMENT, workingDirectory: folder }
  const options = { assumeImage: true }
  const view = (shown: object) => comparable({ ...shown })
  const different = edges.flatMap(({ text }, index) => {
    const [file = '', answer = {}] = [files[index], answers[index]]
    const expected = 'error' in answer ? 'refused' : view(answer)
    const own = viewOf(() => resolveDocument(convert(file, machine).document, machine, options), view)
    const toml = (): string => writeDocument(convert(file, machine, { absoluteHere: true }).document)
    const second =
      own === 'refused' ? own : viewOf(() => readConfig(toml(), join(folder, 'k.toml'), machine, options), view)
    const isSame = isEqual(own, expected) && isEqual(second, expected)
    const isMeant = text in DIFFERENT
    return isSame === isMeant ? [{ text, expected, own, second }] : []
  })
  expect(different).toEqual([])
  expect(answers.filter((answer) => 'error' in answer).length).toBeGreaterThan(50)
})

function isEqual(left: unknown, right: unknown): boolean {
  try {
    expect(left).toEqual(right)
    return true
  } catch {
    return false
  }
}
