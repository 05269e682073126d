// Metrics of the daemon and its helper, one row a name. Those of the daemon process have the names that every program uses
// for its own process. Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics.

import { deliveryFamilies } from './delivery-families.ts'
import type { DaemonSample, Family } from './sample.ts'

const SECOND_MS = 1000

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / SECOND_MS)

/** Families in the order in which they are shown. */
export const daemonFamilies: readonly Family<DaemonSample>[] = [
  {
    name: 'kahi_info',
    type: 'gauge',
    help: '1, with the version of the daemon',
    labels: ['version'],
    values: ({ version }) => [[1, { version }]],
  },
  {
    name: 'kahi_configuration_applies_total',
    type: 'counter',
    help: 'How many configurations came into force, the first one included',
    values: ({ applies }) => [[applies]],
  },
  {
    name: 'kahi_configuration_applied_time_seconds',
    type: 'gauge',
    help: 'When the last configuration came into force, in seconds since the epoch',
    values: ({ appliedAtMs }) => [[seconds(appliedAtMs)]],
  },
  {
    name: 'kahi_event_loop_lag_seconds',
    type: 'gauge',
    help: 'How late a turn of the event loop of the daemon came during this scrape',
    values: ({ lagMs }) => [[seconds(lagMs)]],
  },
  {
    name: 'kahi_event_loop_busy_seconds_total',
    type: 'counter',
    help: 'For how long the event loop of the daemon has worked, not waited',
    values: ({ busyMs }) => [[seconds(busyMs)]],
  },
  {
    name: 'kahi_output_dropped_bytes_total',
    type: 'counter',
    help: 'Bytes that the standard output and standard error of the daemon did not take',
    values: ({ droppedBytes }) => [[droppedBytes]],
  },
  ...deliveryFamilies,
  {
    name: 'kahi_scrapes_total',
    type: 'counter',
    help: 'Scrapes before this one',
    values: ({ scrapes }) => [[scrapes]],
  },
  {
    name: 'kahi_scrape_duration_seconds_total',
    type: 'counter',
    help: 'Time that scrapes before this one took',
    values: ({ scrapesMs }) => [[seconds(scrapesMs)]],
  },
  {
    name: 'kahi_helper_up',
    type: 'gauge',
    help: 'Whether the helper that runs the programs answers',
    values: ({ helper }) => [[Number(helper.isAnswering)]],
  },
  {
    name: 'kahi_helper_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of the helper, and of processes that it has reaped',
    values: ({ helper }) => [[seconds(helper.usage?.cpuMs)]],
  },
  {
    name: 'kahi_helper_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the helper',
    values: ({ helper }) => [[helper.usage?.memoryBytes]],
  },
  {
    name: 'kahi_helper_open_fds',
    type: 'gauge',
    help: 'Open file descriptors of the helper',
    values: ({ helper }) => [[helper.usage?.openFiles]],
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of the daemon process',
    values: ({ usage }) => [[seconds(usage?.cpuMs)]],
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the daemon process',
    values: ({ usage }) => [[usage?.memoryBytes]],
  },
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open file descriptors of the daemon process',
    values: ({ usage }) => [[usage?.openFiles]],
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the daemon process was started, in seconds since the epoch',
    values: ({ startedAtMs }) => [[seconds(startedAtMs)]],
  },
]
