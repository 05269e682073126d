// A process as clients see it: one object, the same in every answer.

import type { ProcessObject } from './shapes/process.ts'
import type { ProcessInfo, StateName } from './supervised.ts'

/**
 * Clients of supervisord do not know FINISHING: its code is that of STOPPING. Source: supervisor 4.2.5,
 * states.ProcessStates.
 */
const STATE_CODES: Readonly<Record<StateName, number>> = {
  stopped: 0,
  starting: 10,
  running: 20,
  backoff: 30,
  stopping: 40,
  finishing: 40,
  exited: 100,
  fatal: 200,
  unknown: 1000,
}

/** The object for a process. */
export function showProcess(info: ProcessInfo): ProcessObject {
  return {
    name: info.name,
    group: info.group,
    kind: info.kind,
    dynamic: info.dynamic === true,
    state: info.state.toUpperCase() as Uppercase<StateName>,
    statecode: STATE_CODES[info.state],
    pid: info.pid,
    uptime: info.pid === 0 ? 0 : Math.max(0, seconds(info.nowMs - info.startedAtMs)),
    start: seconds(info.startedAtMs),
    stop: seconds(info.stoppedAtMs),
    now: seconds(info.nowMs),
    ready: info.ready ?? null,
    health: info.health ?? null,
    status_text: info.statusText,
    waiting_for: info.waitingFor,
    description: info.description,
    exitstatus: info.exitStatus,
    spawnerr: info.spawnError,
    survivors: info.survivors,
    deaths: info.deaths.map(showDeath),
    stdout_logfile: info.stdoutLogfile,
    stderr_logfile: info.stderrLogfile,
  }
}

/** Whether it has a process that can be signalled. Source: supervisor 4.2.5, states.SIGNALLABLE_STATES. */
export function isSignallable(state: StateName): boolean {
  return state === 'starting' || state === 'running' || state === 'stopping'
}

function showDeath({ atMs, status }: ProcessInfo['deaths'][number]): ProcessObject['deaths'][number] {
  const at = seconds(atMs)
  return status.signal === undefined ? { at, exitcode: status.code ?? 0 } : { at, signal: status.signal }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
