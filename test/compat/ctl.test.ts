// The same small supervisord.conf under real supervisord and under kahi: the output and exit codes of `supervisorctl` and
// `kahi ctl`, line by line. Process ids, times and paths are masked.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, kahi, scratch, startDaemon } from '../helpers/kahi.ts'

const supervisord = '/usr/bin/supervisord'
const supervisorctl = '/usr/bin/supervisorctl'
const isInstalled = existsSync(supervisord) && existsSync(supervisorctl)

const programs = `
[program:web]
command=sh -c 'echo hello; echo oops >&2; exec sleep 1000'
stdout_logfile=%(here)s/web.out
stderr_logfile=%(here)s/web.err
[program:off]
command=sleep 1000
autostart=false
startsecs=0
[program:lost]
command=/nonexistent
autostart=false
[program:w]
command=sleep 1000
numprocs=2
process_name=w_%(process_num)d
[program:quiet]
command=sleep 1000
stdout_logfile=NONE
`

/** Both tools run every line, in this order. Exit codes are compared too. */
const lines = [
  'status',
  'status web off nope zz:*',
  'status w:*',
  'start off',
  'start off',
  'start lost',
  'start nope',
  'start nope:*',
  'start w:*',
  'stop off',
  'stop off',
  'stop nope',
  'stop nope:*',
  'signal WINCH web',
  'signal NOPE web',
  'signal HUP off',
  'signal HUP nope',
  'signal HUP nope:*',
  'pid nope',
  'pid off',
  'tail web',
  'tail -3 web',
  'tail web stderr',
  'tail quiet',
  'tail nope',
  'tail web nope',
  'restart nope',
  'restart off',
  'status off',
  'stop off',
  'status off',
  'stop w:*',
  'start w:w_1',
  'shutdown',
]

interface Printed {
  readonly line: string
  readonly text: string
  readonly exitCode: number | undefined
}

function writeConf(): { directory: string; conf: string; socket: string } {
  const directory = scratch()
  const conf = join(directory, 'supervisord.conf')
  const socket = join(directory, 's.sock')
  writeFileSync(
    conf,
    `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%(here)s/pid\nchildlogdir=%(here)s\n` +
      `[unix_http_server]\nfile=${socket}\n[supervisorctl]\nserverurl=unix://${socket}\n` +
      `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n${programs}`,
  )
  return { directory, conf, socket }
}

async function ask(
  daemon: Daemon,
  program: string | undefined,
  args: readonly string[],
  directory: string,
): Promise<Printed[]> {
  await Promise.all(['web', 'w_0', 'w_1', 'quiet'].map((name) => daemon.line(`success: ${name} entered RUNNING`)))
  const printed: Printed[] = []
  for (const line of lines) {
    const options = program === undefined ? {} : { program }
    const { stdout, stderr, exitCode } = await kahi([...args, ...line.split(' ')], options)
    const text = mask(stdout + stderr, directory)
    printed.push({ line, text: line.endsWith(':*') ? sortLines(text) : text, exitCode })
  }
  return printed
}

/** supervisord lists the processes of a group in the order in which they finished. */
function sortLines(text: string): string {
  return text.split('\n').sort().join('\n')
}

function mask(text: string, directory: string): string {
  return (
    text
      .replaceAll(directory, 'DIR')
      .replaceAll(/pid \d+, uptime \d:\d\d:\d\d/g, 'pid N, uptime T')
      // kahi ctl adds to the text of supervisorctl
      .replaceAll(/, \d+ exits?, last [^,\n]*, \d+ (?:s|min) ago/g, '')
      .replaceAll(/\(spawn error: [^)\n]*\)/g, '(spawn error)')
      .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'TIME')
  )
}

/** `kahi ctl restart` is one request, so it prints one message for an unknown name (docs/compat/supervisord.md). */
function answeredOnce(one: Printed): Printed {
  return one.line === 'restart nope' ? { ...one, text: one.text.replace(/^(.*\n)\1$/, '$1') } : one
}

async function askReal(): Promise<Printed[]> {
  const { directory, conf } = writeConf()
  const daemon = startDaemon(['-n', '-c', conf], { program: supervisord })
  const printed = await ask(daemon, supervisorctl, ['-c', conf], directory)
  expect((await daemon.ended()).exitCode).toBe(0)
  return printed
}

async function askKahi(): Promise<Printed[]> {
  const { directory, conf, socket } = writeConf()
  const daemon = startDaemon(['supervisord', '-n', '-c', conf])
  const printed = await ask(daemon, undefined, ['ctl', '-s', socket], directory)
  expect((await daemon.ended()).exitCode).toBe(0)
  return printed
}

test.skipIf(!isInstalled)('kahi ctl says what supervisorctl says (needs supervisor installed)', async () => {
  const [real, ours] = await Promise.all([askReal(), askKahi()])
  expect(ours).toEqual(real.map(answeredOnce))
})
