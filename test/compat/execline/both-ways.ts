// A script of execline and its translation by --translate. The real execlineb runs the script, and sh runs the translation. The test
// compares output, exit codes, and the arguments, environment, directory and umask of the programs that they run.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect } from 'vitest'
import { type Source, translate, type Translation } from '../../../converter/execline/translate.ts'
import { LIMIT_MS } from '../../helpers/wait.ts'

export const hasExecline = spawnSync('execlineb', ['-c', 'true']).error === undefined
if (!hasExecline) console.log('skipped: execlineb is not installed')

export const home = mkdtempSync(join(tmpdir(), 'kahi-execline-'))
export const bin = join(home, 'bin')
export const work = join(home, 'work')
afterAll(() => rmSync(home, { recursive: true, force: true }))

export const VALUES: Readonly<Record<string, string>> = {
  HOME: '/root',
  A: 'a  value',
  B: `it's "quoted" \\n *`,
  EMPTY: '',
  LINES2: 'one\ntwo\n',
  LIST: '-a  /etc/* --b="c"\t\n~ ',
  LIST2: 'one',
}
export const ENVIRONMENT = { ...VALUES, PATH: `/usr/lib/execline/bin:${bin}:${process.env.PATH ?? ''}` }

export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
export const assigned = Object.entries(VALUES).map(([name, value]) => `${name}=${quote(value)}`)

/** Placeholders for commands that only s6-overlay has, and a program that prints its arguments and environment. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  probe: [
    '#!/bin/sh',
    'for one; do printf "<%s>\\n" "$one"; done',
    `env | grep -vE '^(PWD|OLDPWD|_|SHLVL|PATH|STARTED|[^A-Za-z].*)=' | sort`,
    'pwd -P; umask; [ "$STARTED" = $$ ] && echo same pid',
    'echo on stderr >&2',
  ].join('\n'),
  's6-echo': '#!/bin/sh\nend="\\n"; [ "$1" = -n ] && { end=; shift; }; [ "$1" = -- ] && shift\nprintf "%s$end" "$*"\n',
  's6-cat': '#!/bin/sh\nexec cat\n',
  's6-true': '#!/bin/sh\nexit 0\n',
  's6-false': '#!/bin/sh\nexit 1\n',
  's6-env': '#!/bin/sh\nexec env "$@"\n',
  's6-test': '#!/bin/sh\nexec eltest "$@"\n',
  'with-contenv': `#!/bin/sh\nexec env -i PATH="$PATH" ${assigned.join(' ')} "$@"\n`,
}
mkdirSync(bin)
for (const [name, text] of Object.entries(PROGRAMS)) {
  writeFileSync(join(bin, name), text)
  chmodSync(join(bin, name), 0o755)
}

export interface Outcome {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly file: string
}

/** The messages of execline and of the shell in stdout, if stderr goes there. Their texts differ. */
export const MESSAGE = /^(?:[\w-]+: (?:fatal|warning)|name: \d+|\S*sh): .*\n/gm

export function run(command: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Outcome {
  const [program = '', ...args] = command
  const input = 'from stdin\n'
  const options = { cwd, env, input, encoding: 'latin1', timeout: LIMIT_MS } as const
  const { status, signal, stdout } = spawnSync(program, args, options)
  const printed = (stdout ?? '').replaceAll(MESSAGE, '')
  const file = join(work, 'file')
  return { status, signal, stdout: printed, file: existsSync(file) ? readFileSync(file, 'latin1') : '' }
}

export function fresh(): void {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(join(work, 'inner dir'), { recursive: true })
  writeFileSync(join(work, 'if'), '#!/bin/sh\necho "not execline: $@"\n', { mode: 0o755 })
}

export function original(text: string, options: string, args: readonly string[]): Outcome {
  fresh()
  writeFileSync(join(home, 'script'), text)
  return run(['execlineb', ...(options === '' ? [] : [options]), join(home, 'script'), ...args], work, ENVIRONMENT)
}

/** As kahi would run it. */
export function translated({ keys, argv, script }: Translation, args: readonly string[]): Outcome {
  fresh()
  const { directory = work, umask, environment = {}, redirect_stderr } = keys
  const command = argv ?? ['/bin/sh', '-c', script ?? '', 'name', ...args]
  const before = `${umask === undefined ? '' : `umask ${umask}; `}exec "$@"${redirect_stderr === true ? ' 2>&1' : ''}`
  return run(['/bin/sh', '-c', before, 'sh', ...command], directory, { ...ENVIRONMENT, ...environment })
}

export function source(text: string, more: Partial<Source> = {}): Source {
  return { text, file: 'run', options: '-P', args: ['svc'], isSupervised: false, keys: 'all', ...more }
}

/** Both results, or the reason why there is only one. */
export function compare(text: string, options = '-P', args: readonly string[] = ['svc']): string | undefined {
  const isKnown = args.length <= 1
  const found = translate(
    source(text, { options, args: isKnown ? args : args.map(() => undefined), keys: isKnown ? 'all' : 'none' }),
  )
  if ('reason' in found) return found.reason
  const shown = `${text}\n--- became\n${JSON.stringify(found.keys)} ${found.argv?.join(' ') ?? found.script}`
  expect(translated(found, args), shown).toEqual(original(text, options, args))
  return undefined
}
