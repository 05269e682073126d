// The names that Prometheus' node_exporter gives to the processes of supervisord, for dashboards and alerts that use them.
// The labels are `group` and `name`. Source: node_exporter 1.5, collector/supervisord.go: names, texts and values.

import type { StateName } from '../events/event.ts'
import type { Family, UnitSample } from './sample.ts'

/** Source: supervisor 4.2.5, states.ProcessStates. */
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

/** Source: supervisor 4.2.5, states.RUNNING_STATES. */
const UP: ReadonlySet<StateName> = new Set(['starting', 'running', 'backoff'])

/** Families in the order in which they are shown. */
export const supervisordFamilies: readonly Family<UnitSample>[] = [
  {
    name: 'node_supervisord_up',
    type: 'gauge',
    help: 'Process Up',
    values: ({ info }) => [[Number(info.state === 'running')]],
  },
  {
    name: 'node_supervisord_state',
    type: 'gauge',
    help: 'Process State',
    values: ({ info }) => [[STATE_CODES[info.state]]],
  },
  {
    name: 'node_supervisord_exit_status',
    type: 'gauge',
    help: 'Process Exit Status',
    values: ({ info }) => [[info.exitStatus]],
  },
  {
    name: 'node_supervisord_start_time_seconds',
    type: 'gauge',
    help: 'Process start time',
    values: ({ info }) => [[UP.has(info.state) ? info.startedAtMs / 1000 : undefined]],
  },
]
