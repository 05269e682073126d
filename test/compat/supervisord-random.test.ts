// Random configurations have the same meaning in kahi and in the real supervisord, also after they were written as TOML and read
// again. kahi refuses the configurations that supervisord refuses. The seed is fixed, so the documents are always the same.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readConfig } from '../../config/toml/read.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { convert } from '../helpers/convert.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { comparable, viewOf } from '../helpers/effective.ts'
import { askOracleOfAll, hasOracle, ORACLE_NEEDED } from '../helpers/oracle.ts'
import { makeFolder } from '../helpers/test-folder.ts'

const ENVIRONMENT = { HOME: '/root', PATH: '/bin', NUM: '10', FLAG: 'true', SIG: 'HUP', USER: 'root' }
const COUNT = 400

const flag = fc.constantFrom('true', 'No', 'on', '0', '%(ENV_FLAG)s', '"true"')
const integer = fc.constantFrom('0', '1', '-1', '+3', '007', '1_0', '%(ENV_NUM)s', '1.5', '')
const bytes = fc.constantFrom('0', '1KB', '2mb', '1 KB', '%(ENV_NUM)sKB', '10M')
const text = fc.constantFrom(
  'a',
  '"q"',
  '%(here)s/x',
  '%(program_name)s',
  '100%%',
  '$HOME ${x} $$',
  'x ; y',
  'x;y',
  'é',
  '%(here)10s|',
  '%Y',
)
const path = fc.constantFrom(
  '/tmp/x.log',
  'NONE',
  'auto',
  'off',
  '/dev/stdout',
  '/tmp/%(program_name)s.log',
  '/tmp/a%%%%b',
  '~/x',
  '',
  '/tmp/a%%b',
)
const variables = fc.constantFrom(
  'A=1',
  `A="1",B='2'`,
  'A="%(ENV_HOME)s"',
  'A=%(ENV_NUM)s,B="x%%y"',
  'K="a,b",\n  L="c"',
  'A="${x}"',
  `B='say "hi"'`,
  'A=b#c,D=e',
  'A=1 B=2',
)
const keys: Readonly<Record<string, fc.Arbitrary<string>>> = {
  process_name: fc.constantFrom('%(program_name)s_%(process_num)02d', 'x', '%(group_name)s-%(process_num)d', 'a b'),
  numprocs: fc.constantFrom('1', '2', '3'),
  numprocs_start: integer,
  priority: integer,
  autostart: flag,
  autorestart: fc.constantFrom('true', 'false', 'unexpected', 'Yes', '%(ENV_FLAG)s'),
  startsecs: integer,
  startretries: integer,
  exitcodes: fc.constantFrom('0', '0,2', ' 1 , 3 ', '', '256'),
  stopsignal: fc.constantFrom('TERM', 'sigquit', '15', 'RTMIN', '0', '%(ENV_SIG)s', 'RTMIN+1'),
  stopwaitsecs: integer,
  stopasgroup: flag,
  user: fc.constantFrom('root', '0', 'nosuch', '%(ENV_USER)s'),
  directory: text,
  umask: fc.constantFrom('022', '0o22', '8'),
  serverurl: fc.constantFrom('AUTO', 'http://x:1', ''),
  redirect_stderr: flag,
  environment: variables,
  stdout_logfile: path,
  stdout_logfile_maxbytes: bytes,
  stderr_logfile: path,
  stderr_logfile_backups: integer,
  stderr_syslog: flag,
}
const command = fc.constantFrom(
  '/bin/cat',
  'sh -c "a b"',
  "bash -c 'x ; y'",
  '%(here)s/run %(process_num)d',
  '/bin/sh -c "echo ${A:-b} $$"',
  'x\n  --a',
)
const line = fc.constantFrom(...Object.keys(keys)).chain((key) => (keys[key] ?? text).map((value) => `${key}=${value}`))
/** What stands between keys and changes nothing, or does: comments, empty lines, lines that continue a value. */
const filler = fc.constantFrom(
  '',
  '; user=x',
  '# [program:off]',
  '  ; inside',
  '\n',
  ' ',
  '  more',
  '\t; a\n   --b',
  'unknown = %(nope)s',
)
const section = (name: string): fc.Arbitrary<string> =>
  fc
    .tuple(command, fc.array(fc.oneof({ weight: 3, arbitrary: line }, filler), { maxLength: 6 }))
    .map(([run, lines]) => [`[program:${name}]`, `command=${run}`, ...lines].join('\n'))
