// The daemon's variables as files (`environment_directory`): programs change them there for those that start later.
// Source: s6-linux-init 1.2, s6-linux-init with -E; s6-overlay 3.2, with-contenv.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from './log/sink.ts'
import { ownEnvironment } from './process/environment.ts'
import { errnoCode } from './system/files.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What programs inherit: with a directory for the variables only PATH. */
export function inheritedEnvironment(environment: Environment, directory: string | undefined): Environment {
  return directory === undefined ? { ...environment } : { PATH: environment.PATH }
}

/** Writes the variables, each as it is into the file of its name. Where that is not possible the log says so. */
export function writeEnvironment(environment: Environment, directory: string | undefined, log: Logger): void {
  if (directory === undefined) return
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    for (const [name, value] of Object.entries(ownEnvironment(environment)))
      if (!/^\.|\//.test(name)) writeFileSync(join(directory, name), value)
  } catch (error) {
    log.log('warn', `cannot write the variables into ${directory}: ${errnoCode(error)}`)
  }
}
