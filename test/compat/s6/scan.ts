// One scan directory under a real s6-svscan and one under kahi. The real tools of s6 run on both: their output, exit codes and the
// events of a service are compared. Pids, seconds and times are masked.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, constants, existsSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { hasHelper, kahiPath, scratch } from '../../helpers/kahi.ts'
import { below, killIfThere } from '../../helpers/processes.ts'
import { eventually, LIMIT_MS } from '../../helpers/wait.ts'

/** Why the tests here are skipped; undefined when they are not. */
export const missing = ['s6-svscan', 's6-svc', 's6-svstat', 's6-svlisten1', 's6-notifyoncheck'].some(
  (tool) => !isThere(tool),
)
  ? 'skipped without the tools of s6'
  : hasHelper
    ? undefined
    : 'skipped without the native helper'

function isThere(tool: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, tool)))
}

/** Files of a scan directory by name; those called run, finish and check can be executed. */
export type Files = Readonly<Record<string, string>>

/** A shell script. */
export function script(text: string): string {
  return `#!/bin/sh\n${text}\n`
}

/** Who supervises. */
export type Side = 's6-svscan' | 'kahi'

/** A scan directory that is supervised. */
export interface Scan {
  readonly directory: string
  readonly supervisor: ChildProcess
  /** All that the supervisor has written. */
  output(): string
  /** Runs a line of the shell in the directory; gives exit code and output, masked. */
  run(line: string): Promise<string>
  /** Runs it until it prints that. */
  until(line: string, text: string): Promise<void>
  write(files: Files): void
  /** Hears the events of a service from now on; gives those that have come. */
  listen(service: string): () => string
  /** Resolves when the service is supervised. */
  supervised(service: string): Promise<void>
}

/** Starts a supervisor on a directory with these files; killed when the test has finished. `tables`: more of kahi's configuration. */
export async function startScan(side: Side, files: Files, tables = ''): Promise<Scan> {
  const folder = scratch()
  const directory = join(folder, 'scan')
  writeFiles(directory, files)
  const command = side === 'kahi' ? kahiOn(folder, directory, tables) : ['s6-svscan', directory]
  const [program = '', ...args] = command
  const supervisor = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [supervisor.stdout, supervisor.stderr])
    stream?.on('data', (chunk: Buffer) => (output += String(chunk)))
  const ended = once(supervisor, 'exit')
  onTestFinished(async () => {
    if (supervisor.exitCode === null) killAll(supervisor)
    await ended
  })
  const run = (line: string) => runIn(directory, line)
  const until = async (line: string, text: string): Promise<void> => {
    const isOver = async () => supervisor.exitCode !== null || (await run(line)) === `0 ${text}\n`
    await eventually(isOver, `${line} prints ${text}`)
    if (supervisor.exitCode !== null) throw new Error(output)
  }
  const scan: Scan = {
    directory,
    supervisor,
    output: () => output,
    run,
    until,
    write: (more) => writeFiles(directory, more),
    listen: (service) => listen(join(directory, service, 'event')),
    supervised: (service) => until(`s6-svok ${service} && s6-svstat ${service} > /dev/null; echo $?`, '0'),
  }
  await until('test -p .s6-svscan/control; echo $?', '0')
  return scan
}

function kahiOn(folder: string, directory: string, tables: string): readonly string[] {
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[supervisor]\nscan_directory = "${directory}"\n[server.unix]\nfile = "${folder}/k.sock"\n${tables}`,
  )
  return [kahiPath, 'daemon', '-c', file]
}

function writeFiles(directory: string, files: Files): void {
  mkdirSync(directory, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    if (/(?:^|\/)(?:run|finish|check)$/.test(name)) chmodSync(path, 0o755)
  }
}

async function runIn(directory: string, line: string): Promise<string> {
  const { exitCode, all } = await execa('/bin/sh', ['-c', line], {
    cwd: directory,
    reject: false,
    all: true,
    stripFinalNewline: false,
    timeout: LIMIT_MS,
  })
  return `${exitCode} ${mask(all, directory)}`
}

function mask(text: string, directory: string): string {
  return text
    .replaceAll(directory, 'SCAN')
    .replaceAll(/pid \d+/g, 'pid P')
    .replaceAll(/\d+ seconds/g, 'N seconds')
    .replaceAll(/@[0-9a-f]{24}/g, '@T')
}

function listen(event: string): () => string {
  const name = `ftrig1:@${'4'.repeat(24)}:${Math.random().toString(36).slice(2, 8).padEnd(6, 'x')}`
  execFileSync('mkfifo', ['-m', '622', join(event, `.${name}`)])
  const fd = openSync(join(event, `.${name}`), constants.O_RDWR | constants.O_NONBLOCK)
  renameSync(join(event, `.${name}`), join(event, name))
  const socket = new Socket({ fd, writable: false })
  let events = ''
  socket.on('data', (chunk: Buffer) => (events += String(chunk)))
  onTestFinished(() => void socket.destroy())
  return () => events
}

/** s6-svscan would leave its services behind. */
function killAll(supervisor: ChildProcess): void {
  for (const pid of below(supervisor.pid ?? 0)) killIfThere(pid)
}