const events = fc.constantFrom('EVENT', 'tick_5, TICK_60', 'PROCESS_STATE', 'TICK_6', '', 'EVENT,', '%(ENV_NUM)s')
const socket = fc.constantFrom(
  'unix:///tmp/s',
  'unix:///tmp/%(program_name)s/../x/',
  'unix://x',
  'tcp://Host:9000',
  'tcp://*:1',
  'tcp://h:0',
  'tcp://h',
  '%(here)s',
  '',
)
const special = {
  buffer_size: integer,
  priority: integer,
  result_handler: fc.constantFrom('a:b', 'supervisor.dispatchers:default_handler'),
  redirect_stderr: fc.constantFrom('false', 'no', 'true'),
  stdout_capture_maxbytes: bytes,
  socket_owner: fc.constantFrom('root', 'root:root', 'daemon:0', 'nosuch:nosuch'),
  socket_mode: fc.constantFrom('0700', '0o660', '9'),
  socket_backlog: fc.constantFrom('1', '0', '65536', '%(ENV_NUM)s'),
  user: fc.constantFrom('root', 'daemon', '1'),
}
const own = (...names: (keyof typeof special)[]): fc.Arbitrary<string[]> =>
  fc
    .subarray(names)
    .chain((chosen) => fc.tuple(...chosen.map((name) => special[name].map((value) => `${name}=${value}`))))
const listener = fc
  .tuple(
    section('l').map((text) => text.replace('program:', 'eventlistener:')),
    events,
    own('buffer_size', 'priority', 'result_handler', 'redirect_stderr', 'stdout_capture_maxbytes'),
  )
  .map(([program, names, lines]) => [program, `events=${names}`, ...lines].join('\n'))
const fcgi = fc
  .tuple(
    section('f').map((text) => text.replace('program:', 'fcgi-program:')),
    socket,
    own('user', 'priority', 'socket_owner', 'socket_mode', 'socket_backlog'),
  )
  .map(([program, name, lines]) => [program, `socket=${name}`, ...lines].join('\n'))
const extra = fc.oneof({ weight: 2, arbitrary: fc.constant('') }, listener, fcgi)
const rest = fc.subarray([
  '[group:g]\nprograms=web,w.x\npriority=5',
  '[unix_http_server]\nfile=%(here)s/s.sock\nusername=\npassword=x',
  '[DEFAULT]\nstartsecs=7\nnothing=1',
  '[program:web]\npriority=3 ; again',
  '[group:h]\nprograms = web , f',
  '[notes]\na=1\n;[program:off]\n; command=off',
  '[include]\nfiles=none/*.conf',
])
const document = fc
  .tuple(fc.tuple(variables, fc.nat(2)), section('web'), section('w.x'), extra, rest)
  .map(([[daemon, chance], web, dotted, added, more]) =>
    ['[supervisord]', ...(chance === 0 ? [`environment=${daemon}`] : []), web, dotted, added, ...more].join('\n'),
  )

test.skipIf(!hasOracle)(`${COUNT} random files (${ORACLE_NEEDED})`, () => {
  const folder = makeFolder()
  const machine = { ...thisMachine(), environment: ENVIRONMENT, workingDirectory: folder }
  const options = { assumeImage: true }
  let accepted = 0
  const contents = fc.sample(document, { seed: 4, numRuns: COUNT })
  const files = contents.map((content, index) => {
    const file = join(folder, `${index}.conf`)
    writeFileSync(file, content)
    return file
  })
  const answers = askOracleOfAll(files, folder, ENVIRONMENT)
  for (const [index, content] of contents.entries()) {
    const file = files[index] ?? ''
    const oracle = answers[index] ?? {}
    const expected = 'error' in oracle ? 'refused' : comparable(oracle)
    const direct = viewOf(() => resolveDocument(convert(file, machine).document, machine, options))
    expect({ content, direct }).toEqual({ content, direct: expected })
    if (expected === 'refused') continue
    accepted += 1
    const toml = writeDocument(convert(file, machine).document)
    expect({ content, again: viewOf(() => readConfig(toml, join(folder, 'k.toml'), machine, options)) }).toEqual({
      content,
      again: expected,
    })
  }
  expect(accepted).toBeGreaterThan(COUNT / 8)
})
