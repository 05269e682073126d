// One task of a Nomad job, for the driver docker. Source: Nomad 1.9, JSON job specification.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ResourceLimit } from '../../../config/model/resource-limits.ts'
import { capabilityNames } from '../../../config/values/capabilities.ts'
import { isSecretName } from '../../../config/values/secrets.ts'
import { signalName } from '../../../config/values/signal.ts'
import { containerCommand, environmentOf, graceOf, outerVariables } from '../plan/container.ts'
import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'
import { writeText } from '../plan/variables.ts'

/** An object that becomes JSON. */
export type Fields = Readonly<Record<string, unknown>>

/** What a task is made with. */
export interface TaskOptions {
  readonly image: string
  readonly name: string
  /** It runs before the others of its group, and must end well. */
  readonly isFirst: boolean
  /** The path of Nomad's variables. */
  readonly variables: string
  /** The labels of the ports of its checks. */
  readonly ports: readonly string[]
}

/** Times are nanoseconds. */
const SECOND = 1_000_000_000
const MEGABYTE = 1024 ** 2
/** Stands for no limit. */
const LONG = 86_400

/** Seconds as Nomad wants them. */
export function duration(seconds: number): number {
  return Math.round(seconds * SECOND)
}

/** A task. */
export function taskOf(unit: Unit, plan: Plan, options: TaskOptions): Fields {
  const { settings, kind, user } = unit
  const words = containerCommand(unit, plan.sources).map(interpolated)
  const env = variablesOf(unit)
  const template = templateOf(unit, options)
  const { memory } = settings.limits ?? {}
  const grace = graceOf(settings) ?? LONG
  return defined({
    Name: options.name,
    Driver: 'docker',
    Lifecycle: options.isFirst ? { Hook: 'prestart', Sidecar: false } : undefined,
    User: user === undefined ? undefined : interpolated(user),
    Config: defined({
      image: options.image,
      entrypoint: words.slice(0, 1),
      args: words.length > 1 ? words.slice(1) : undefined,
      work_dir: settings.directory === undefined ? undefined : interpolated(settings.directory),
      ports: options.ports.length === 0 ? undefined : options.ports,
      ...rightsOf(settings),
      ...limitsOf(settings),
    }),
    Env: Object.keys(env).length === 0 ? undefined : env,
    Templates: template === undefined ? undefined : [template],
    KillSignal: signalName(settings.stopsignal) === 'SIGTERM' ? undefined : signalName(settings.stopsignal),
    KillTimeout: kind === 'oneshot' ? undefined : duration(grace),
    Resources: memory === undefined ? undefined : { MemoryMB: Math.max(10, Math.ceil(memory / MEGABYTE)) },
    LogConfig: logsOf(settings),
  })
}

/** Nomad replaces `${X}` by a variable of the task. */
export function interpolated(text: string): string {
  return writeText(text, ({ variable }) => `\${${variable}}`)
}

function variablesOf(unit: Unit): Readonly<Record<string, string>> {
  const own = environmentOf(unit.settings).plain
  const outer = outerVariables(unit).filter(({ variable }) => !isSecretName(variable))
  return Object.fromEntries([
    ...outer.map(({ variable, fallback }) => [variable, fallback ?? ''] as const),
    ...own.map(([name, value]) => [name, interpolated(value)] as const),
  ])
}

/** The secrets of a unit: variables of Nomad, by the names of the task's variables. */
export function secretsOf(
  unit: Unit,
  name: string,
): readonly (readonly [variable: string, key: string, value: string])[] {
  const outer = outerVariables(unit).filter(({ variable }) => isSecretName(variable))
  return [
    ...outer.map(({ variable, fallback }) => [variable, variable, fallback ?? ''] as const),
    ...environmentOf(unit.settings).secret.map(
      ([variable, value]) =>
        [
          variable,
          `${name.replaceAll('-', '_')}_${variable}`,
          writeText(value, ({ fallback }) => fallback ?? ''),
        ] as const,
    ),
  ]
}

/** A template that gives the task its secrets. */
function templateOf(unit: Unit, { name, variables }: TaskOptions): Fields | undefined {
  const secrets = secretsOf(unit, name)
  if (secrets.length === 0) return undefined
  const lines = secrets.map(([variable, key]) => `${variable}={{ .${key} | toJSON }}\n`)
  return {
    EmbeddedTmpl: `{{ with nomadVar "${variables}" }}\n${lines.join('')}{{ end }}\n`,
    DestPath: '${NOMAD_SECRETS_DIR}/secrets.env',
    Envvars: true,
  }
}

function rightsOf({ capabilities, no_new_privs: locked }: ProcessSettings): Fields {
  const kept = capabilities === undefined ? undefined : capabilityNames(capabilities)
  return {
    cap_drop: kept === undefined ? undefined : ['all'],
    cap_add: kept === undefined || kept.length === 0 ? undefined : kept,
    security_opt: locked ? ['no-new-privileges'] : undefined,
  }
}

function limitsOf({ limits, oom_score_adj: score }: ProcessSettings): Fields {
  const { pids, resources = {} } = limits ?? {}
  const all = Object.entries(resources).map(
    ([name, limit]) => [name === 'cputime' ? 'cpu' : name, ulimit(limit)] as const,
  )
  return {
    ulimit: all.length === 0 ? undefined : [Object.fromEntries(all)],
    pids_limit: pids,
    oom_score_adj: score,
  }
}

function ulimit({ soft, hard }: ResourceLimit): string {
  const half = (value: number | 'unlimited'): string => (value === 'unlimited' ? '-1' : String(value))
  return soft === hard ? half(soft) : `${half(soft)}:${half(hard)}`
}

interface LogFiles {
  readonly Disabled?: boolean
  readonly MaxFiles?: number
  readonly MaxFileSizeMB?: number
}

/** The rotation of kahi; undefined for that of Nomad. */
export function logsOf({ stdout }: ProcessSettings): LogFiles | undefined {
  if (stdout.logfile.kind === 'none') return { Disabled: true }
  if (stdout.logfile.kind !== 'file' || stdout.logfile_maxbytes === 0) return undefined
  return {
    MaxFiles: stdout.logfile_backups + 1,
    MaxFileSizeMB: Math.max(1, Math.ceil(stdout.logfile_maxbytes / MEGABYTE)),
  }
}

/** Without fields that are undefined. */
export function defined(all: Fields): Fields {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
