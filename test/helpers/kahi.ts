// Runs dist/kahi as users do: as a child process in a new directory. Tests use its output and its socket. They wait for
// events: a line, or the end of the process.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { LIMIT_MS, withinLimit } from './wait.ts'

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The program under test. */
export const kahiPath = join(root, 'dist/kahi')

/** Whether programs run below the native helper here. */
export const hasHelper = existsSync(join(root, 'dist/kahi-shim')) && process.env.KAHI_SHIM !== 'none'

/** How a command ended. */
export interface Result {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly signal: string | undefined
}

/** Options of a run. */
export interface RunOptions {
  readonly cwd?: string
  /** Variables that are added to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  /** Another program than dist/kahi. */
  readonly program?: string
}

/** A new directory, which is removed when the test has finished. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kahi-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Runs kahi with these arguments to its end. Trailing newlines stay. */
export async function kahi(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = execa(options.program ?? kahiPath, [...args], {
    reject: false,
    stripFinalNewline: false,
    timeout: LIMIT_MS,
    env: environment(options),
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  })
  const { exitCode, stdout, stderr, signal } = await child
  return { exitCode, stdout: String(stdout), stderr: String(stderr), signal }
}

/** A kahi that runs until the test stops it. It is killed when the test has finished. */
export interface Daemon {
  readonly pid: number
  /** All its output so far, of both streams. */
  output(): string
  /** Resolves with the first line that fits, now or later; rejects when the daemon ends without one. */
  line(pattern: RegExp | string): Promise<string>
  signal(name: NodeJS.Signals): void
  /** Its standard input; null unless the test has requested it. */
  readonly stdin: Writable | null
  /** Resolves when the daemon has ended. */
  ended(): Promise<Result>
}

/** Starts a daemon. `args` are all its arguments, `daemon` included; `stdin` can be written then. */
export function startDaemon(
  args: readonly string[],
  options: Omit<RunOptions, 'input'> & { readonly stdin?: 'pipe' } = {},
): Daemon {
  const child = execa(options.program ?? kahiPath, [...args], {
    reject: false,
    stripFinalNewline: false,
    stdin: options.stdin ?? 'ignore',
    buffer: true,
    env: environment(options),
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const watch = watchLines(child)
  const end = child.then(({ exitCode, stdout, stderr, signal }) => {
    return { exitCode, stdout: String(stdout), stderr: String(stderr), signal }
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await end
  })
  return {
    pid: child.pid ?? 0,
    output: watch.output,
    line: watch.line,
    signal: (name) => void child.kill(name),
    stdin: child.stdin,
    ended: () => end,
  }
}

/** Starts `kahi daemon -c FILE` and waits until it has started its programs. */
export async function startReady(
  file: string,
  options: RunOptions = {},
  words: readonly string[] = [],
): Promise<Daemon> {
  const daemon = startDaemon(['daemon', '-c', file, ...words], options)
  await daemon.line('kahi started with pid')
  return daemon
}

function environment({ env }: RunOptions): Record<string, string | undefined> {
  const clean = { NODE_EXTRA_CA_CERTS: undefined, KAHI_SOCKET: undefined, KAHI_CONFIG: undefined }
  return { ...process.env, ...clean, ...env }
}

interface Waiting {
  readonly fits: (line: string) => boolean
  readonly resolve: (line: string) => void
  readonly reject: (error: Error) => void
}

interface Output {
  readonly stdout: NodeJS.ReadableStream | null
  readonly stderr: NodeJS.ReadableStream | null
  then(done: () => void, failed: () => void): unknown
}

function watchLines(child: Output): Pick<Daemon, 'output' | 'line'> {
  const lines: string[] = []
  const waiting = new Set<Waiting>()
  let hasEnded = false
  const take = (line: string) => {
    lines.push(line)
    for (const one of waiting) if (one.fits(line)) one.resolve(line)
  }
  for (const stream of [child.stdout, child.stderr]) splitLines(stream, take)
  const finish = () => {
    hasEnded = true
    for (const one of waiting) one.reject(new Error(`the daemon ended first; it wrote:\n${lines.join('\n')}`))
  }
  void child.then(finish, finish)
  const line = (pattern: RegExp | string) => {
    const fits = (text: string) => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text))
    const known = lines.find(fits)
    if (known !== undefined) return Promise.resolve(known)
    if (hasEnded) return Promise.reject(new Error(`no line ${pattern} in:\n${lines.join('\n')}`))
    const coming = new Promise<string>((resolve, reject) => waiting.add({ fits, resolve, reject }))
    return withinLimit(coming, () => `a line ${pattern} after:\n${lines.join('\n')}`)
  }
  return { output: () => lines.join('\n'), line }
}

function splitLines(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = ''
  stream?.on('data', (chunk: Buffer | string) => {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) take(part)
  })
}
