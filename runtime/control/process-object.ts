// How a process is shown to clients: one object, the same in every answer.

import type { StateName } from '../events/event.ts'
import type { ProcessInfo } from '../service/context.ts'

/** Clients of supervisord know no FINISHING: its code is that of STOPPING. Source: supervisor 4.2.5, states.ProcessStates. */
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

/** An end of a process: when, and its exit code or the number of the signal. */
export type DeathObject =
  { readonly at: number; readonly exitcode: number } | { readonly at: number; readonly signal: number }

/** A process as JSON: times in whole seconds since the epoch, 0 = never. */
export interface ProcessObject {
  readonly name: string
  readonly group: string
  readonly kind: 'program' | 'oneshot'
  /** Not in the configuration's file: it came while the daemon ran. */
  readonly dynamic: boolean
  /** In capitals: `RUNNING`. */
  readonly state: string
  readonly statecode: number
  readonly pid: number
  /** Seconds since it was started, 0 unless it has a process. */
  readonly uptime: number
  readonly start: number
  readonly stop: number
  readonly now: number
  /** Whether those that need it may start; null where nothing but its state says so. */
  readonly ready: boolean | null
  /** What it says of itself with STATUS= over NOTIFY_SOCKET. */
  readonly status_text: string
  /** What it waits for before it is started. */
  readonly waiting_for: readonly string[]
  readonly description: string
  readonly exitstatus: number
  readonly spawnerr: string
  /** Pids that went on in its group after its end. */
  readonly survivors: readonly number[]
  /** Its last ends, the oldest first, as many as max_deaths says. */
  readonly deaths: readonly DeathObject[]
  readonly stdout_logfile: string
  readonly stderr_logfile: string
}

/** Shows a process. */
export function showProcess(info: ProcessInfo): ProcessObject {
  return {
    name: info.name,
    group: info.group,
    kind: info.kind,
    dynamic: info.dynamic === true,
    state: info.state.toUpperCase(),
    statecode: STATE_CODES[info.state],
    pid: info.pid,
    uptime: info.pid === 0 ? 0 : Math.max(0, seconds(info.nowMs - info.startedAtMs)),
    start: seconds(info.startedAtMs),
    stop: seconds(info.stoppedAtMs),
    now: seconds(info.nowMs),
    ready: info.ready ?? null,
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

/** It has a process that a signal can reach. Source: supervisor 4.2.5, states.SIGNALLABLE_STATES. */
export function isSignallable(state: StateName): boolean {
  return state === 'starting' || state === 'running' || state === 'stopping'
}

function showDeath({ atMs, status }: ProcessInfo['deaths'][number]): DeathObject {
  const at = seconds(atMs)
  return status.signal === undefined ? { at, exitcode: status.code ?? 0 } : { at, signal: status.signal }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
