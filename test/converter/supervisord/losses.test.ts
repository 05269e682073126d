// What a converter of the Go project lost, each kind once: converted, written, read again, and compared with what supervisord
// 4.2.5 makes of the text. Each row was tried on the real one; where it is here, it is asked again.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { effectiveConfig } from '../../../cli/effective.ts'
import { readConfig } from '../../../config/read.ts'
import { layOut } from '../../../config/write.ts'
import { convert } from '../../../converter/convert.ts'
import { thisMachine } from '../../../runtime/system/users.ts'
import { comparable } from '../../helpers/effective.ts'
import { askOracle, hasOracle, ORACLE_NEEDED } from '../../helpers/oracle.ts'
import { makeFolder } from '../../helpers/test-folder.ts'

const ENVIRONMENT = { HOME: '/root', PATH: '/bin', NUM: '10', FLAG: 'off' }

interface Process {
  readonly [key: string]: unknown
}
interface Effective {
  readonly supervisord: Process
  readonly groups: readonly {
    readonly name: string
    readonly priority: number
    readonly processes: readonly Process[]
  }[]
}

function place(text: string, files: Readonly<Record<string, string>> = {}): { folder: string; file: string } {
  const folder = makeFolder()
  for (const [name, content] of Object.entries({ 'supervisord.conf': `[supervisord]\n${text}`, ...files })) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return { folder, file: join(folder, 'supervisord.conf') }
}

/** The TOML, and what it would run. */
function migrate({ folder, file }: { folder: string; file: string }): { toml: string; effective: Effective } {
  const machine = { ...thisMachine(), environment: ENVIRONMENT, workingDirectory: folder }
  const toml = layOut(convert(file, machine).document).text
  const { config } = readConfig(toml, join(folder, 'kahi.toml'), machine, { assumeImage: true })
  return { toml, effective: effectiveConfig(config) as unknown as Effective }
}

const program = (lines: string): string => `[program:a]\ncommand=x\n${lines}\n`
const numbers = 'startsecs=0\nstartretries=0\nstopwaitsecs=0\npriority=0\nstdout_logfile_backups=0'

const rows: [string, string, object][] = [
  [
    'quoted commands',
    `[program:a]\ncommand=bash -c 'echo "a  b"; exit'`,
    { argv: ['bash', '-c', 'echo "a  b"; exit'] },
  ],
  [
    'zero values',
    program(numbers),
    { startsecs: 0, startretries: 0, stopwaitsecs: 0, priority: 0, stdout: { backups: 0 } },
  ],
  [
    'the idiom of containers',
    program('stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0'),
    { stdout: { logfile: '/dev/stdout', maxbytes: 0 } },
  ],
  ['logs that are not named', program(''), { stdout: { logfile: 'AUTO' }, stderr: { logfile: 'AUTO' } }],
  [
    'no log',
    program('stdout_logfile=NONE\nstderr_logfile=off'),
    { stdout: { logfile: null }, stderr: { logfile: null } },
  ],
  [
    'commas in variables',
    program(`environment=A="1,2",D="q;r",E="a=b",J='{"a":1,"b":2}'`),
    { environment: { A: '1,2', D: 'q;r', E: 'a=b', J: '{"a":1,"b":2}' } },
  ],
  ['dots in variables', program('environment=my.key=1'), { environment: { 'my.key': '1' } }],
  ['dots in names', '[program:x.y]\ncommand=x', { name: 'x.y' }],
  ['users by name', program('user=daemon'), { uid: 1 }],
  ['stopasgroup alone', program('stopasgroup=true'), { stopasgroup: true, killasgroup: true }],
  ['indented keys', '[program:a]\n  command=x\n  autostart=false\n  priority=7', { autostart: false, priority: 7 }],
  ['colons and upper case', '[program:a]\ncommand: x\nAutoRestart: Yes', { command: 'x', autorestart: 'true' }],
  ['comments behind values', program('autostart=false # off\nstartsecs=5 ; five'), { autostart: false, startsecs: 5 }],
  ['signs that begin no comment', '[program:a]\ncommand=echo foo;bar#x   # c', { command: 'echo foo;bar#x' }],
  ['comments in quotes', `[program:a]\ncommand=bash -c 'while : ; do x'`, { command: "bash -c 'while :", argv: null }],
  [
    'sections and keys twice',
    `${program('priority=1\npriority=2')}[program:a]\nautostart=no`,
    { priority: 2, autostart: false },
  ],
  [
    'dollars of a shell',
    '[program:a]\ncommand=sh -c "$$ ${X} ${X:-y} $X"',
    { argv: ['sh', '-c', '$$ ${X} ${X:-y} $X'] },
  ],
  [
    'variables in numbers and flags',
    program('priority=%(ENV_NUM)s\nautostart=%(ENV_FLAG)s'),
    { priority: 10, autostart: false },
  ],
  [
    'values of several lines',
    '[program:a]\ncommand=/bin/sh -c "\n  echo 1;\n  echo 2"',
    { argv: ['/bin/sh', '-c', '\necho 1;\necho 2'] },
  ],
  [
    'flags in other words',
    program('autorestart=1\nredirect_stderr=On'),
    { autorestart: 'true', redirect_stderr: true },
  ],
  [
    'syslog',
    program('stdout_syslog=true\nstderr_logfile=syslog'),
    { stdout: { syslog: true }, stderr: { syslog: true } },
  ],
  ['captures', program('stdout_capture_maxbytes=1MB'), { stdout: { capture_maxbytes: 1048576 } }],
  ['signals of all kinds', program('stopsignal=WINCH'), { stopsignalName: 'SIGWINCH' }],
  ['signals by number', program('stopsignal=15'), { stopsignal: 15 }],
  ['any priority', program('priority=-1500'), { priority: -1500 }],
  ['exit codes', program('exitcodes=0, 2'), { exitcodes: [0, 2] }],
  ['a server for the program', program('serverurl=http://x:1'), { serverurl: 'http://x:1' }],
  ['control characters', program('environment=A="\x1b[0m\x0b"'), { environment: { A: '\x1b[0m\x0b' } }],
  ['long lines', `[program:a]\ncommand=x ${'y'.repeat(70_000)}`, { argv: ['x', 'y'.repeat(70_000)] }],
]

