// What clients see of a service, with the one-line description that status shows.
// Source: supervisor 4.2.5, SupervisorNamespaceRPCInterface._interpretProcessInfo.

import type { ProcessInfo, ServiceContext } from './context.ts'
import type { Facts } from './note.ts'
import { isUp } from './questions.ts'
import type { ServiceProcess } from './service-process.ts'
import { pidOf, publicState, type State } from './state.ts'
import type { Unit } from './unit.ts'

/** What is known of a service. */
export interface ServiceFacts {
  readonly state: State
  /** It is not to be started again by itself. */
  readonly isOnce: boolean
  readonly facts: Facts
  readonly shown: ServiceProcess['shown']
  readonly context: Pick<ServiceContext, 'clock' | 'order'>
}

/** All of it; the description is `pid 42, uptime 0:01:07`, `Nov 21 01:50 AM`, `Not started`, what it waits for, a reason, or nothing. */
export function describeService(
  { id, name, group, groups, settings }: Pick<Unit, 'id' | 'name' | 'group' | 'groups' | 'settings'>,
  { state, isOnce, facts, shown, context: { clock, order } }: ServiceFacts,
): ProcessInfo {
  const isComing = isUp(state) || (state.name === 'exited' && state.restarting)
  const info = {
    ...facts,
    name,
    group,
    kind: 'program' as const,
    state: publicState(state),
    isUp: isUp(state),
    comesBack: isComing && !isOnce,
    dynamic: settings.dynamic,
    ...shown,
    waitingFor: order.waitingFor(id) ?? [],
    pid: state.name === 'unknown' ? 0 : pidOf(state),
    nowMs: clock.wallMs(),
    spawnError: facts.spawnError || (order.failure(id) ?? ''),
    survivors: groups.survivors,
  }
  const uptimeMs = 'startedAtMs' in state ? clock.nowMs() - state.startedAtMs : 0
  return { ...info, description: description(info, uptimeMs) }
}

function description(process: Omit<ProcessInfo, 'description'>, uptimeMs: number): string {
  switch (process.state) {
    case 'running':
      return `pid ${process.pid}, uptime ${formatUptime(uptimeMs)}`
    case 'fatal':
    case 'backoff':
      return process.spawnError || `unknown error (try "tail ${process.name}")`
    case 'stopped':
    case 'exited':
      if (process.waitingFor.length > 0) return `waiting for ${process.waitingFor.join(', ')}`
      if (process.state === 'stopped' && process.startedAtMs === 0 && process.spawnError !== '')
        return process.spawnError
      return process.startedAtMs === 0 ? 'Not started' : formatStopTime(new Date(process.stoppedAtMs))
    case 'starting':
    case 'stopping':
    case 'finishing':
    case 'unknown':
      return ''
    default:
      return process.state satisfies never
  }
}

/** `0:01:07`, `1 day, 0:00:02`, `2 days, 1:01:03`. Source: CPython 3.11, str(timedelta). */
export function formatUptime(uptimeMs: number): string {
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
