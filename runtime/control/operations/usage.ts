// What processes use now. It is measured when a client asks.

import { findService } from './find.ts'
import type { OfProcess, Operation } from './operation.ts'
import type { UsageObject } from './shapes/usage.ts'
import type { Controlled, ControlledService } from './supervised.ts'

/** The usage of all processes. */
export const usages: Operation<object, readonly UsageObject[]> = {
  summary: 'CPU time, memory, files, threads, sockets and children of all processes, measured now',
  errors: [],
  run: (controlled) => measure(controlled, controlled.supervisor.services()),
}

/** The usage of one process. */
export const usage: Operation<OfProcess, UsageObject | undefined> = {
  summary: 'CPU time, memory, files, threads, sockets and children of a process, measured now',
  errors: ['NOT_FOUND'],
  run: async (controlled, { name }) => (await measure(controlled, [findService(controlled.supervisor, name)]))[0],
}

async function measure(
  controlled: Controlled,
  services: readonly ControlledService[],
): Promise<readonly UsageObject[]> {
  const wanted = services.map((service) => ({ service, info: service.info() }))
  const running = wanted.filter(({ info }) => info.pid > 0)
  const found = await controlled.measure(
    running.map(({ service, info }) => ({ pid: info.pid, hasCgroup: hasCgroup(service) })),
  )
  const nowMs = controlled.clock.wallMs()
  return wanted.map(({ service: { group, name }, info: { pid, startedAtMs } }) => {
    const measured = found.get(pid)
    return {
      group,
      name,
      pid: measured === undefined ? 0 : pid,
      time: new Date(nowMs).toISOString(),
      lived_ms: measured === undefined ? 0 : Math.max(1, nowMs - startedAtMs),
      cpu_ms: measured?.cpuMs ?? 0,
      memory_bytes: measured?.memoryBytes ?? 0,
      memory_kind: measured?.memoryKind ?? 'pss',
      open_files: measured?.openFiles ?? null,
      threads: measured?.threads ?? 0,
      processes: measured?.processes ?? 0,
      pids: measured?.pids ?? [],
      sockets: measured?.sockets ?? null,
    }
  })
}

function hasCgroup({ settings: { limits } }: ControlledService): boolean {
  return [limits?.memory, limits?.cpu, limits?.pids].some((limit) => limit !== undefined)
}
