// The record of the first start of the daemon.

import { showUnit } from '../../../config/model/names.ts'
import type { Operation } from './operation.ts'
import type { BootObject } from './shapes/graph.ts'

/** When each unit of the first start was wanted, started and up. */
export const boot: Operation<object, BootObject> = {
  summary:
    'When each unit of the first start could begin, was started and was up, and which units determined how long it took',
  errors: [],
  run: ({ supervisor }) => {
    const { entries, elapsedMs, criticalPath } = supervisor.boot
    const critical = new Set(criticalPath)
    const services = entries.map(({ unit, begunMs, startedMs, upMs, failure, needs }) => ({
      name: showUnit(unit),
      begun: begunMs ?? null,
      started: startedMs ?? null,
      up: upMs ?? null,
      failure,
      critical: critical.has(unit),
      needs: needs.map((need) => ({ name: showUnit(need.unit), reached: need.reached })),
    }))
    return { elapsed: elapsedMs, services }
  },
}
