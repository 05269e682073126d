// Keeps the newest events for clients that ask what has happened. Their bytes are limited. A client that asks for older
// events learns how many are gone.

import { isKept, type RuntimeEvent } from './event.ts'

/** The events after a number. */
export interface JournalPage {
  /** The oldest first. */
  readonly events: readonly RuntimeEvent[]
  /** Number of the newest event, whether it is in `events` or not: the client passes it with its next request. */
  readonly newest: number
  /**
   * How many events after the requested number are not kept any more; undefined where the number is from before this
   * journal: it does not know how many there were.
   */
  readonly lost: number | undefined
}

/** Approximate memory of an event without its texts. */
const EVENT_BYTES = 160

/** Keeps the newest events. */
export class Journal {
  readonly #limit: number
  /** Number of the newest event before this journal. */
  readonly #start: number
  readonly #events: RuntimeEvent[] = []
  readonly #followers = new Set<(event: RuntimeEvent) => void>()
  #bytes = 0
  /** Number of the newest event that is not kept any more, or of the last one before this journal. */
  #gone: number

  /** `number` is the number of the newest event before this journal; `limit` is in bytes. */
  constructor(number: number, limit: number) {
    this.#start = number
    this.#gone = number
    this.#limit = limit
  }

  /** Adds an event, and drops the oldest ones when the limit is reached. */
  add(event: RuntimeEvent): void {
    if (!isKept(event)) return
    this.#events.push(event)
    this.#bytes += sizeOf(event)
    while (this.#bytes > this.#limit) this.#drop()
    for (const follower of this.#followers) follower(event)
  }

  /** Calls the listener with each event from now on; gives a function that ends it. */
  follow(listener: (event: RuntimeEvent) => void): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  /** The events after a number; without a number all that are kept. An empty set of `types` means all types. */
  since(number: number | undefined, types: ReadonlySet<string> = new Set()): JournalPage {
    const first = number ?? this.#gone
    const events = this.#events.filter((event) => event.number > first && (types.size === 0 || types.has(event.type)))
    const newest = this.#events.at(-1)?.number ?? this.#gone
    return { events, newest, lost: first < this.#start ? undefined : Math.max(0, this.#gone - first) }
  }

  #drop(): void {
    const oldest = this.#events.shift()
    if (oldest === undefined) return
    this.#bytes -= sizeOf(oldest)
    this.#gone = oldest.number
  }
}

function sizeOf(event: RuntimeEvent): number {
  let bytes = EVENT_BYTES
  for (const value of Object.values(event)) {
    if (typeof value === 'string') bytes += value.length * 2
    else if (Array.isArray(value)) for (const one of value) bytes += 16 + String(one).length * 2
  }
  return bytes
}
