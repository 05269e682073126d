// The processes of one event listener share out its events: each event goes to one of them, the first that is free. Events
// wait in a buffer; when that is full the oldest is dropped. An event that was rejected is the next to be sent. Unlike
// the original a rejected event comes back to its own pool only, and overlapping names of events give one event, not two.
// Source: supervisor 4.2.5, process.EventListenerPool.

import type { EventName } from '../../config/event-names.ts'
import type { LogLevel } from '../../config/config.ts'
import type { ProcessStateEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import { Member } from './member.ts'
import { isBelow, type Message } from './message.ts'

/** What a Pool is made from. */
export interface PoolParts {
  readonly name: string
  readonly events: readonly EventName[]
  readonly bufferSize: number
  /** Names of its processes, in the order in which they are asked. */
  readonly processes: readonly string[]
  /** Names the daemon. */
  readonly identifier: string
  readonly log: Logger
  /** A process has something new for its note. */
  readonly remember: (process: string) => void
}

/** An event that at least one pool takes, with its number among all such. */
export interface NumberedMessage extends Message {
  readonly serial: number
}

interface Waiting {
  readonly message: NumberedMessage
  /** Its number in this pool. */
  readonly poolSerial: number
}

/** One process of a pool. */
export type PoolMember = Member<Waiting>

/** One event listener. */
export class Pool {
  readonly #parts: PoolParts
  readonly #members: ReadonlyMap<string, PoolMember>
  readonly #buffer: Waiting[] = []
  #serial = 0
  #isAboutToDispatch = false

  constructor(parts: PoolParts) {
    this.#parts = parts
    const { name: group, log, remember } = parts
    const make = (name: string): Member<Waiting> =>
      new Member({
        group,
        name,
        log,
        remember: () => remember(name),
        isFree: () => this.#dispatchSoon(),
        rejected: (waiting) => this.#takeBack(waiting),
      })
    this.#members = new Map(parts.processes.map((name) => [name, make(name)]))
  }

  get name(): string {
    return this.#parts.name
  }

  /** Whether it asked for that. */
  wants(name: EventName): boolean {
    return this.#parts.events.some((wanted) => isBelow(name, wanted))
  }

  /** One of its processes. */
  member(name: string): PoolMember | undefined {
    return this.#members.get(name)
  }

  /** Takes an event that it wants. */
  take(message: NumberedMessage): void {
    this.#makeRoom()
    this.#buffer.push({ message, poolSerial: this.#serial })
    this.#serial += 1
    this.#dispatchSoon()
  }

  /** One of its processes went into another state. */
  moved(event: ProcessStateEvent): void {
    this.member(event.name)?.moved(event)
  }

  #takeBack(waiting: Waiting): void {
    const { name, bufferSize } = this.#parts
    const room = `buf size=${this.#buffer.length}, max=${bufferSize}`
    this.#log('debug', `rebuffering event ${waiting.message.serial} for pool ${name} (${room})`)
    this.#makeRoom()
    this.#buffer.unshift(waiting)
    this.#dispatchSoon()
  }

  #makeRoom(): void {
    const { name, bufferSize } = this.#parts
    if (this.#buffer.length < bufferSize) return
    const dropped = this.#buffer.shift()
    if (dropped === undefined) return
    this.#log('error', `pool ${name} event buffer overflowed, discarding event ${dropped.message.serial}`)
  }

  /** Not at once: what happens together is to be taken in together, and its order is that of the buffer. */
  #dispatchSoon(): void {
    if (this.#isAboutToDispatch) return
    this.#isAboutToDispatch = true
    queueMicrotask(() => {
      this.#isAboutToDispatch = false
      this.#dispatch()
    })
  }

  #dispatch(): void {
    for (const member of this.#members.values()) {
      if (!member.canTake) continue
      const waiting = this.#buffer.shift()
      if (waiting === undefined) return
      member.send(waiting, this.#envelope(waiting))
      this.#log('debug', `event ${waiting.message.serial} sent to listener ${member.name}`)
    }
  }

  /** `len` counts characters, as the original does. */
  #envelope({ message, poolSerial }: Waiting): string {
    const { name, identifier } = this.#parts
    const payload = message.payload()
    const header = `ver:3.0 server:${identifier} serial:${message.serial} pool:${name} poolserial:${poolSerial}`
    return `${header} eventname:${message.name} len:${[...payload].length}\n${payload}`
  }

  #log(level: LogLevel, text: string): void {
    this.#parts.log.log(level, text, { group: this.#parts.name })
  }
}
