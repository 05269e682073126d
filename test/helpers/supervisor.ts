// A supervisor with a fake clock and a fake helper.

import type { Group } from '../../config/settings/config.ts'
import { EventBus } from '../../runtime/events/bus.ts'
import type { ListenerPools } from '../../runtime/service/context.ts'
import { Supervisor } from '../../runtime/supervisor/supervisor.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeShim } from './fake-shim.ts'
import { describeEvent, KNOWN_TYPES, RecordedLog, RecordedSink } from './recorder.ts'
import { config } from './settings.ts'

/** A supervisor without programs, and its parts. */
export function harness(listeners?: ListenerPools) {
  const shim = new FakeShim()
  const clock = new FakeClock()
  const log = new RecordedLog()
  const events: string[] = []
  const bus = new EventBus(() => {})
  bus.on((event) => KNOWN_TYPES.includes(event.type) && events.push(describeEvent(event)))
  const streams = { stdout: new RecordedSink(), stderr: new RecordedSink() }
  const supervisor = new Supervisor({
    shim,
    clock,
    log,
    bus,
    ownFormat: 'text',
    daemonEnvironment: {},
    ...streams,
    ...(listeners && { listeners }),
  })
  shim.onExit = (id, pid, status) => supervisor.exited(id, pid, status)
  return { shim, clock, log, events, supervisor }
}

/** A supervisor whose programs are running. */
export async function running(groups: readonly Group[], settings: Parameters<typeof config>[1] = {}) {
  const parts = harness()
  await parts.supervisor.apply(config(groups, settings))
  await parts.clock.advance(1500)
  return parts
}

/** State of each process. */
export const states = (supervisor: Supervisor): string[] =>
  supervisor.services().map((service) => `${service.id} ${service.info().state}`)
