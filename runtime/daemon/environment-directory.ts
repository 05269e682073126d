// The daemon's variables as files (`environment_directory`). Programs change these files to change the variables of
// programs that start later. Source: s6-linux-init 1.2, s6-linux-init with -s; s6-overlay 3.2, with-contenv.

import { join } from 'node:path'
import type { SupervisorSettings } from '../../config/settings/supervisor.ts'
import type { Logger } from '../log/sink.ts'
import { ownEnvironment } from '../process/environment.ts'
import { errnoCode } from '../system/files.ts'
import { writeGuarded } from '../system/guarded.ts'
import { existsGuarded, makeDirectoriesGuarded, namesGuarded, removeGuarded } from '../system/guarded-trees.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the variables are written, and in which form; `environment` has those that programs get besides. */
export type EnvironmentFiles = Pick<SupervisorSettings, 'environment_directory' | 'environment_newline'> &
  Partial<Pick<SupervisorSettings, 'environment'>>

/**
 * Marks a directory that kahi filled. Readers ignore names that begin with a dot. Its text tells kahi's with-contenv
 * whether a newline at the end of a file belongs to the value.
 */
const MARK = '.kahi'

/**
 * The environment that programs inherit: only PATH, when there is a directory for the variables. The files are written
 * first, unless they are there already (`isWritten`). When they cannot be written, that is logged, and programs inherit
 * all variables and one more that tells with-contenv so.
 */
export function programEnvironment(
  environment: Environment,
  files: EnvironmentFiles,
  { isWritten, log }: { readonly isWritten: boolean; readonly log: Logger },
): Environment {
  const { environment_directory: directory } = files
  if (directory === undefined) return { ...environment }
  const trouble = isWritten ? undefined : writeEnvironment(environment, files)
  if (trouble !== undefined) log.log('warn', trouble)
  return existsGuarded(directory) && trouble === undefined ? { PATH: environment.PATH } : keptEnvironment(environment)
}

/** All variables, and the one that tells with-contenv so. Source: s6-overlay 3.2.3.2, with-contenv. */
export function keptEnvironment(environment: Environment): Environment {
  return { ...environment, S6_KEEP_ENV: '1' }
}

/**
 * Writes each variable into a file of its name, also empty ones. Files of an earlier start are removed first. Gives an
 * error text, or undefined when all were written.
 */
export function writeEnvironment(
  inherited: Environment,
  { environment_directory: directory, environment_newline: hasNewline, environment = {} }: EnvironmentFiles,
): string | undefined {
  if (directory === undefined) return undefined
  try {
    if (existsGuarded(join(directory, MARK)))
      for (const name of namesGuarded(directory)) removeGuarded(join(directory, name))
    makeDirectoriesGuarded(directory)
    writeGuarded(join(directory, MARK), hasNewline ? '' : 'raw', 0o666)
    for (const [name, value] of Object.entries({ ...ownEnvironment(inherited), ...environment }))
      if (!/^\.|\//.test(name)) writeGuarded(join(directory, name), hasNewline ? `${value}\n` : value, 0o666)
    return undefined
  } catch (error) {
    return `cannot write the variables into ${directory}: ${errnoCode(error)}`
  }
}