describe('a converter loses none of these', () => {
  test.each(rows)('%s', (_, text, expected) => {
    expect(migrate(place(text)).effective.groups[0]?.processes[0]).toMatchObject(expected)
  })

  test('several processes of one program', () => {
    const text =
      '[program:a]\ncommand=x %(process_num)02d\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs=2\nnumprocs_start=1'
    expect(migrate(place(text)).effective.groups[0]?.processes).toMatchObject([
      { namespec: 'a:a_01', argv: ['x', '01'] },
      { namespec: 'a:a_02', argv: ['x', '02'] },
    ])
  })

  test('groups, their names and their order', () => {
    const text =
      '[program:a]\ncommand=x\nprocess_name=p\npriority=999\n[program:b]\ncommand=%(group_name)s\npriority=7\n[group:g]\nprograms=a,b\npriority=5'
    expect(migrate(place(text)).effective.groups).toMatchObject([
      {
        name: 'g',
        priority: 5,
        processes: [
          { namespec: 'g:p', priority: 999 },
          { namespec: 'g:b', command: 'g' },
        ],
      },
    ])
  })

  test('the daemon’s variables, user, umask and rotation', () => {
    const keys =
      'environment=A="1"\nuser=daemon\numask=027\nlogfile_maxbytes=1KB\nlogfile_backups=3\nchildlogdir=/tmp\nloglevel=blather'
    const { effective } = migrate(place(`${keys}\n[program:a]\ncommand=%(ENV_A)s`))
    expect(effective.supervisord).toMatchObject({
      environment: { A: '1' },
      user: 'daemon',
      umask: '0027',
      logfile_maxbytes: 1024,
      logfile_backups: 3,
      childlogdir: '/tmp',
      loglevel: 'blather',
    })
    expect(effective.groups[0]?.processes[0]).toMatchObject({ command: '1', childEnvironmentDelta: { A: '1' } })
  })

  test('included files, by several patterns, with their own directory', () => {
    const files = {
      'conf.d/b.conf': '[program:b]\ncommand=%(here)s/b',
      'conf.d/a.ini': '[program:a]\ncommand=a',
      'x/10.conf': '[program:c]\ncommand=c',
    }
    const where = place('[include]\nfiles = conf.d/*.conf conf.d/*.ini\n  %(ENV_HOME)s/none x/%(ENV_NUM)s.conf', files)
    const commands = migrate(where).effective.groups.flatMap(({ processes }) => processes.map(({ command }) => command))
    expect(commands).toEqual(['a', `${where.folder}/conf.d/b`, 'c'])
  })

  test('event listeners and FastCGI programs', () => {
    const text = '[eventlistener:l]\ncommand=x\nevents=TICK\n[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\n'
    expect(migrate(place(text)).effective.groups).toMatchObject([{ kind: 'eventlistener' }, { kind: 'fcgi-program' }])
  })

  test('sockets as people set them up', () => {
    const text =
      '[unix_http_server]\nfile=%(here)s/s\nchmod=0770\nchown=root:root\nusername=u\npassword=%%p\n[inet_http_server]\nport=*:9001'
    const { folder, file } = place(text)
    expect(migrate({ folder, file }).effective).toMatchObject({
      httpServers: [
        { family: 'inet', host: '', port: 9001, auth: false },
        { family: 'unix', file: `${folder}/s`, chmod: '0770', chown: [0, 0], username: 'u', password: '%p' },
      ],
    })
  })

  test('comments and order', () => {
    const { toml } = migrate(
      place('; one\n[program:z]\n; two\npriority=1\ncommand=x ; three\n\n[program:a]\ncommand=x\n; four'),
    )
    expect(toml.match(/# \w+$|^\[programs.*|^command|^priority/gm)?.join(' ')).toBe(
      '# one [programs.z] # two priority command # three [programs.a] command # four',
    )
  })
})

test.skipIf(!hasOracle)(
  `the real supervisord agrees on all of them (${ORACLE_NEEDED})`,
  async () => {
    for (const [name, text] of rows) {
      const where = place(text)
      const oracle = await askOracle(where.file, where.folder, ENVIRONMENT)
      const { effective } = migrate(where)
      expect({ name, effective: comparable({ ...effective }) }).toEqual({ name, effective: comparable(oracle) })
    }
  },
  120_000,
)
