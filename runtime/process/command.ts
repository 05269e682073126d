// Finds the file that a command means, by supervisord's rules. A name with a slash is looked up from the daemon's
// directory. A bare name is looked up in PATH; the first directory that contains it decides, even if the file cannot be
// executed.

import { accessSync, constants, type Stats, statSync } from 'node:fs'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { pythonRepr } from './python-repr.ts'

/** The file to execute with its arguments, or why there is none. */
export type Executable = { readonly ok: true; readonly file: string; readonly argv: readonly string[] } | Unexecutable

/** Why a command cannot be executed. Clients see both parts. */
export interface Unexecutable {
  readonly ok: false
  readonly reason: 'no-file' | 'not-executable'
  readonly message: string
}

/** Used for bare names when there is no PATH. Source: supervisor 4.2.5, Options.get_path. */
const DEFAULT_PATH = '/bin:/usr/bin:/usr/local/bin'

/** Source: supervisor 4.2.5, Subprocess.get_execv_args and ServerOptions.check_execv_args. */
export function findExecutable(
  settings: Pick<ProcessSettings, 'argv' | 'commandError' | 'environment' | 'env_file'>,
  daemonEnvironment: Readonly<Record<string, string | undefined>>,
): Executable {
  const { argv } = settings
  if (argv === undefined) return notExecutable(settings.commandError ?? 'command is empty')
  const [program] = argv
  if (program === undefined) return notExecutable('command is empty')
  const found = program.includes('/') ? look(program) : lookOnPath(program, searchPath(settings, daemonEnvironment))
  const problem = problemWith(found)
  if (problem !== undefined) return problem
  return { ok: true, file: found.file, argv }
}

interface Found {
  readonly file: string
  readonly stat: Stats | undefined
}

function searchPath(
  settings: Pick<ProcessSettings, 'environment' | 'env_file'>,
  daemonEnvironment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const own = settings.environment.PATH ?? settings.env_file?.variables.PATH
  const path = own ?? (daemonEnvironment.PATH || DEFAULT_PATH)
  return path.split(':')
}

function lookOnPath(program: string, directories: readonly string[]): Found {
  for (const directory of directories) {
    const found = look(directory === '' || directory.endsWith('/') ? directory + program : `${directory}/${program}`)
    if (found.stat !== undefined) return found
  }
  return { file: program, stat: undefined }
}

function look(file: string): Found {
  try {
    return { file, stat: statSync(file) }
  } catch {
    return { file, stat: undefined }
  }
}

function problemWith({ file, stat }: Found): Executable | undefined {
  const name = pythonRepr(file)
  if (stat === undefined) return { ok: false, reason: 'no-file', message: `can't find command ${name}` }
  if (stat.isDirectory()) return notExecutable(`command at ${name} is a directory`)
  if ((stat.mode & 0o111) === 0) return notExecutable(`command at ${name} is not executable`)
  if (!mayExecute(file)) return notExecutable(`no permission to run command ${name}`)
  return undefined
}

function mayExecute(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function notExecutable(message: string): Executable {
  return { ok: false, reason: 'not-executable', message }
}
