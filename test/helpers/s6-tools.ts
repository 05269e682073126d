// The commands of s6 twice: Debian's and ours (dist/kahi-s6), each under the same names in a directory of its own.

import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { type Result, root, scratch } from './kahi.ts'
import { eventually, LIMIT_MS } from './wait.ts'

const program = process.env.KAHI_TEST_TOOLS ?? join(root, 'dist/kahi-s6')

/** Our program, or the build of it that KAHI_TEST_TOOLS names; undefined where there was no compiler for it. */
export const toolsProgram = isExecutable(program) ? program : undefined

const DEBIAN = ['/usr/bin', '/usr/lib/execline/bin']

/** The path of a real command; undefined if it is not installed. */
export function realCommand(name: string): string | undefined {
  return DEBIAN.map((directory) => join(directory, name)).find(isExecutable)
}

/** Why tests beside the real s6 cannot run, undefined when they can. */
export const noRealTools = reasonAgainst()

function reasonAgainst(): string | undefined {
  if (toolsProgram === undefined) return 'no C compiler built dist/kahi-s6'
  if (realCommand('s6-svscan') === undefined) return 'the Debian package s6 is not installed'
  return undefined
}

/** A directory with a link for every command of ours. */
export function ourCommands(): string {
  const directory = scratch()
  const { stdout } = spawnSync(toolsProgram ?? '', ['--list'], { encoding: 'utf8' })
  for (const name of stdout.trim().split('\n')) symlinkSync(toolsProgram ?? '', join(directory, name))
  return directory
}

/** How a command is run. */
export interface Run {
  readonly cwd?: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs one command to its end, with the commands of `directory` first in PATH. */
export async function runTool(
  directory: string,
  [name = '', ...args]: readonly string[],
  run: Run = {},
): Promise<Result> {
  const { exitCode, stdout, stderr, signal } = await execa(join(directory, name), args, {
    reject: false,
    stripFinalNewline: false,
    timeout: LIMIT_MS,
    extendEnv: false,
    env: { PATH: `${directory}:${process.env.PATH ?? ''}`, ...run.env },
    ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
    ...(run.input === undefined ? { stdin: 'ignore' as const } : { input: run.input }),
  })
  return { exitCode, stdout: String(stdout), stderr: String(stderr), signal }
}

/** The same with the real command. */
export function runReal(words: readonly string[], run: Run = {}): Promise<Result> {
  const directory = DEBIAN.find((place) => isExecutable(join(place, words[0] ?? ''))) ?? ''
  return runTool(directory, words, run)
}

/** A scan directory with the real s6-svscan on it, and these services (name → run script). Ended with the test. */
export async function scanDirectory(services: Readonly<Record<string, string>>): Promise<string> {
  // The directory is removed last, because supervisors write into it while they end.
  const directory = mkdtempSync(join(tmpdir(), 'kahi-test-'))
  for (const [name, script] of Object.entries(services)) addService(directory, name, script)
  const svscan = execa(realCommand('s6-svscan') ?? '', [directory], {
    reject: false,
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  onTestFinished(async () => {
    svscan.kill('SIGTERM')
    await svscan
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  })
  for (const name of Object.keys(services)) await untilSupervised(join(directory, name))
  return directory
}

/** Writes a service directory. */
export function addService(directory: string, name: string, script: string): void {
  mkdirSync(join(directory, name))
  writeFileSync(join(directory, name, 'run'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(directory, name, 'run'), 0o755)
}

async function untilSupervised(service: string): Promise<void> {
  await eventually(async () => (await runReal(['s6-svstat', '-u', service])).exitCode === 0, `${service} is supervised`)
}

/** Makes messages equal that differ between two versions and between two C libraries. */
export function masked({ exitCode, stdout, stderr }: Result): unknown {
  return {
    exitCode,
    stdout: stdout.replaceAll(/ pgid \d+/g, '').replaceAll(/\d+ seconds/g, 'N seconds'),
    stderr: stderr
      .replaceAll('fatal: : ', 'fatal: ')
      .replaceAll(/usage: .*/g, 'usage')
      .replaceAll('Device or resource busy', 'Resource busy')
      .replaceAll('Connection timed out', 'Operation timed out'),
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
