// One service of a Compose file. Source: Compose specification, 05-services.md.

import { isDirectory } from '../../folders.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ResourceLimit } from '../../../config/model/resource-limits.ts'
import { capabilityNames } from '../../../config/values/capabilities.ts'
import { signalName } from '../../../config/values/signal.ts'
import { checkCommand } from '../plan/checks.ts'
import { containerCommand, environmentOf, graceOf } from '../plan/container.ts'
import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'
import { writeText } from '../plan/variables.ts'

/** A service as the object that becomes YAML. */
export type Service = Readonly<Record<string, unknown>>

/** What a service is made with. */
export interface ComposeOptions {
  readonly image: string
  nameOf(unit: string): string
}

/** One service. */
export function composeService(unit: Unit, plan: Plan, { image, nameOf }: ComposeOptions): Service {
  const { settings, kind, user, boots } = unit
  const { plain, secret } = environmentOf(settings)
  const check = healthcheckOf(unit)
  const grace = graceOf(settings)
  return defined({
    image,
    // The image's own entry point would start what kahi or another supervisor starts.
    entrypoint: [],
    command: containerCommand(unit, plan.sources).map(interpolated),
    user: user === undefined ? undefined : interpolated(user),
    working_dir: settings.directory === undefined ? undefined : interpolated(settings.directory),
    environment:
      plain.length === 0 ? undefined : Object.fromEntries(plain.map(([name, value]) => [name, interpolated(value)])),
    env_file: environmentFiles(unit, secret.length === 0 ? [] : [`./${nameOf(unit.name)}.env`]),
    depends_on: dependsOn(unit, plan, nameOf),
    healthcheck: check,
    restart: kind === 'oneshot' ? 'no' : restartOf(settings),
    stop_signal: signalName(settings.stopsignal) === 'SIGTERM' ? undefined : signalName(settings.stopsignal),
    stop_grace_period: kind === 'oneshot' ? undefined : grace === undefined ? '24h' : `${grace}s`,
    ...limitsOf(settings),
    ...rightsOf(settings),
    logging: loggingOf(unit),
    labels: settings.group === settings.name ? undefined : { 'kahi.group': settings.group },
    profiles: boots ? undefined : ['manual'],
  })
}

/** Its files of variables, and the one that is written for its secrets. */
function environmentFiles({ settings: { env_file: read } }: Unit, own: readonly string[]): unknown {
  const files = (read?.files ?? []).filter(({ path }) => !isDirectory(path))
  const all = [...files.map(({ path, optional }) => (optional ? { path, required: false } : path)), ...own]
  return all.length === 0 ? undefined : all
}

/** A text in which Compose replaces variables; other dollars are doubled. */
export function interpolated(text: string): string {
  const escape = (literal: string): string => literal.replaceAll('$', '$$$$')
  return writeText(
    text,
    ({ variable, fallback }) => (fallback === undefined ? `\${${variable}}` : `\${${variable}:-${escape(fallback)}}`),
    escape,
  )
}

function dependsOn({ needs, after }: Unit, { units }: Plan, nameOf: (name: string) => string): Service | undefined {
  const found = new Map<string, string>()
  for (const name of after) found.set(nameOf(name), 'service_started')
  for (const { name, reached } of needs) {
    const other = units.find((one) => one.name === name)
    if (other === undefined) continue
    const isHealthy = reached === 'ready' && healthcheckOf(other) !== undefined
    const condition =
      other.kind === 'oneshot' ? 'service_completed_successfully' : isHealthy ? 'service_healthy' : 'service_started'
    found.set(nameOf(name), condition)
  }
  if (found.size === 0) return undefined
  return Object.fromEntries([...found].map(([name, condition]) => [name, { condition }]))
}

/** The check of health, else that of readiness. */
export function healthcheckOf({ kind, settings: { health, ready } }: Unit): Service | undefined {
  if (kind === 'oneshot') return undefined
  const source = [health, ready].find((one) => one !== undefined && checkCommand(one.check, one.timeout) !== undefined)
  const words = source === undefined ? undefined : checkCommand(source.check, source.timeout)
  if (source === undefined || words === undefined) return undefined
  const start = 'start_period' in source ? source.start_period : source.deadline
  return defined({
    test: ['CMD', ...words.map(interpolated)],
    interval: `${source.interval}s`,
    timeout: `${source.timeout}s`,
    retries: 'failures' in source ? source.failures : undefined,
    start_period: start === 0 ? undefined : `${start}s`,
  })
}

function restartOf({ autorestart, restart, on_exit: policy }: ProcessSettings): string {
  if (autorestart === 'false' || policy === 'shutdown') return 'no'
  if (autorestart === 'true') return 'always'
  return restart === undefined || restart === 's6' || restart.limit === 0 ? 'on-failure' : `on-failure:${restart.limit}`
}

function limitsOf({ limits, oom_score_adj: score }: ProcessSettings): Service {
  const { memory, cpu, pids, resources = {} } = limits ?? {}
  const ulimits = Object.entries(resources).map(
    ([name, limit]) => [name === 'cputime' ? 'cpu' : name, ulimit(limit)] as const,
  )
  return {
    ulimits: ulimits.length === 0 ? undefined : Object.fromEntries(ulimits),
    mem_limit: memory === undefined ? undefined : `${memory}b`,
    cpus: cpu,
    pids_limit: pids,
    oom_score_adj: score,
  }
}

function ulimit({ soft, hard }: ResourceLimit): unknown {
  const [low, high] = [soft, hard].map((one) => (one === 'unlimited' ? -1 : one))
  return low === high ? low : { soft: low, hard: high }
}

function rightsOf({ capabilities, no_new_privs: locked }: ProcessSettings): Service {
  const kept = capabilities === undefined ? undefined : capabilityNames(capabilities).map((name) => name.toUpperCase())
  return {
    cap_drop: kept === undefined ? undefined : ['ALL'],
    cap_add: kept === undefined || kept.length === 0 ? undefined : kept,
    security_opt: locked ? ['no-new-privileges:true'] : undefined,
  }
}

/** Rotation as kahi has it; a log that goes nowhere has no driver. */
function loggingOf({ settings: { stdout, stderr, redirect_stderr: joined } }: Unit): Service | undefined {
  const isSilent = stdout.logfile.kind === 'none' && (joined || stderr.logfile.kind === 'none')
  if (isSilent) return { driver: 'none' }
  if (stdout.logfile.kind !== 'file' || stdout.logfile_maxbytes === 0) return undefined
  const options = { 'max-size': `${stdout.logfile_maxbytes}`, 'max-file': `${stdout.logfile_backups + 1}` }
  return { driver: 'json-file', options: stdout.logfile_compress ? { ...options, compress: 'true' } : options }
}

function defined(all: Service): Service {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
