// Metrics of each unit, one row a name. All have the labels `group` and `process`.
// Names: https://prometheus.io/docs/practices/naming/.

import { signalName } from '../../config/values/signal.ts'
import type { StateName } from '../events/event.ts'
import type { Family, Labels, UnitSample } from './sample.ts'

const STATES: readonly StateName[] = [
  'stopped',
  'starting',
  'running',
  'backoff',
  'stopping',
  'finishing',
  'exited',
  'fatal',
  'unknown',
]

const SECOND_MS = 1000

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / SECOND_MS)
const bit = (flag: boolean | undefined): number | undefined => (flag === undefined ? undefined : Number(flag))

/** Families in the order in which they are shown. */
export const unitFamilies: readonly Family<UnitSample>[] = [
  {
    name: 'kahi_process_state',
    type: 'gauge',
    help: '1 for the state that the process is in, 0 for the others',
    labels: ['state'],
    values: ({ info }) => STATES.map((state) => [Number(info.state === state), { state }]),
  },
  {
    name: 'kahi_process_up',
    type: 'gauge',
    help: 'Whether the process is running, or the oneshot has completed',
    values: ({ info }) => [
      [Number(info.state === 'running' || (info.kind === 'oneshot' && info.state === 'exited' && info.isUp))],
    ],
  },
  {
    name: 'kahi_process_ready',
    type: 'gauge',
    help: 'Whether its dependents may start; absent where only its state decides',
    values: ({ info }) => [[bit(info.ready)]],
  },
  {
    name: 'kahi_process_healthy',
    type: 'gauge',
    help: 'Whether its last health check succeeded; absent without the key health, and before the first result',
    values: ({ info: { health } }) => [
      [health === undefined || health.status === 'starting' ? undefined : bit(health.status === 'healthy')],
    ],
  },
  {
    name: 'kahi_process_waiting',
    type: 'gauge',
    help: 'How many dependencies its start waits for',
    values: ({ info }) => [[info.waitingFor.length]],
  },
  {
    name: 'kahi_process_starts_total',
    type: 'counter',
    help: 'How often a process was started',
    values: ({ counts }) => [[counts.starts]],
  },
  {
    name: 'kahi_process_exits_total',
    type: 'counter',
    help: 'How many processes have ended, by exit code, or by the signal that ended them',
    labels: ['code', 'signal'],
    values: ({ counts }) => Object.entries(counts.exits).map(([end, count]) => [count, endLabels(Number(end))]),
  },
  {
    name: 'kahi_process_last_exit_code',
    type: 'gauge',
    help: 'Exit code of the last process; -1 after an end by a signal; absent before the first end',
    values: ({ info }) => [[info.stoppedAtMs === 0 ? undefined : info.exitStatus]],
  },
  {
    name: 'kahi_process_start_time_seconds',
    type: 'gauge',
    help: 'When the running process was started, in seconds since the epoch; absent without a process',
    values: ({ info }) => [[info.pid === 0 ? undefined : seconds(info.startedAtMs)]],
  },
  {
    name: 'kahi_process_uptime_seconds',
    type: 'gauge',
    help: 'For how long the process has run; 0 without a process',
    values: ({ info }) => [[info.pid === 0 ? 0 : seconds(Math.max(0, info.nowMs - info.startedAtMs))]],
  },
  {
    name: 'kahi_process_start_duration_seconds',
    type: 'gauge',
    help: 'Time from the last start of a process until it was RUNNING, which contains startsecs',
    values: ({ startMs }) => [[seconds(startMs)]],
  },
  {
    name: 'kahi_process_ready_duration_seconds',
    type: 'gauge',
    help: 'Time from the last start of a process until it was ready; absent without the key ready',
    values: ({ readyMs }) => [[seconds(readyMs)]],
  },
  {
    name: 'kahi_process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of its process group, and of its earlier processes',
    values: ({ counts, usage }) => [[seconds(counts.cpuMs + (usage?.cpuMs ?? 0))]],
  },
  {
    name: 'kahi_process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of its process group; memory that several processes share counts for each',
    values: ({ usage }) => [[usage?.memoryBytes]],
  },
  {
    name: 'kahi_process_open_fds',
    type: 'gauge',
    help: 'Open file descriptors of its process group; absent where the daemon may not look',
    values: ({ usage }) => [[usage?.openFiles]],
  },
  {
    name: 'kahi_process_threads',
    type: 'gauge',
    help: 'Threads of its process group',
    values: ({ usage }) => [[usage?.threads]],
  },
  {
    name: 'kahi_process_group_size',
    type: 'gauge',
    help: 'Processes in its process group',
    values: ({ usage }) => [[usage?.processes]],
  },
  {
    name: 'kahi_process_log_bytes_total',
    type: 'counter',
    help: 'Bytes that the process wrote to its output',
    labels: ['stream'],
    values: ({ streams }) => streams.map(({ stream, receivedBytes }) => [receivedBytes, { stream }]),
  },
  {
    name: 'kahi_process_log_dropped_bytes_total',
    type: 'counter',
    help: 'Bytes of its output that could not be written to its log file',
    labels: ['stream'],
    values: ({ streams }) => streams.map(({ stream, droppedBytes }) => [droppedBytes, { stream }]),
  },
]

function endLabels(end: number): Labels {
  return end < 0 ? { code: '', signal: signalName(-end) } : { code: String(end), signal: '' }
}
