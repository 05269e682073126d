// Runs scripts of execline twice: with Debian's execlineb and commands, and with kahi's. Each side runs all scripts in one
// shell, one after the other, each in a separate directory. So hundreds of scripts need little time.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realCommand, toolsProgram } from './s6-tools.ts'
import { LIMIT_MS } from './wait.ts'

/** A script and the arguments of execlineb for it. */
export interface Script {
  readonly text: string
  /** Options of execlineb; `-P` where there are none. */
  readonly options?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** The result of a script. */
export interface Outcome {
  readonly text: string
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const DEBIAN = '/usr/lib/execline/bin'

/** The reason why this machine cannot compare them; undefined when it can. */
export const noRealExecline =
  toolsProgram === undefined
    ? 'no C compiler built dist/kahi-s6'
    : realCommand('forx') === undefined
      ? 'the Debian package execline is not installed'
      : undefined

/** A program that prints its arguments, and replacements for commands that are not part of execline, on both sides. */
const PROGRAMS: Readonly<Record<string, string>> = {
  args: '#!/bin/sh\nfor one; do printf "<%s>" "$one"; done\necho\n',
  's6-echo': '#!/bin/sh\necho "$@"\n',
  'with-contenv': '#!/bin/sh\nexec "$@"\n',
}

/** Values that programs find in their environment. */
const VALUES: Readonly<Record<string, string>> = {
  HOME: '/root',
  A: 'a  value',
  B: `it's "quoted" \\n *`,
  EMPTY: '',
  LINES: 'one\ntwo\n',
  LIST: ' -a  /etc/* --b="c"\t\n~ ',
  NETSTRINGS: '1:a,3:b c,0:,',
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Runs all scripts on both sides; `real` and `ours` are in the order of the scripts. */
export function runBoth(scripts: readonly Script[]): {
  readonly real: readonly Outcome[]
  readonly ours: readonly Outcome[]
} {
  return { real: runWith(undefined, scripts), ours: runWith(toolsProgram, scripts) }
}

/** The names of Debian's commands of execline. */
export function debianCommands(): readonly string[] {
  return readdirSync(DEBIAN)
}

/** Runs all scripts with the commands of one program; undefined: Debian's. */
export function runWith(program: string | undefined, scripts: readonly Script[]): readonly Outcome[] {
  const home = mkdtempSync(join(tmpdir(), 'kahi-execline-'))
  try {
    const commands = join(home, 'commands')
    mkdirSync(commands)
    mkdirSync(join(home, 'bin'))
    for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(home, 'bin', name), text, { mode: 0o755 })
    if (program !== undefined) for (const name of readdirSync(DEBIAN)) symlinkSync(program, join(commands, name))
    return runAll(home, program === undefined ? DEBIAN : commands, scripts)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function runAll(home: string, commands: string, scripts: readonly Script[]): readonly Outcome[] {
  const place = join(home, 'work')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place)
  const lines = scripts.map((script, index) => prepare(join(place, String(index)), script))
  writeFileSync(join(place, 'all'), lines.join('\n'))
  const { error } = spawnSync('/bin/sh', [join(place, 'all')], {
    timeout: LIMIT_MS,
    stdio: 'ignore',
    env: { ...VALUES, PATH: `${commands}:${home}/bin:/usr/bin:/bin` },
  })
  if (error !== undefined) throw error
  return scripts.map(({ text }, index) => outcome(join(place, String(index)), home, text))
}

/** Makes the directory of a script; gives the line that runs it. */
function prepare(directory: string, { text, options = ['-P'], args = [], env = {}, input = '' }: Script): string {
  mkdirSync(join(directory, 'place/inner dir'), { recursive: true })
  for (const name of ['b.txt', 'a.txt', '.hidden']) writeFileSync(join(directory, 'place', name), `${name}\n`)
  writeFileSync(join(directory, 'place/script'), text)
  writeFileSync(join(directory, 'input'), input)
  const assigned = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`))
  const words = ['execlineb', ...options, ...(options.includes('-c') ? [] : ['script']), ...args].map(quote)
  const command = ['env', ...assigned, ...words].join(' ')
  const run = `{ ${command} <../input 2>../stderr; echo $? >../code; }`
  // The other end of a pipeline may still write when the script has ended.
  const output = text.includes('pipeline') ? '| cat >../stdout' : '>../stdout'
  return `cd ${quote(join(directory, 'place'))}; ${run} ${output}`
}

function outcome(directory: string, home: string, text: string): Outcome {
  const read = (name: string): string => readFileSync(join(directory, name), 'latin1').replaceAll(home, '/HOME')
  const stdout = read('stdout').replaceAll(/^PATH=.*/gm, 'PATH')
  return {
    text,
    code: Number(read('code')),
    stdout: /\benv\b/.test(text) ? withoutOrder(stdout) : stdout,
    stderr: masked(read('stderr')),
  }
}

/** The order of the environment has no meaning, and the paths of the commands differ. */
function withoutOrder(text: string): string {
  const lines = text.split('\n').filter((line) => !/^(PATH$|PWD=|OLDPWD=|_=|!=)/.test(line))
  return lines.sort().join('\n')
}

/** Makes messages of two C libraries equal. Debian's library has one colon too many in some messages. */
function masked(text: string): string {
  return text
    .replaceAll('fatal: : ', 'fatal: ')
    .replaceAll('warning: : ', 'warning: ')
    .replaceAll('Connection timed out', 'Operation timed out')
    .replaceAll('No file descriptors available', 'Too many open files')
    .replaceAll(/(regcomp "[^"]*"|regular expression): .*/g, '$1')
}
