// A shell in a new folder. It runs the commands of a page one after the other, as a reader types them. For root the shell has new
// namespaces, so a page may also write to /etc, /run and similar directories.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { kahiPath, scratch } from './kahi.ts'
import { noNamespace } from './pid-namespace.ts'
import { eventually, withinLimit } from './wait.ts'

/** A command's output, both streams, and its exit code. */
export interface Ended {
  readonly output: string
  readonly exitCode: number
}

/** A shell. */
export interface Shell {
  /** The folder that the commands begin in. */
  readonly folder: string
  /** Runs a command to its end. A command that ends with `&` is only started, and its output is in `background`. */
  run(command: string): Promise<Ended>
  /** The output of all background commands. */
  background(): string
}

const DONE = '__done'
const CHANGED = ['/etc', '/usr', '/var', '/opt', '/srv', '/root']
const PRELUDE = `mount --make-rprivate / && mount -t tmpfs tmpfs /run
${CHANGED.map((path) => `mkdir -p /run/kept${path}/upper /run/kept${path}/work; mount -t overlay overlay -o lowerdir=${path},upperdir=/run/kept${path}/upper,workdir=/run/kept${path}/work ${path}`).join('\n')}
exec bash --norc`

/** Starts a shell. The shell and all its processes end with the test. */
export function startShell(): Shell {
  const hidden = scratch()
  const folder = join(hidden, 'shop')
  mkdirSync(folder)
  const namespaces = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '--norc', '-c', PRELUDE]
  const [program, args] = noNamespace === undefined ? ['unshare', namespaces] : ['bash', ['--norc', '-m']]
  const { HOME, USER, KAHI_SHIM } = process.env
  const env = {
    HOME,
    USER,
    KAHI_SHIM,
    PATH: `${dirname(kahiPath)}:${process.env.PATH}`,
    TZ: 'UTC',
    XDG_RUNTIME_DIR: hidden,
  }
  const child = spawn(program, args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  onTestFinished(async () => {
    child.stdin.end(noNamespace === undefined ? '' : 'kill $(jobs -p); wait\n')
    if (noNamespace === undefined) child.kill('SIGKILL')
    await ended
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const log = join(hidden, 'background')
  const background = (): string => {
    try {
      return readFileSync(log, 'utf8')
    } catch {
      return ''
    }
  }
  const run = async (command: string): Promise<Ended> => {
    const started = / &$/.exec(command)
    const output = join(hidden, 'output')
    const line =
      started === null
        ? `{ ${command}\n} >${output} 2>&1 </dev/null; echo ${DONE} $?\n`
        : `{ ${command.slice(0, started.index)}\n} >>${log} 2>&1 </dev/null & echo ${DONE} 0\n`
    child.stdin.write(line)
    const { value = '' } = await withinLimit(lines.next(), () => `the end of: ${command}`)
    if (command.startsWith('kahi daemon') && started !== null)
      await eventually(
        () => background().includes('kahi started with pid'),
        `the start of the daemon:\n${background()}`,
      )
    return {
      output: started === null ? readFileSync(output, 'utf8') : '',
      exitCode: Number(String(value).replace(DONE, '')),
    }
  }
  return { folder, run, background }
}
