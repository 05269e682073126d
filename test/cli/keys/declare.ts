// Functions that define the tests of keys of kahi.toml: a file of this folder calls one of them for each key. all.test.ts checks
// that no key is missing.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, type Daemon, kahi, kahiPath, scratch, startDaemon } from '../../helpers/kahi.ts'

/** The daemon of a test, which is running. */
export interface Run {
  /** The folder of the test, `DIR` in its text; it has an empty folder `sub`. */
  readonly folder: string
  /** The path of its kahi.toml. */
  readonly file: string
  readonly daemon: Daemon
  /** Standard output of `kahi ctl …`. */
  ctl(...args: string[]): Promise<string>
}

/** The checks of a test with the running daemon. After them the daemon gets SIGTERM. */
export type Check = (run: Run) => Promise<void>

/** The options of a test: its requirements, and the start and end of its daemon. */
export interface Options {
  readonly needsRoot?: boolean
  readonly needsHelper?: boolean
  /** The soft limit of open files that the daemon is started with. */
  readonly nofile?: string
  /** The output that says that the daemon runs. */
  readonly begins?: string
  /** The exit code of the daemon. */
  readonly ends?: number
}

const isRoot = process.getuid?.() === 0
let collected: Set<string> | undefined

/** The names of the keys that these files have tests for. Their tests are not run. */
export async function namesIn(files: readonly string[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  collected = names
  for (const file of files) await import(/* @vite-ignore */ file)
  collected = undefined
  return names
}

/**
 * A test of some keys (`TABLE.KEY`, divided by spaces), which starts a daemon with the text as its kahi.toml. `DIR` in the
 * text is the folder of the test.
 */
export function key(names: string, toml: string, check: Check, options: Options = {}): void {
  if (collected !== undefined) return names.split(' ').forEach((name) => collected?.add(name))
  const { needsRoot = false, nofile = '', begins = 'kahi started with pid', ends = 0 } = options
  const needsHelper = options.needsHelper === true || nofile !== ''
  const needs = [needsRoot ? ' (needs root)' : '', needsHelper ? ' (needs the native helper)' : ''].join('')
  test.skipIf((needsRoot && !isRoot) || (needsHelper && !hasHelper))(names + needs, async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'sub'))
    const file = join(folder, 'kahi.toml')
    const hasServer = /^\[+server/m.test(toml)
    const server = hasServer ? '' : `[server.unix]\nfile = "${folder}/k.sock"\n`
    writeFileSync(file, (server + toml).replaceAll('DIR', folder))
    const program = nofile === '' ? kahiPath : '/bin/sh'
    const limited = nofile === '' ? [] : ['-c', `ulimit -Sn ${nofile}; exec "$0" "$@"`, kahiPath]
    const env = { FROM_OUTSIDE: 'yes' }
    const daemon = startDaemon([...limited, 'daemon', '-c', file], { cwd: folder, env, program })
    await daemon.line(begins)
    const ctl = async (...args: string[]) => (await kahi(['ctl', '-c', file, ...args], { cwd: folder })).stdout
    await check({ folder, file, daemon, ctl })
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: ends })
  })
}

/** As key(), for keys of a program `p`, which sleeps unless `body` has a command. Further tables may follow in `body`. */
export function program(names: string, body: string, check: Check, options: Options = {}): void {
  const command = /^command =/m.test(body) ? '' : 'command = "/bin/sleep 1000"\n'
  key(inTable('programs', names), `[programs.p]\n${command}${body}`, check, options)
}

/** As key(), for keys of a oneshot `o`. */
export function once(names: string, body: string, check: Check, options: Options = {}): void {
  key(inTable('oneshots', names), `[oneshots.o]\n${body}`, check, options)
}

/** As key(), for keys of [supervisor]; `rest` is the remaining text of the file. */
export function supervisor(
  names: string,
  body: string,
  check: Check,
  rest = '[programs.p]\ncommand = "/bin/sleep 1000"',
  options: Options = {},
): void {
  key(inTable('supervisor', names), `[supervisor]\n${body}\n${rest}`, check, options)
}

/** The check that a line of output contains the text, or fits the expression. */
export function says(text: string | RegExp): Check {
  return async ({ daemon }) => void (await daemon.line(text))
}

/** Two processes are made in this order. The kernel decides which of them runs its program first and so is logged first. */
export async function isMadeBefore(daemon: Daemon, first: string, second: string): Promise<void> {
  const pid = async (name: string) => Number(/pid (\d+)/.exec(await daemon.line(`spawned: '${name}'`))?.[1])
  expect(await pid(first)).toBeLessThan(await pid(second))
}

/** A file of /proc about the program `p`, which has been executed. */
export async function procOf({ daemon, ctl }: Run, file: string): Promise<string> {
  await daemon.line("spawned: 'p'")
  return readFileSync(`/proc/${(await ctl('pid', 'p')).trim()}/${file}`, 'utf8')
}

function inTable(table: string, names: string): string {
  return names
    .split(' ')
    .map((name) => `${table}.${name}`)
    .join(' ')
}
