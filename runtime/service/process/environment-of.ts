// The environment of a unit as its processes get it, for starts and for clients that ask where a value comes from.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import { childEnvironment, ownEnvironment, type Variable } from '../../process/environment.ts'
import { loginVariables } from '../../system/users.ts'
import type { ServiceContext } from '../context.ts'

type Environments = Pick<ServiceContext, 'daemonEnvironment' | 'serverUrl'>

/** The environment that a process of these settings gets, sorted, and where each variable comes from. */
export function environmentOf(settings: ProcessSettings, context: Environments): readonly Variable[] {
  const login = settings.login_env ? (loginEnvironment(settings, context) ?? context.daemonEnvironment) : undefined
  const daemonEnvironment = forNotices(settings, { daemonEnvironment: login ?? context.daemonEnvironment })
  const all = childEnvironment(settings, context.serverUrl, daemonEnvironment)
  const inherited = ownEnvironment(context.daemonEnvironment)
  const originOf = (name: string, value: string): Variable['origin'] => {
    if (Object.hasOwn(settings.environment, name)) return 'configuration'
    if (Object.hasOwn(settings.env_file?.variables ?? {}, name)) return 'env_file'
    if (login !== undefined && Object.hasOwn(loginNames(settings), name)) return 'login_env'
    return inherited[name] === value && !name.startsWith('SUPERVISOR_') ? 'daemon' : 'kahi'
  }
  return Object.entries(all)
    .map(([name, value]) => ({ name, value, origin: originOf(name, value) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

/**
 * Removes the variables of the daemon for a process that gets a socket of its own, and says how often the process must
 * report that it is alive. Source: systemd 252, sd_watchdog_enabled(3).
 */
export function forNotices(
  { ready, health }: ProcessSettings,
  { daemonEnvironment }: Pick<ServiceContext, 'daemonEnvironment'>,
): ServiceContext['daemonEnvironment'] {
  const isWatched = health?.check.kind === 'notify'
  if (ready?.check.kind !== 'notify' && !isWatched) return daemonEnvironment
  const WATCHDOG_USEC = isWatched ? String(Math.round(health.interval * 1e6)) : undefined
  return { ...daemonEnvironment, NOTIFY_SOCKET: undefined, WATCHDOG_PID: undefined, WATCHDOG_USEC }
}

/** The daemon's environment with the variables of a login; undefined when there is no user with that uid. */
export function loginEnvironment(
  { user }: ProcessSettings,
  { daemonEnvironment }: Pick<ServiceContext, 'daemonEnvironment'>,
): ServiceContext['daemonEnvironment'] | undefined {
  const login = loginVariables(user?.uid ?? process.getuid?.() ?? 0)
  return login === undefined ? undefined : { ...daemonEnvironment, ...login }
}

function loginNames({ user }: ProcessSettings): Readonly<Record<string, string>> {
  return loginVariables(user?.uid ?? process.getuid?.() ?? 0) ?? {}
}
