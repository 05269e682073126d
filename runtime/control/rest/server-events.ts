// Server-sent events: a stream of texts with ids, which a reader can continue after a lost connection. A sign of life is sent
// from time to time, so that both sides notice when the other one is gone. Source: HTML Living Standard, 9.2.

import type { StreamAnswer, Write } from '../http/stream.ts'
import type { Clock, Timer } from '../operations/supervised.ts'

const LIFE_MS = 15_000
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000

/** One event. `data` is a single line. */
export interface ServerEvent {
  readonly id?: string | undefined
  readonly event?: string
  readonly data: string
}

/** Sends events; false and `drop` are as in Write. */
export interface Send {
  (events: readonly ServerEvent[]): boolean
  readonly drop: Write['drop']
}

/** A source of events. */
export interface EventSource {
  /** Calls `send` with all events that are there at once, until the function that it gives is called. */
  begin(send: Send): () => void
  /** Its events have ids, after which it can begin. */
  readonly isContinued?: boolean
  /** The id that a reader without further events continues at. */
  place?(): string | undefined
}

/** The stream of a source. */
export function serverEvents(clock: Clock, { begin, place, isContinued = false }: EventSource): StreamAnswer {
  return {
    isContinued,
    contentType: 'text/event-stream',
    begin(write) {
      let timer: Timer | undefined
      const live = (): void => {
        const id = place?.()
        write(id === undefined ? ': \n\n' : `id: ${id}\n\n`)
        timer = clock.after(LIFE_MS, live)
      }
      write(`retry: ${RETRY_MS}\n\n`)
      const send = (events: readonly ServerEvent[]): boolean => write(events.map(frame).join(''))
      const stop = begin(Object.assign(send, { drop: write.drop }))
      timer = clock.after(LIFE_MS, live)
      return () => {
        timer?.cancel()
        stop()
      }
    },
  }
}

function frame({ id, event, data }: ServerEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`
}
