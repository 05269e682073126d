// Loggers: a program whose output kahi writes to a rotated file gets a service that reads its output, with s6-log.

import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'

/** A service with s6-log. */
export interface Logger {
  readonly name: string
  /** The directory of s6-log; its newest file is `current`. */
  readonly directory: string
  readonly maxBytes: number
  readonly backups: number
  /** The units whose output it gets. */
  readonly producers: readonly string[]
}

/** The limits of `s` in a script of s6-log. Source: s6 2.15, s6-log. */
const [LEAST, MOST] = [4096, 268_435_455]

/** The directory of s6-log for a file: without the ending of logs, else with `.d`. */
export function logDirectory(file: string): string {
  return /[^/]\.(?:log|out|err|txt)$/.test(file) ? file.replace(/\.\w+$/, '') : `${file}.d`
}

/** Whether kahi writes the standard output of the unit to a file that it rotates. */
export function isRotated({ kind, settings }: Unit): boolean {
  const { stdout, log_to: pipe } = settings
  return kind === 'program' && pipe === undefined && stdout.logfile.kind === 'file' && stdout.logfile_maxbytes > 0
}

/** The loggers of a plan: one for each file. `nameOf` makes a name that the target accepts. */
export function loggersOf({ units, bundles }: Plan, nameOf: (name: string) => string): readonly Logger[] {
  const taken = new Set([...units.map(({ name }) => name), ...bundles.map(({ name }) => name)])
  const found = new Map<string, Logger>()
  for (const unit of units.filter(isRotated)) {
    const { logfile, logfile_maxbytes: size, logfile_backups: backups } = unit.settings.stdout
    const file = logfile.kind === 'file' ? logfile.path : ''
    const known = found.get(file)
    let name = nameOf(`${unit.name}-log`)
    while (known === undefined && taken.has(name)) name += '-s6'
    taken.add(known?.name ?? name)
    const made = {
      name,
      directory: logDirectory(file),
      maxBytes: Math.min(MOST, Math.max(LEAST, size)),
      backups,
      producers: [],
    }
    const logger: Logger = known ?? made
    found.set(file, { ...logger, producers: [...logger.producers, unit.name] })
  }
  return [...found.values()]
}

/** The command of a logger, which tells on descriptor 3 that it reads. */
export function loggerCommand({ directory, maxBytes, backups }: Logger): readonly string[] {
  return ['s6-log', '-d', '3', '-b', '--', `n${backups}`, `s${maxBytes}`, directory]
}
