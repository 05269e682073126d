// The stream of events. The browser connects again by itself and sends the number of the last event; then nothing is missed,
// or the daemon says that something was.

import type { EventObject } from '../../operations/shapes/events.ts'

/** What hears the stream. */
export interface Hearer {
  /** The stream is open, or it has missed events: everything has to be loaded again. */
  opened(): void
  closed(): void
  event(event: EventObject): void
}

const TYPES: readonly EventObject['type'][] = [
  'process-state',
  'process-started',
  'process-exited',
  'readiness',
  'health',
  'file-changed',
  'status-text',
  'waiting',
  'oneshot-began',
  'oneshot-ended',
  'configuration-applied',
  'group-added',
  'group-removed',
  'supervisor-state',
  'daemon-end',
  'log',
]

/** How long the page waits when the daemon refuses a stream, in milliseconds. */
const AGAIN_MS = 3000

/** Follows all events for as long as the page is open. */
export function follow(hearer: Hearer): void {
  const source = new EventSource('api/v1/events/stream')
  source.addEventListener('hello', () => hearer.opened())
  source.addEventListener('gap', () => hearer.opened())
  for (const type of TYPES)
    source.addEventListener(type, ({ data }: MessageEvent<string>) => hearer.event(JSON.parse(data) as EventObject))
  source.addEventListener('error', () => {
    hearer.closed()
    if (source.readyState !== EventSource.CLOSED) return
    setTimeout(() => follow(hearer), AGAIN_MS)
  })
}
