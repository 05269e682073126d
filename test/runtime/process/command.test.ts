// The file that a command runs, and supervisord's message when there is no such file.

import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findExecutable } from '../../../runtime/process/command.ts'
import { childEnvironment } from '../../../runtime/process/environment.ts'
import { pythonRepr } from '../../../runtime/process/python-repr.ts'
import { temporaryDirectory } from '../../helpers/pipes.ts'

let directory: string

beforeAll(() => {
  directory = temporaryDirectory()
  for (const name of ['one', 'two']) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'one/tool'), '')
  writeFileSync(join(directory, 'two/tool'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(directory, 'two/other'), '#!/bin/sh\n', { mode: 0o755 })
})

afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

const find = (argv: readonly string[] | undefined, path?: string, daemonPath?: string) =>
  findExecutable(
    {
      argv,
      commandError: argv === undefined ? "can't parse command 'x' : No closing quotation" : undefined,
      environment: path === undefined ? {} : { PATH: path },
    },
    daemonPath === undefined ? {} : { PATH: daemonPath },
  )

describe('finding the file', () => {
  test('an absolute path is itself', () => {
    expect(find(['/bin/sh', '-c', 'x'])).toEqual({ ok: true, file: '/bin/sh', argv: ['/bin/sh', '-c', 'x'] })
  })

  test("a bare name is looked up on the program's PATH, else on the daemon's, else on the default one", () => {
    const two = join(directory, 'two')
    expect(find(['other'], two, '/nope')).toMatchObject({ file: join(two, 'other') })
    expect(find(['other'], undefined, two)).toMatchObject({ file: join(two, 'other') })
    expect(find(['sh'])).toMatchObject({ file: '/bin/sh' })
    expect(find(['sh'], undefined, '')).toMatchObject({ file: '/bin/sh' })
  })

  test('the first directory that has the file decides, even if it cannot be run', () => {
    const file = join(directory, 'one/tool')
    expect(find(['tool'], `${directory}/one:${directory}/two`)).toEqual({
      ok: false,
      reason: 'not-executable',
      message: `command at '${file}' is not executable`,
    })
  })

  test.each([
    ['missing', ['/no/such'], 'no-file', "can't find command '/no/such'"],
    ['missing on PATH', ['no-such-tool'], 'no-file', "can't find command 'no-such-tool'"],
    ['a directory', ['/tmp'], 'not-executable', "command at '/tmp' is a directory"],
    ['no words', [], 'not-executable', 'command is empty'],
    ['unparsable', undefined, 'not-executable', "can't parse command 'x' : No closing quotation"],
  ] as const)('%s', (_, argv, reason, message) => {
    expect(find(argv)).toEqual({ ok: false, reason, message })
  })

  test.skipIf(process.getuid?.() === 0)('no permission (skipped for root, who may run everything)', () => {
    const file = join(directory, 'two/other')
    chmodSync(file, 0o001)
    expect(find([file])).toMatchObject({ message: `no permission to run command '${file}'` })
  })
})

describe('the environment of a child', () => {
  const settings = { name: 'web', group: 'front', serverurl: undefined, environment: {} }

  test("is the daemon's, then supervisord's words, then the configured one", () => {
    const environment = { A: 'mine', SUPERVISOR_GROUP_NAME: 'zz' }
    expect(
      childEnvironment({ ...settings, environment }, 'unix:///s', { A: '1', HOME: '/root', NO: undefined }),
    ).toEqual({
      A: 'mine',
      HOME: '/root',
      SUPERVISOR_ENABLED: '1',
      SUPERVISOR_SERVER_URL: 'unix:///s',
      SUPERVISOR_PROCESS_NAME: 'web',
      SUPERVISOR_GROUP_NAME: 'zz',
    })
  })

  test('no server, no URL; serverurl wins', () => {
    expect(childEnvironment(settings, undefined, {})).not.toHaveProperty('SUPERVISOR_SERVER_URL')
    expect(childEnvironment({ ...settings, serverurl: 'http://h' }, 'unix:///s', {}).SUPERVISOR_SERVER_URL).toBe(
      'http://h',
    )
  })

  test('what the launcher moved goes back', () => {
    const given = { KAHI_NODE_EXTRA_CA_CERTS: '/ca.pem', KAHI_ARGV0: 'supervisord', KAHI_SOCKET: '/s' }
    const environment = childEnvironment(settings, undefined, given)
    expect(environment).toMatchObject({ NODE_EXTRA_CA_CERTS: '/ca.pem', KAHI_SOCKET: '/s' })
    expect(Object.keys(environment).filter((name) => name.startsWith('KAHI_'))).toEqual(['KAHI_SOCKET'])
  })
})

test.each([
  ['x', "'x'"],
  ["it's", '"it\'s"'],
  [`'"`, `'\\'"'`],
  ['a\nb\\', "'a\\nb\\\\'"],
  ['\x1b', "'\\x1b'"],
  ['é', "'é'"],
])('%j as Python writes it', (text, repr) => {
  expect(pythonRepr(text)).toBe(repr)
})
