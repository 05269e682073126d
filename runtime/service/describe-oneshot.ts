// The status of a oneshot for clients.

import type { ProcessInfo, ServiceContext } from './context.ts'
import { formatStopTime } from './describe.ts'
import { oneshotPid, type OneshotState, shownState } from './machine/oneshot-machine.ts'
import type { LogPaths } from './memory/note.ts'
import type { Notebook } from './memory/notebook.ts'
import type { Unit } from './unit.ts'

/** Everything that the status is made from. */
export interface OneshotFacts {
  readonly state: OneshotState
  readonly notebook: Pick<Notebook, 'facts' | 'deaths'>
  readonly context: Pick<ServiceContext, 'clock' | 'order'>
  readonly paths: LogPaths
}

/**
 * The status of a oneshot. Its description is `up, pid 42`, `completed Nov 21 01:50 AM`, `completed` when it has no
 * command, the dependencies that it waits for, the reason of a failure, or `Not up`.
 */
export function describeOneshot(
  unit: Pick<Unit, 'id' | 'name' | 'group' | 'groups' | 'isUp'>,
  facts: OneshotFacts,
): ProcessInfo {
  const { state, notebook, context, paths } = facts
  const { startedAtMs, stoppedAtMs, exitStatus, spawnError } = notebook.facts
  return {
    name: unit.name,
    group: unit.group,
    kind: 'oneshot',
    state: shownState(state),
    isUp: unit.isUp,
    ready: state.name === 'up',
    waitingFor: context.order.waitingFor(unit.id) ?? [],
    pid: oneshotPid(state),
    startedAtMs,
    stoppedAtMs,
    nowMs: context.clock.wallMs(),
    exitStatus,
    spawnError: spawnError || (context.order.failure(unit.id) ?? ''),
    description: description(unit.id, facts),
    deaths: notebook.deaths,
    statusText: '',
    survivors: unit.groups.survivors,
    stdoutLogfile: paths.stdout,
    stderrLogfile: paths.stderr,
  }
}

function description(id: string, { state, notebook, context: { order } }: OneshotFacts): string {
  const waits = order.waitingFor(id)
  if (waits !== undefined) return `waiting for ${waits.join(', ')}`
  const { spawnError, stoppedAtMs } = notebook.facts
  const completed = stoppedAtMs === 0 ? 'completed' : `completed ${formatStopTime(new Date(stoppedAtMs))}`
  if (state.name === 'up') return spawnError || completed
  if (state.name === 'down') return state.failure || (order.failure(id) ?? 'Not up')
  return 'pid' in state ? `${state.way}, pid ${state.pid}` : state.way
}
