// The commands of a service: what is started, what checks its readiness, and what is run at its end.

import { join } from 'node:path'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { splitCommand } from '../../../config/values/command.ts'
import { isSecretName } from '../../../config/values/secrets.ts'
import { checkCommand } from '../plan/checks.ts'
import { adoptedFile, plainWords, scriptFile, shellScript } from '../plan/scripts.ts'
import type { OutputFile } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { hasVariables, piecesOf } from '../plan/variables.ts'
import type { Places } from './places.ts'
import { commandLine, isAllowedValue } from './words.ts'

/** A command line, and the file of the script that it runs, if it has one. */
export interface Command {
  readonly line: string
  readonly files: readonly OutputFile[]
}

/** The command of a unit for `ExecStart=` or, for what a oneshot undoes, `ExecStop=`. */
export function commandOf(
  unit: Unit,
  settings: ProcessSettings,
  purpose: 'start' | 'stop',
  { places, sources }: { readonly places: Places; readonly sources: ReadonlySet<string> },
): Command {
  const argv = plainWords(settings.argv ?? [])
  const text = scriptFile(unit, argv, sources)
  if (text === undefined)
    return { line: commandLine([...wrapper(unit, settings, argv), ...placed(argv, settings)]), files: [] }
  const path = places.script(unit, purpose)
  const file = shellScript(argv) === undefined ? adoptedFile(argv, sources) : undefined
  const rest = file === undefined ? [] : argv.slice(argv.indexOf(file) + 1)
  return {
    line: commandLine([...wrapper(unit, settings, [path]), path, ...rest]),
    files: [{ path: path.slice(1), text, mode: 0o755 }],
  }
}

/** A relative path is below the directory of the program. */
function placed([first = '/bin/true', ...rest]: readonly string[], { directory }: ProcessSettings): readonly string[] {
  const isRelative = first.includes('/') && !first.startsWith('/') && !hasVariables(first)
  const isKnown = directory?.startsWith('/') === true && !hasVariables(directory)
  return [isRelative && isKnown ? join(directory, first) : first, ...rest]
}

/**
 * `env` and `setpriv` in front of the command, for what settings of systemd cannot say: variables in a path, and names
 * that the program's own PATH must find.
 */
function wrapper(unit: Unit, settings: ProcessSettings, argv: readonly string[]): readonly string[] {
  const { directory, environment } = settings
  const [first = '/bin/true'] = placed(argv, settings)
  const moved = directory !== undefined && hasVariables(directory) ? ['-C', directory] : []
  const set = Object.entries(environment).filter(([name, value]) => hasVariables(value) && !isItself(name, value))
  const needsPath = !first.includes('/') && environment.PATH !== undefined
  const isOdd = !/^[\w/][\w@+=:,./-]*$/.test(first) || (first.includes('/') && !first.startsWith('/'))
  const isUsed = moved.length > 0 || set.length > 0 || needsPath || isOdd
  const words = isUsed ? ['/usr/bin/env', ...moved, ...set.map(([name, value]) => `${name}=${value}`)] : []
  const { user } = unit
  if (user === undefined || !hasVariables(user)) return words
  const [name = '', group = name] = user.split(/:(?![^\uE000]*\uE001)/)
  return ['/usr/bin/setpriv', '--reuid', name, '--regid', group, '--init-groups', ...words]
}

/** `X=${X}`: the variable has that value already. */
function isItself(name: string, value: string): boolean {
  const [only, ...more] = piecesOf(value)
  return more.length === 0 && typeof only === 'object' && only.variable === name
}

/** Variables that the service itself sets. */
export function ownVariables({ environment }: ProcessSettings): readonly (readonly [name: string, value: string])[] {
  return Object.entries(environment).filter(([, value]) => isAllowedValue(value))
}

/** Those that stand in a file of their own: secrets, and all that must have priority over another file. */
export function hiddenVariables(settings: ProcessSettings): ReturnType<typeof ownVariables> {
  const own = ownVariables(settings)
  return settings.env_file === undefined ? own.filter(([name]) => isSecretName(name)) : own
}

/** `ExecStartPost=` repeats the check; it ends with an error when the process has ended. */
export function readinessOf({ kind, settings: { ready } }: Unit): string | undefined {
  const check = ready === undefined || kind === 'oneshot' ? undefined : checkCommand(ready.check, ready.timeout)
  if (check === undefined || ready === undefined) return undefined
  const limit = ['test', 'nc'].includes(check[0] ?? '') ? [] : ['timeout', String(ready.timeout)]
  const script = `until "$@"; do kill -0 "$MAINPID" && sleep ${ready.interval} || exit 1; done`
  return commandLine(['/bin/sh', '-c', script, 'sh', ...limit, ...check])
}

/** `ExecStopPost=` gives finish its exit code and signal, as kahi does. */
export function finishOf({ name, settings: { finish } }: Unit): string | undefined {
  const words = wordsOf(finish)
  if (words === undefined) return undefined
  const script =
    'if [ "$EXIT_CODE" = exited ]; then exec "$@" "$EXIT_STATUS" 0 "$0" 0; else exec "$@" 256 "$EXIT_STATUS" "$0" 0; fi'
  return commandLine(['/bin/sh', '-c', script, name, ...words])
}

/** The command of a key that runs beside the process, with its pid in MAINPID. */
export function besideOf(command: ProcessSettings['reload_command']): string | undefined {
  const words = wordsOf(command)
  return words === undefined
    ? undefined
    : commandLine(words[0]?.startsWith('/') === true ? words : ['/usr/bin/env', ...words])
}

function wordsOf(command: ProcessSettings['finish']): readonly string[] | undefined {
  if (command === undefined) return undefined
  const split = typeof command === 'string' ? splitCommand(command) : { words: command }
  return 'words' in split && split.words.length > 0 ? split.words : undefined
}
