// Files for which a converter of the Go project lost settings, and functions that convert one of them and read it again.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { effectiveConfig } from '../../../cli/effective.ts'
import { readConfig } from '../../../config/toml/read.ts'
import { layOut } from '../../../config/toml/write.ts'
import { thisMachine } from '../../../runtime/system/users.ts'
import { convert } from '../../helpers/convert.ts'
import { makeFolder } from '../../helpers/test-folder.ts'

/** Variables of the environment that the files may name. */
export const ENVIRONMENT = { HOME: '/root', PATH: '/bin', NUM: '10', FLAG: 'off' }

interface Process {
  readonly [key: string]: unknown
}

/** The programs that a configuration would run, as `kahi check --effective --json` prints them. */
export interface Effective {
  readonly supervisord: Process
  readonly groups: readonly {
    readonly name: string
    readonly priority: number
    readonly processes: readonly Process[]
  }[]
}

/** Writes a supervisord.conf and its other files. */
export function place(text: string, files: Readonly<Record<string, string>> = {}): { folder: string; file: string } {
  const folder = makeFolder()
  for (const [name, content] of Object.entries({ 'supervisord.conf': `[supervisord]\n${text}`, ...files })) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return { folder, file: join(folder, 'supervisord.conf') }
}

/** The TOML that a file becomes, and the programs that it would run. */
export function migrate({ folder, file }: { folder: string; file: string }): { toml: string; effective: Effective } {
  const machine = { ...thisMachine(), environment: ENVIRONMENT, workingDirectory: folder }
  const toml = layOut(convert(file, machine).document).text
  const { config } = readConfig(toml, join(folder, 'kahi.toml'), machine, { assumeImage: true })
  return { toml, effective: effectiveConfig(config) as unknown as Effective }
}

const program = (lines: string): string => `[program:a]\ncommand=x\n${lines}\n`
const numbers = 'startsecs=0\nstartretries=0\nstopwaitsecs=0\npriority=0\nstdout_logfile_backups=0'

/** Name of the case, the file, and a part of its first process. */
export const rows: readonly (readonly [string, string, object])[] = [
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
