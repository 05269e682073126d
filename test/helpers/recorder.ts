// Records log lines and events of a daemon as short texts, for tests.

import type { LogLevel } from '../../config/model/log-level.ts'
import type { RuntimeEvent } from '../../runtime/events/event.ts'
import type { Logger, Sink } from '../../runtime/log/sink.ts'

/** A log in memory. */
export class RecordedLog implements Logger {
  readonly lines: string[] = []

  log(level: LogLevel, message: string): void {
    this.lines.push(`${level} ${message}`)
  }
}

/** A sink in memory. */
export class RecordedSink implements Sink {
  text = ''

  write(chunk: Buffer): void {
    this.text += chunk.toString()
  }

  reopen(): void {}

  close(): void {}
}

/** The types of events that supervisord has. Other tests check the other types. */
export const KNOWN_TYPES: readonly string[] = [
  'process-state',
  'group-added',
  'group-removed',
  'supervisor-state',
  'daemon-end',
  'process-log',
  'process-communication',
  'remote-communication',
]

/** `web starting>running pid 100`. */
export function describeEvent(event: RuntimeEvent): string {
  if (event.type === 'supervisor-state') return `supervisor ${event.state}`
  if (event.type === 'daemon-end') return `${event.name} ends the daemon with ${event.code}`
  if (event.type === 'remote-communication') return `${event.kind}: ${event.data}`
  if (event.type !== 'process-state') return 'group' in event ? `${event.type} ${event.group}` : event.type
  const { name, from, to, pid, tries, expected } = event
  const extras = [pid === 0 ? '' : ` pid ${pid}`, tries === 0 ? '' : ` tries ${tries}`, expected ? ' expected' : '']
  return `${name} ${from}>${to}${extras.join('')}`
}
