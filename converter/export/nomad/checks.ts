// Checks of Nomad services, with the ports that they need. Source: Nomad 1.9, service and check in the JSON job
// specification.

import type { Check } from '../../../config/model/checks.ts'
import type { Unit } from '../plan/unit.ts'
import { defined, duration, type Fields } from './task.ts'

/** A service with its check, and the port of the container. */
export interface CheckedService {
  readonly label: string
  readonly port: number
  readonly service: Fields
}

/** Whether Nomad can make the check: a connection or a request. */
export function isPossible(check: Check | undefined): boolean {
  return check?.kind === 'tcp' || check?.kind === 'http'
}

/** The service of a unit: the check of health, else that of readiness. */
export function checkedService({ kind, settings }: Unit, name: string): CheckedService | undefined {
  const { health, ready, on_unhealthy: policy } = settings
  const source = [health, ready].find((one) => isPossible(one?.check))
  if (kind === 'oneshot' || source === undefined) return undefined
  const port = portOf(source.check)
  const isHealth = 'failures' in source
  const restart =
    isHealth && policy.kind === 'restart' ? { Limit: source.failures, Grace: duration(source.start_period) } : undefined
  const check = defined({
    ...requestOf(source.check),
    Interval: duration(Math.max(1, source.interval)),
    Timeout: duration(Math.max(1, source.timeout)),
    CheckRestart: restart,
  })
  const label = portLabel(name)
  return { label, port, service: { Name: name, PortLabel: label, Provider: 'nomad', Checks: [check] } }
}

/** Labels of ports are parts of names of variables. */
export function portLabel(name: string): string {
  return name.replaceAll('-', '_')
}

function portOf(check: Check): number {
  if (check.kind === 'tcp') return check.port
  const { port, protocol } = new URL(check.kind === 'http' ? check.url : 'http://localhost')
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

function requestOf(check: Check): Fields {
  if (check.kind !== 'http') return { Type: 'tcp' }
  const { pathname, search, protocol } = new URL(check.url)
  const { method, headers = {} } = check.rules ?? {}
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]] as const)
  return {
    Type: 'http',
    Path: `${pathname}${search}`,
    Protocol: protocol.replace(':', ''),
    Method: method,
    Header: lists.length === 0 ? undefined : Object.fromEntries(lists),
  }
}
