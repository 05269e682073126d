// The keys of one service of a Compose file in kahi's words.

import type { Value } from '../../config/model/value.ts'
import { secondsOf } from '../../config/values/duration.ts'
import { interpolated, isRecord, list, type Service } from './service.ts'

/** A service that another one waits for, and the state that it must reach. */
export interface Dependency {
  readonly name: string
  readonly state: 'started' | 'ready' | 'completed'
}

/** What others want of a service. */
interface Role {
  /** Others wait until it has completed. */
  readonly isOnce: boolean
  /** Others wait until it is healthy. */
  readonly isAwaited: boolean
}

const CONDITIONS: Readonly<Record<string, Dependency['state']>> = {
  service_started: 'started',
  service_healthy: 'ready',
  service_completed_successfully: 'completed',
}

/** Keys that are taken over, and keys that have no meaning without a container. */
const KNOWN = new Set(
  'command entrypoint environment env_file working_dir user restart depends_on healthcheck stop_signal stop_grace_period scale'.split(
    ' ',
  ),
)
const CONTAINER = new Set(
  'image build container_name hostname domainname platform pull_policy init tty stdin_open labels profiles extends networks expose links logging'.split(
    ' ',
  ),
)

/** The services of the same file that it waits for. */
export function dependenciesOf({ values }: Service, names: ReadonlySet<string>): readonly Dependency[] {
  const wanted = values['depends_on']
  const all = isRecord(wanted)
    ? Object.entries(wanted).map(([name, one]): Dependency => {
        const condition = isRecord(one) ? one['condition'] : undefined
        return { name, state: CONDITIONS[String(condition)] ?? 'started' }
      })
    : list(wanted).map((name): Dependency => ({ name, state: 'started' }))
  return all.filter(({ name }) => names.has(name))
}

/** The keys of its table, and the names of those that are left out. */
export function settingsOf(
  { name, values }: Service,
  role: Role,
): { readonly values: Readonly<Record<string, Value | undefined>>; readonly left: readonly string[] } {
  const command = [...list(values['entrypoint']), ...list(values['command'])].map(interpolated)
  const shared = {
    [role.isOnce ? 'up' : 'command']: command,
    directory: textOf(values['working_dir']),
    user: textOf(values['user']),
    environment: environmentOf(values['environment']),
    env_file: filesOf(values['env_file']),
  }
  const left = Object.keys(values).filter((key) => !isTaken(key, values[key]))
  return { values: role.isOnce ? shared : { ...shared, ...lifeOf(name, values), ...checksOf(values, role) }, left }
}

function isTaken(key: string, value: unknown): boolean {
  if (KNOWN.has(key) || CONTAINER.has(key)) return true
  return key === 'deploy' && isRecord(value) && Object.keys(value).every((one) => one === 'replicas')
}

/** How often it runs, and when it starts again. Without `restart` Compose does not start it again. */
function lifeOf(name: string, values: Service['values']): Readonly<Record<string, Value | undefined>> {
  const restart = textOf(values['restart']) ?? 'no'
  const grace = secondsIn(values['stop_grace_period'])
  const deploy = isRecord(values['deploy']) ? values['deploy'] : {}
  const count = Number(values['scale'] ?? deploy['replicas'] ?? 1)
  const isSeveral = Number.isInteger(count) && count > 1
  return {
    autorestart: restart.startsWith('on-failure') ? 'unexpected' : restart !== 'no' && restart !== 'false',
    stopsignal: textOf(values['stop_signal']),
    stopwaitsecs: grace === undefined ? undefined : Math.ceil(grace),
    numprocs: isSeveral ? count : undefined,
    process_name: isSeveral ? `${name.replaceAll('%', '%%')}_%(process_num)02d` : undefined,
  }
}

function checksOf(values: Service['values'], { isAwaited }: Role): Readonly<Record<string, Value | undefined>> {
  const check = isRecord(values['healthcheck']) ? values['healthcheck'] : {}
  const exec = testOf(check['test'])
  if (exec === undefined || check['disable'] === true) return {}
  const [interval, timeout] = [secondsIn(check['interval']), secondsIn(check['timeout'])]
  const times = { ...(interval !== undefined && { interval }), ...(timeout !== undefined && { timeout }) }
  const start = secondsIn(check['start_period'])
  const retries = Number(check['retries'] ?? 3)
  return {
    ready: isAwaited
      ? { exec, ...times, ...(interval !== undefined && { interval: Math.min(interval, 1) }) }
      : undefined,
    health: {
      exec,
      ...times,
      ...(start !== undefined && { start_period: start }),
      ...(Number.isInteger(retries) && retries > 0 && retries !== 3 && { failures: retries }),
    },
  }
}

function testOf(test: unknown): readonly string[] | undefined {
  if (typeof test === 'string') return ['/bin/sh', '-c', interpolated(test)]
  const [kind, ...words] = Array.isArray(test) ? test.map(String) : []
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', interpolated(words.join(' '))]
  return kind === 'CMD' && words.length > 0 ? words.map(interpolated) : undefined
}

/** A variable without a value is that of the daemon. */
function environmentOf(environment: unknown): Value | undefined {
  const pairs = isRecord(environment)
    ? Object.entries(environment).map(([name, value]) => [name, value === null ? undefined : String(value)] as const)
    : (Array.isArray(environment) ? environment.map(String) : []).map((line) => {
        const [name = '', ...rest] = line.split('=')
        return [name, rest.length === 0 ? undefined : rest.join('=')] as const
      })
  const values = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, interpolated(value)] as const]))
  return values.length === 0 ? undefined : Object.fromEntries(values)
}

function filesOf(files: unknown): Value | undefined {
  const all = (Array.isArray(files) ? files : files === undefined || files === null ? [] : [files]).flatMap(
    (one: unknown): readonly Value[] => {
      if (!isRecord(one)) return [interpolated(String(one))]
      const path = interpolated(String(one['path'] ?? ''))
      return [one['required'] === false ? { path, optional: true } : path]
    },
  )
  return all.length === 0 ? undefined : all
}

function secondsIn(value: unknown): number | undefined {
  return typeof value === 'string' ? secondsOf(value) : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? interpolated(String(value))
    : undefined
}
