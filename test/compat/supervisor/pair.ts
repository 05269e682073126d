// Runs a list of commands with one supervisord.conf and any pair of daemon and client. Gives output and exit codes.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Daemon, kahi, scratch, startDaemon } from '../../helpers/kahi.ts'
import { openRealClient, type RunClient } from './real-client.ts'

const SUPERVISORD = '/usr/bin/supervisord'
const SUPERVISORCTL = '/usr/bin/supervisorctl'

/** Whether Debian's supervisor package is here. */
export const isInstalled = existsSync(SUPERVISORD) && existsSync(SUPERVISORCTL)

/** A command with its arguments; or something done to the configuration between two of them. */
export type Step = string | ((file: string) => void)

/** What a command printed, masked, and its exit code. */
export interface Printed {
  readonly line: string
  readonly text: string
  readonly exitCode: number | undefined
}

const PROGRAMS = `
[program:web]
command=sh -c 'echo hello; echo oops >&2; exec sleep 1000'
stdout_logfile=%(here)s/web.out
stderr_logfile=%(here)s/web.err
[program:off]
command=sleep 1000
autostart=false
startsecs=0
priority=5
[program:lost]
command=/nonexistent
autostart=false
[program:broken]
command=/etc/passwd
autostart=false
[program:brief]
command=false
autostart=false
startretries=0
[program:w]
command=sleep 1000
numprocs=2
process_name=w_%(process_num)d
[program:echo]
command=cat
stdout_logfile=%(here)s/echo.out
[program:quiet]
command=sleep 1000
stdout_logfile=NONE
`

/** Adds a program to a configuration. */
export function add(text: string): Step {
  return (file) => appendFileSync(file, text)
}

/** Replaces a text of a configuration. */
export function replace(from: string, to: string): Step {
  return (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
}

/** Who plays which part. */
export interface Pair {
  readonly daemon: 'supervisord' | 'kahi'
  readonly client: 'supervisorctl' | 'kahi'
}

/** A running daemon, and the way to ask it. */
export interface Running {
  readonly daemon: Daemon
  readonly directory: string
  readonly conf: string
  readonly socket: string
  ask(line: string): Promise<Printed>
}

/** Starts a daemon; all that starts by itself runs. `server` are more lines for its server. */
export async function run({ daemon: which, client }: Pair, server = ''): Promise<Running> {
  const directory = scratch()
  const conf = join(directory, 'supervisord.conf')
  const socket = join(directory, 's.sock')
  writeFileSync(
    conf,
    `[supervisord]\nnodaemon=true\nlogfile=%(here)s/main.log\npidfile=%(here)s/pid\nchildlogdir=%(here)s\n` +
      `[unix_http_server]\nfile=${socket}\n${server}[supervisorctl]\nserverurl=unix://${socket}\n` +
      `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n${PROGRAMS}`,
  )
  const daemon =
    which === 'kahi'
      ? startDaemon(['supervisord', '-n', '-c', conf])
      : startDaemon(['-n', '-c', conf], { program: SUPERVISORD })
  await Promise.all(['web', 'w_0', 'w_1', 'quiet'].map((name) => daemon.line(`success: ${name} entered RUNNING`)))
  const send = client === 'kahi' ? runOwnClient : runRealClient()
  const ask = async (line: string): Promise<Printed> => {
    const [text, exitCode] = await send(['-c', conf, ...line.split(' ')])
    // The code is that of the last answer: of several, any may be the last.
    const isAny = /all|:\*/.test(line) && text.trim().includes('\n') && exitCode !== 0
    return { line, text: mask(text, line, directory), exitCode: isAny ? 1 : exitCode }
  }
  return { daemon, directory, conf, socket, ask }
}

const runOwnClient: RunClient = async (args) => {
  const { stdout, stderr, exitCode } = await kahi(['supervisorctl', ...args])
  return [stdout + stderr, exitCode]
}

function runRealClient(): RunClient {
  const client = openRealClient()
  onTestFinished(() => client.close())
  return client.run
}

/** What all steps print, until the daemon has ended. */
export async function runSteps(pair: Pair, steps: readonly Step[]): Promise<Printed[]> {
  const running = await run(pair)
  const printed: Printed[] = []
  for (const step of steps) {
    if (typeof step === 'string') printed.push(await running.ask(step))
    else step(running.conf)
  }
  await running.daemon.ended()
  return printed
}

/** What differs from run to run, and where the original shows its own source, replaced. */
export function mask(text: string, line: string, directory: string): string {
  const masked = text
    .replaceAll(directory, 'DIR')
    .replaceAll(/pid \d+, uptime \d:\d\d:\d\d/g, 'pid N, uptime T')
    .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'TIME')
    .replaceAll(/^\d{2,}$/gm, 'PID')
    .replaceAll(/^error: .*/gm, 'error: …')
  // Groups are answered for in the order in which their processes happened to be done.
  return /all|:\*/.test(line) ? masked.split('\n').sort().join('\n') : masked
}
