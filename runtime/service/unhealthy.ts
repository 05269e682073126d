// What follows when a program is unhealthy: its key `on_unhealthy`.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock } from '../system/clock.ts'
import type { Event } from './machine/state.ts'
import { endDaemon } from './tell.ts'

/** How a unit carries it out. */
export interface UnhealthyParts {
  readonly settings: ProcessSettings
  readonly context: { readonly clock: Clock; readonly bus: EventBus }
  take(event: Extract<Event, { readonly type: 'relapse' | 'give-up' }>): void
  signal(number: number): unknown
}

/** `what` continues a sentence about the program: `is unhealthy (tcp 127.0.0.1:80: ECONNREFUSED)`. */
export function actOnHealth(what: string, { settings, context, take, signal }: UnhealthyParts): void {
  const policy = settings.on_unhealthy
  switch (policy.kind) {
    case 'none':
      break
    case 'restart':
      take({ type: 'relapse', message: what, atMs: context.clock.nowMs() })
      break
    case 'stop':
      take({ type: 'give-up', message: what })
      break
    case 'signal':
      signal(policy.signal)
      break
    case 'shutdown':
      endDaemon(context.bus, settings, { type: 'end-daemon', code: settings.exit_code ?? 1, reason: what })
      break
    default:
      policy satisfies never
  }
}
