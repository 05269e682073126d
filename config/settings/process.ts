// The settings of one process: the values of its program's keys, and values computed from them. A row of
// config/keys/program.ts becomes a field here without a line in this file; the lists contain the keys whose values are
// changed.

import type { GroupRole } from '../model/roles.ts'
import type { UserIds } from '../model/machine.ts'
import type { EnvFiles } from '../model/env-file.ts'
import type { LogFile } from '../model/output.ts'
import type { ProgramValues } from '../keys/program.ts'

/** The values of the keys `stdout_…` or `stderr_…`, without that prefix. */
export type StreamValues = {
  readonly [K in keyof ProgramValues as K extends `stdout_${infer Rest}` ? Rest : never]: ProgramValues[K]
}

/** stdout or stderr of a process. */
export interface StreamSettings extends Omit<StreamValues, 'logfile'> {
  /** The value `syslog` becomes `syslog: true` without a file. */
  readonly logfile: LogFile
}

/** Keys of a program that its processes do not have, or have with another name or value. */
const REPLACED = ['like', 'env_file', 'process_name', 'numprocs', 'numprocs_start', 'user', 'killasgroup'] as const

type Replaced = (typeof REPLACED)[number] | `stdout_${string}` | `stderr_${string}`

/** Values of a program that are also the values of its processes. */
export type PlainValues = Omit<ProgramValues, Replaced>

/** One process; a program has `numprocs` of them. Times whose names end in `secs` are seconds; sizes are bytes. */
export interface ProcessSettings extends PlainValues {
  /** Its name in the group. */
  readonly name: string
  readonly group: string
  /** The name of its table: the X of `[programs.X]`. */
  readonly program: string
  /** It is in no configuration file: a client added it while the daemon runs. */
  readonly dynamic: boolean
  /** The role of its group. */
  readonly kind: GroupRole['kind']
  /** The words of the command; undefined when it cannot be split, and then `commandError` is the reason. */
  readonly argv: readonly string[] | undefined
  readonly commandError: string | undefined
  /** The variables of its files, beside `environment`; undefined without files. */
  readonly env_file?: EnvFiles | undefined
  readonly user: UserIds | undefined
  readonly killasgroup: boolean
  /** Whether other programs write to its standard input (log_to). */
  readonly is_logger: boolean
  readonly stdout: StreamSettings
  readonly stderr: StreamSettings
}

/** The values of a process that are not changed. */
export function plainValues(values: ProgramValues): PlainValues {
  const isPlain = (key: string): boolean => !/^std(?:out|err)_/.test(key) && !REPLACED.some((one) => one === key)
  return Object.fromEntries(Object.entries(values).filter(([key]) => isPlain(key))) as PlainValues
}

/** The values of one stream that are not changed. */
export function streamValues(values: ProgramValues, stream: 'stdout' | 'stderr'): StreamValues {
  const own = Object.entries(values).filter(([key]) => key.startsWith(`${stream}_`))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(stream.length + 1), value])) as StreamValues
}
