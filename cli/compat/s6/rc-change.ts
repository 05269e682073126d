// `s6-rc change`: brings a selection up or down through the daemon, and prints a line for each service as s6-rc does.
// Source: s6-rc 0.5.4.1, s6-rc, doit().

import { showUnit } from '../../../config/model/names.ts'
import type { TransitionResult } from '../../../runtime/control/operations/shapes/graph.ts'
import type { Client } from '../../ctl/client.ts'
import { shown } from '../../ctl/names.ts'
import { closure, type Database, neighbours, type Service } from './database.ts'
import { CODES, Fatal } from './program.ts'

/** The options of the command. */
export interface Wishes {
  readonly isUp: boolean
  /** Essential services are stopped too. */
  readonly force: boolean
  readonly prune: boolean
  readonly verbosity: number
  readonly timeoutMs: number
  /** Undefined: nothing is done, the changes are only printed. */
  readonly throttleMs: number | undefined
  readonly live: string
}

/** A change, and the client for it. */
export interface Change {
  readonly client: Client
  readonly database: Database
  readonly wishes: Wishes
  /** The services with all their dependencies, or with all their dependents. */
  readonly selection: ReadonlySet<string>
}

/** Carries out the change; gives the exit code. With prune the services outside the selection go the other way. */
export async function changeState(change: Change): Promise<number> {
  const { database, wishes, selection } = change
  const deadline = wishes.timeoutMs === 0 ? undefined : performance.now() + wishes.timeoutMs
  if (!wishes.prune) return half(change, selection, { isUp: wishes.isUp, deadline })
  const outside = new Set(database.services.map(({ name }) => name).filter((name) => !selection.has(name)))
  const [downs, ups] = wishes.isUp ? [outside, selection] : [selection, outside]
  const code = await half(change, downs, { isUp: false, deadline })
  return code === 0 ? half(change, ups, { isUp: true, deadline }) : code
}

interface Half {
  readonly isUp: boolean
  /** A time of performance.now(). */
  readonly deadline: number | undefined
}

async function half(change: Change, selection: ReadonlySet<string>, way: Half): Promise<number> {
  const { database, wishes, client } = change
  const kept = way.isUp || wishes.force ? new Set<string>() : essentialAmong(change, selection)
  const meant = database.services.filter(
    ({ name, isInternal, isActive }) => selection.has(name) && !isInternal && !kept.has(name) && isActive !== way.isUp,
  )
  if (meant.length === 0) return 0
  const endpoint = way.isUp ? 'POST /api/v1/up' : 'POST /api/v1/down'
  const targets = meant.map(({ name }) => name)
  const { steps } = await client.call(endpoint, { body: { targets, dry_run: true } })
  const inOrder = steps.flatMap((step) => meant.find(({ name }) => name === showUnit(step.unit)) ?? [])
  if (wishes.throttleMs !== undefined) return pretend(change, inOrder, way.isUp)
  for (const { name } of inOrder) inform(change, `service ${name}: ${way.isUp ? 'starting' : 'stopping'}`)
  const timeout = way.deadline === undefined ? 0 : Math.max(0.001, (way.deadline - performance.now()) / 1000)
  return tell(change, await client.call(endpoint, { body: { targets, timeout } }), way.isUp)
}

/** Services that stay up because they are essential, with all their dependencies; each is printed. */
function essentialAmong({ database }: Change, selection: ReadonlySet<string>): ReadonlySet<string> {
  const essential = database.services.filter(
    (one) => one.essential && !one.isInternal && one.isActive && selection.has(one.name),
  )
  for (const { name } of essential.toReversed())
    process.stderr.write(`s6-rc: warning: service ${name} is marked as essential, not stopping it\n`)
  return closure(
    database,
    essential.map(({ name }) => name),
    false,
  )
}

function inform({ wishes }: Change, text: string): void {
  if (wishes.verbosity >= 2) process.stderr.write(`s6-rc: info: ${text}\n`)
}

/** Unlike s6-rc, all results of a change are printed together, when the last one is known. */
function tell(change: Change, { services }: TransitionResult, isUp: boolean): number {
  const failures = services.filter(({ status }) => status === 'error')
  for (const outcome of services)
    if (outcome.status === 'started' || outcome.status === 'stopped')
      inform(change, `service ${shown(outcome)} successfully ${outcome.status}`)
  if (failures.some(({ code }) => code === 'TIMEOUT')) throw new Fatal(CODES.timeout, 'timed out')
  const failed = new Set(failures.map(shown))
  for (const { error, ...id } of failures) {
    // Only services that failed themselves are named, not those that could not start because of them.
    if (neighbours(change.database, shown(id), !isUp).some((name) => failed.has(name))) continue
    process.stderr.write(`s6-rc: warning: unable to ${isUp ? 'start' : 'stop'} service ${shown(id)}: ${error}\n`)
  }
  return failures.length === 0 ? 0 : CODES.failed
}

/** Prints the command lines that s6-rc would run. */
function pretend({ wishes }: Change, services: readonly Service[], isUp: boolean): number {
  for (const { name, type, hasReadiness, timeouts } of services) {
    const letters = isUp ? (hasReadiness ? '-uwU' : '-uwu') : '-dwD'
    const ms = timeouts[isUp ? 'up' : 'down']
    const words =
      type === 'longrun'
        ? ['s6-svc', letters, '-T', ms, '--', `${wishes.live}/servicedirs/${name}`]
        : ['s6-rc-oneshot-run', '-l', wishes.live, '-T', ms, '--', isUp ? 'up' : 'down', name]
    process.stdout.write(`s6-rc-dryrun: ${words.join(' ')}\n`)
  }
  return 0
}
