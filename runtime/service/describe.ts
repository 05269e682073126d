// The status of a service for clients, with the one-line description that the command `status` shows. Clients ask for
// all services at once, so the object is written out field by field: composing it of other objects costs several times
// as much. Source: supervisor 4.2.5, SupervisorNamespaceRPCInterface._interpretProcessInfo.

import type { ProcessInfo, ServiceContext } from './context.ts'
import type { Notebook } from './memory/notebook.ts'
import { isUp } from './questions.ts'
import type { ServiceProcess } from './process/service-process.ts'
import { isRestarting, pidOf, publicState, type State } from './machine/state.ts'
import type { Unit } from './unit.ts'
import { whyFailed } from './why-failed.ts'

/** Everything that the status is made from. */
export interface ServiceFacts {
  readonly state: State
  /** The service is not started again by itself. */
  readonly isOnce: boolean
  readonly notebook: Pick<Notebook, 'facts' | 'deaths'>
  readonly process: Pick<ServiceProcess, 'output' | 'readiness' | 'health'>
  readonly context: Pick<ServiceContext, 'clock' | 'order' | 'explainsErrors'>
}

/**
 * The status of a service. Its description is `pid 42, uptime 0:01:07`, `Nov 21 01:50 AM`, `Not started`, the
 * dependencies that it waits for, the reason of a failure, or empty. Before a restart by the rule `restart` it ends
 * with `, restart 3 in a row`.
 */
export function describeService(
  { id, name, group, groups, settings }: Pick<Unit, 'id' | 'name' | 'group' | 'groups' | 'settings'>,
  { state, isOnce, notebook, process, context }: ServiceFacts,
): ProcessInfo {
  const { clock, order } = context
  const { facts, deaths } = notebook
  const { paths } = process.output
  const isComing = isUp(state) || isRestarting(state) || (state.name === 'exited' && state.restarting)
  const info = {
    name,
    group,
    kind: 'program' as const,
    state: publicState(state),
    isUp: isUp(state),
    comesBack: isComing && !isOnce,
    dynamic: settings.dynamic,
    ready: process.readiness.isReady,
    health: process.health.report,
    waitingFor: order.waitingFor(id) ?? [],
    pid: state.name === 'unknown' ? 0 : pidOf(state),
    startedAtMs: facts.startedAtMs,
    stoppedAtMs: facts.stoppedAtMs,
    nowMs: clock.wallMs(),
    exitStatus: facts.exitStatus,
    ended: facts.ended,
    spawnError: facts.spawnError || (order.failure(id) ?? ''),
    description: '',
    statusText: process.readiness.statusText,
    deaths,
    survivors: groups.survivors,
    stdoutLogfile: paths.stdout,
    stderrLogfile: paths.stderr,
  }
  const uptimeMs = 'startedAtMs' in state ? clock.nowMs() - state.startedAtMs : 0
  const isFailed = info.state === 'fatal' || info.state === 'backoff'
  const { spawnError } = info
  const reason = isFailed ? whyFailed({ spawnError, deaths, output: process.output, context }) : spawnError
  info.description = description(info, reason, uptimeMs)
  if (state.name === 'exited' && state.restarting && state.restarts !== undefined)
    info.description += `, restart ${state.restarts.inARow} in a row`
  if (info.state === 'running' && process.readiness.awaited !== '' && context.explainsErrors === true)
    info.description += `, not ready: ${process.readiness.awaited}`
  if (info.health?.status === 'unhealthy') info.description += unhealthyText(info.health, context)
  return info
}

function unhealthyText(
  { problem }: NonNullable<ProcessInfo['health']>,
  { explainsErrors }: ServiceFacts['context'],
): string {
  return explainsErrors === true && problem !== '' ? `, unhealthy: ${problem}` : ', unhealthy'
}

type Described = Pick<ProcessInfo, 'name' | 'state' | 'pid' | 'waitingFor' | 'startedAtMs' | 'stoppedAtMs'>

/** `reason` is why it failed or was not started, or empty. */
function description(
  { name, state, pid, waitingFor, startedAtMs, stoppedAtMs }: Described,
  reason: string,
  uptimeMs: number,
): string {
  switch (state) {
    case 'running':
      return `pid ${pid}, uptime ${formatUptime(uptimeMs)}`
    case 'fatal':
    case 'backoff':
      return reason || `unknown error (try "tail ${name}")`
    case 'stopped':
    case 'exited':
      if (waitingFor.length > 0) return `waiting for ${waitingFor.join(', ')}`
      if (state === 'stopped' && startedAtMs === 0 && reason !== '') return reason
      return startedAtMs === 0 ? 'Not started' : formatStopTime(new Date(stoppedAtMs))
    case 'starting':
    case 'stopping':
    case 'finishing':
    case 'unknown':
      return ''
    default:
      return state satisfies never
  }
}

/** `0:01:07`, `1 day, 0:00:02`, `2 days, 1:01:03`. Source: CPython 3.11, str(timedelta). */
function formatUptime(uptimeMs: number): string {
  const total = Math.max(0, Math.floor(uptimeMs / 1000))
  const days = Math.floor(total / 86_400)
  const clock = `${Math.floor((total % 86_400) / 3600)}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`
  if (days === 0) return clock
  return `${days} day${days === 1 ? '' : 's'}, ${clock}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Nov 21 01:50 AM`, local time. */
export function formatStopTime(time: Date): string {
  const hour = time.getHours() % 12 || 12
  const half = time.getHours() < 12 ? 'AM' : 'PM'
  return `${MONTHS[time.getMonth()]} ${two(time.getDate())} ${two(hour)}:${two(time.getMinutes())} ${half}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
