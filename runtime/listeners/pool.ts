// The processes of one event listener share its events: each event goes to the first process that is free. Events wait
// in a buffer; when it is full, the oldest is dropped. A refused event is the next one to be sent: a few times at once,
// then after growing pauses (refusals.ts). Unlike supervisord, a refused event returns only to its own pool, and
// overlapping event names lead to one event, not two. Source: supervisor 4.2.5, process.EventListenerPool.

import type { EventName } from '../../config/model/event-names.ts'
import type { LogLevel } from '../../config/model/log-level.ts'
import type { ProcessStateEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { Clock } from '../system/clock.ts'
import type { ResultHandler } from './handlers.ts'
import { Member } from './member.ts'
import { isBelow, type Message } from './message.ts'
import { Refusals } from './refusals.ts'

/** What a Pool is made from. */
export interface PoolParts {
  readonly name: string
  readonly events: readonly EventName[]
  readonly bufferSize: number
  /** Names of its processes, in the order in which they are asked. */
  readonly processes: readonly string[]
  /** Identifier of the daemon. */
  readonly identifier: string
  readonly log: Logger
  readonly clock: Clock
  /** Judges answers. */
  readonly handler: ResultHandler
  /** The note of a process has to be written anew. */
  readonly remember: (process: string) => void
}

/** An event that at least one pool wants, with its serial number. */
export interface NumberedMessage extends Message {
  readonly serial: number
}

interface Waiting {
  readonly message: NumberedMessage
  /** Its serial number in this pool. */
  readonly poolSerial: number
}

/** One process of a pool. */
export type PoolMember = Member<Waiting>

/** One event listener. */
export class Pool {
  readonly #parts: PoolParts
  readonly #members: ReadonlyMap<string, PoolMember>
  readonly #refusals: Refusals
  readonly #buffer: Waiting[] = []
  #serial = 0
  #isAboutToDispatch = false
  /** Called when no event is left that a process may still take. */
  #waiters: (() => void)[] = []

  constructor(parts: PoolParts) {
    this.#parts = parts
    const { name: group, log, remember, handler, clock } = parts
    const make = (name: string): Member<Waiting> =>
      new Member({
        group,
        name,
        log,
        remember: () => remember(name),
        isFree: () => this.#dispatchSoon(),
        handler,
        accepted: () => this.#refusals.accepted(),
        refused: (waiting) => this.#refused(name, waiting),
        unanswered: (waiting) => this.#takeBack(waiting),
      })
    this.#refusals = new Refusals(clock, () => this.#dispatchSoon())
    this.#members = new Map(parts.processes.map((name) => [name, make(name)]))
  }

  get name(): string {
    return this.#parts.name
  }

  /** Whether the pool wants this event. */
  wants(name: EventName): boolean {
    return this.#parts.events.some((wanted) => isBelow(name, wanted))
  }

  /** One of its processes. */
  member(name: string): PoolMember | undefined {
    return this.#members.get(name)
  }

  /** Adds an event that it wants. */
  take(message: NumberedMessage): void {
    this.#makeRoom()
    this.#buffer.push({ message, poolSerial: this.#serial })
    this.#serial += 1
    this.#dispatchSoon()
  }

  /** One of its processes came into another state. */
  moved(event: ProcessStateEvent): void {
    this.member(event.name)?.moved(event)
    this.#dispatchSoon()
  }

  /** Resolves when each event is answered, or no process is left that may take one. */
  heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
      this.#dispatchSoon()
    })
  }

  /** Ends the delivery of events. */
  close(): void {
    this.#refusals.close()
    this.#endWaits()
  }

  #refused(process: string, waiting: Waiting): void {
    const remark = this.#refusals.refused()
    if (remark !== undefined) this.#parts.log.log('warn', `${process}: ${remark}`, { group: this.#parts.name, process })
    this.#takeBack(waiting)
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

  /** Not at once: events of one moment are first put into the buffer, so its order decides. */
  #dispatchSoon(): void {
    if (this.#isAboutToDispatch) return
    this.#isAboutToDispatch = true
    queueMicrotask(() => {
      this.#isAboutToDispatch = false
      this.#dispatch()
      const hearing = [...this.#members.values()].filter(({ isHearing }) => isHearing)
      const isHeard = this.#buffer.length === 0 && !hearing.some(({ isBusy }) => isBusy)
      if (isHeard || hearing.length === 0) this.#endWaits()
    })
  }

  #endWaits(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  #dispatch(): void {
    if (this.#refusals.isPausing) return
    for (const member of this.#members.values()) {
      if (!member.canTake) continue
      const waiting = this.#buffer.shift()
      if (waiting === undefined) return
      member.send(waiting, this.#envelope(waiting))
      this.#log('debug', `event ${waiting.message.serial} sent to listener ${member.name}`)
    }
  }

  /** The header of an event. `len` counts characters, as supervisord does. */
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
