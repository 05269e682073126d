// One service with a fake shim that simulates processes, and the fake clock.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import { EventBus } from '../../../runtime/events/bus.ts'
import { Commands } from '../../../runtime/service/process/commands.ts'
import { StartOrder } from '../../../runtime/service/process/start-order.ts'
import { Service } from '../../../runtime/service/service.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { FakeShim } from '../../helpers/fake-shim.ts'
import { describeEvent, KNOWN_TYPES, RecordedLog, RecordedSink } from '../../helpers/recorder.ts'
import { processSettings } from '../../helpers/settings.ts'

/** A service that has not been started. */
export function newService(changes: Partial<ProcessSettings> = {}) {
  const shim = new FakeShim()
  const clock = new FakeClock(Date.UTC(2026, 10, 21, 1, 50, 0))
  const log = new RecordedLog()
  const events: string[] = []
  const bus = new EventBus(() => {})
  bus.on((event) => KNOWN_TYPES.includes(event.type) && events.push(describeEvent(event)))
  const commands = new Commands(shim, clock)
  const service = new Service(processSettings(changes), {
    commands,
    starts: new StartOrder(clock),
    order: { changed: () => {}, waitingFor: () => undefined, failure: () => undefined },
    shim,
    clock,
    log,
    bus,
    daemonEnvironment: { PATH: '/bin', HOME: '/root' },
    serverUrl: 'unix:///run/x.sock',
    stdout: new RecordedSink(),
    stderr: new RecordedSink(),
    stripAnsi: false,
    outputFormat: 'raw',
    childLogDirectory: '/nonexistent',
    identifier: 'supervisor',
  })
  shim.onExit = (id, pid, status) => {
    if (!commands.exited(id, status)) service.exited(pid, status)
  }
  return { shim, clock, log, events, service }
}

/** A service that runs. */
export async function startedService(changes: Partial<ProcessSettings> = {}) {
  const parts = newService(changes)
  parts.service.startWithoutWaiting()
  await parts.clock.advance(1500)
  return parts
}
