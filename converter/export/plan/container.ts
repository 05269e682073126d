// What the targets that run containers have in common: the command with what no setting of a container can say, the
// variables by kind, and names that engines accept.

import { ConfigError, type Diagnostic } from '../../../config/model/diagnostic.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { isSecretName } from '../../../config/values/secrets.ts'
import { readBytes } from '../../../config/values/read-text.ts'
import type { Plan } from './plan.ts'
import { adoptedFile, plainWords, reportTools, shellScript } from './scripts.ts'
import type { Unit } from './unit.ts'
import { piecesOf, variablesIn, type Variable } from './variables.ts'

/** The environment of a container. */
export interface ContainerEnvironment {
  readonly plain: readonly (readonly [name: string, value: string])[]
  /** Names that sound secret. */
  readonly secret: readonly (readonly [name: string, value: string])[]
}

/** The words that a container runs: `nice` and `umask` come before the command. */
export function containerCommand(
  { settings }: Pick<Unit, 'settings'>,
  sources: ReadonlySet<string>,
): readonly string[] {
  const { nice, umask } = settings
  const argv = inlined(plainWords(settings.argv ?? []), sources)
  const calm = nice === undefined ? argv : ['nice', '-n', String(nice), ...argv]
  if (umask === undefined) return calm.length === 0 ? ['true'] : calm
  return ['/bin/sh', '-c', `umask ${umask.toString(8).padStart(4, '0')}; exec "$@"`, 'sh', ...calm]
}

/** A script of the source that a shell runs becomes a text for `sh -c`. */
function inlined(argv: readonly string[], sources: ReadonlySet<string>): readonly string[] {
  const file = shellScript(argv) === undefined ? adoptedFile(argv, sources) : undefined
  if (file === undefined) return argv
  const text = readBytes(file).toString()
  const shell = /^#!\s*(?:\S*\/with-contenv\s+|\/usr\/bin\/env\s+)?(?:\S*\/)?((?:ba|da|a)?sh)\b[^\n]*\n/.exec(text)
  if (shell === null) return argv
  return [`/bin/${shell[1] ?? 'sh'}`, '-c', text.slice(shell[0].length).trimEnd()]
}

/** The variables of a program by kind. A value that only names other variables is no secret itself. */
export function environmentOf({ environment }: ProcessSettings): ContainerEnvironment {
  const all = Object.entries(environment)
  const isSecret = ([name, value]: readonly [string, string]): boolean =>
    isSecretName(name) && (value === '' || piecesOf(value).some((piece) => typeof piece === 'string'))
  return { plain: all.filter((one) => !isSecret(one)), secret: all.filter(isSecret) }
}

/** The variables that the texts of a unit need from outside. */
export function outerVariables({ settings, user }: Unit): readonly Variable[] {
  const { argv = [], directory = '', environment } = settings
  return variablesIn([...argv, directory, user ?? '', ...Object.values(environment)])
}

/** Names of letters of lower case, digits and `-`, which all engines accept; unique. */
export function plainNames({ units }: Plan): (name: string) => string {
  const found = new Map<string, string>()
  const taken = new Set<string>()
  for (const { name } of units) {
    const own = plainName(name)
    let unique = own
    for (let index = 2; taken.has(unique); index += 1) unique = `${own}-${index}`
    taken.add(unique)
    found.set(name, unique)
  }
  return (name) => found.get(name) ?? plainName(name)
}

/** One such name. */
export function plainName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return plain === '' ? 'unit' : plain.slice(0, 50)
}

/** The programs of the one group or Pod of --single: those that are started at boot. Throws ConfigError when there is none. */
export function bootedOf(programs: readonly Unit[]): readonly Unit[] {
  const booted = programs.filter(({ boots }) => boots)
  if (booted.length > 0) return booted
  const message = 'No program is started at boot, so that --single has nothing to write'
  const hint = 'without --single each program is written, and started when you want it'
  throw new ConfigError([{ severity: 'error', message, hint }])
}

/** Seconds until SIGKILL; undefined without a limit. */
export function graceOf({ timeout_kill: kill, stopwaitsecs }: ProcessSettings): number | undefined {
  const seconds = kill ?? stopwaitsecs
  return seconds === 0 ? undefined : seconds
}

/** What all engines do differently. */
export function reportContainers(plan: Plan): readonly Diagnostic[] {
  const loopback = plan.units.filter(({ settings }) =>
    settings.argv?.some((word) => /127\.0\.0\.1|localhost/.test(word)),
  )
  const names = loopback.map(({ name }) => name).join(', ')
  const message = `${names}: 127.0.0.1 is the container itself: other programs have addresses of their own`
  return [
    ...reportTools(plan),
    ...(loopback.length === 0 || plan.units.length === 1 ? [] : [{ severity: 'note' as const, message }]),
  ]
}
