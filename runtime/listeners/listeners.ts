// All event listeners of a daemon: hears the bus for them, and brings what their processes write to their pools.

import type { EventName } from '../../config/event-names.ts'
import type { Group } from '../../config/config.ts'
import type { EventBus } from '../events/bus.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { ListenerDesk } from '../service/context.ts'
import type { ProcessInput } from '../service/input.ts'
import type { Clock } from '../system/clock.ts'
import { type ListenerState, STATES } from './conversation.ts'
import { type Message, messageOf } from './message.ts'
import { type NumberedMessage, Pool, type PoolMember } from './pool.ts'
import { type Tick, Ticker, TICKS } from './ticker.ts'

/** What Listeners need of the daemon. */
export interface ListenersOptions {
  readonly bus: EventBus
  readonly log: Logger
  readonly clock: Clock
  /** Has a process of a listener noted for the brain that may come after this one. */
  readonly remember: (group: string, process: string) => void
}

/** The event listeners of a daemon. */
export class Listeners implements ListenerDesk {
  readonly #options: ListenersOptions
  readonly #pools = new Map<string, Pool>()
  readonly #ticker: Ticker
  #leaveBus: (() => void) | undefined
  #serial = 0

  constructor(options: ListenersOptions) {
    this.#options = options
    this.#ticker = new Ticker(options.clock, (tick, startSecs) =>
      this.#deliver({ name: `TICK_${tick}`, payload: () => `when:${startSecs}` }),
    )
  }

  /** Adds the pool of a group, when it is one of listeners. It hears events from now on. */
  add({ name, role, processes }: Pick<Group, 'name' | 'role' | 'processes'>, identifier: string): void {
    if (role.kind !== 'listener') return
    const { log, remember, bus } = this.#options
    const pool = new Pool({
      name,
      events: role.events,
      bufferSize: role.buffer_size,
      processes: processes.map((process) => process.name),
      identifier,
      log,
      remember: (process) => remember(name, process),
    })
    this.#pools.set(name, pool)
    this.#leaveBus ??= bus.on((event) => this.#hear(event))
    this.#ticker.use(this.#wantedTicks())
  }

  /** Takes away the pool of a group, if it has one. */
  remove(name: string): void {
    if (!this.#pools.delete(name)) return
    this.#ticker.use(this.#wantedTicks())
  }

  /** No more events. */
  close(): void {
    this.#leaveBus?.()
    this.#pools.clear()
    this.#ticker.use([])
  }

  connect(group: string, process: string, input: ProcessInput): void {
    this.#member(group, process)?.connect(input)
  }

  said(group: string, process: string, chunk: Buffer): void {
    this.#member(group, process)?.said(chunk)
  }

  note(group: string, process: string): string | undefined {
    return this.#member(group, process)?.state
  }

  resume(group: string, process: string, note: string | undefined, isRunning: boolean): void {
    const state: ListenerState = STATES.find((one) => one === note) ?? 'ACKNOWLEDGED'
    this.#member(group, process)?.resume(state, isRunning)
  }

  #member(group: string, process: string): PoolMember | undefined {
    return this.#pools.get(group)?.member(process)
  }

  /** Pools get the event before the end of one of their own processes gives its event back. */
  #hear(event: RuntimeEvent): void {
    const message = messageOf(event)
    if (message !== undefined) this.#deliver(message)
    if (event.type === 'process-state') this.#pools.get(event.group)?.moved(event)
  }

  /** An event gets a number when somebody takes it. */
  #deliver(message: Message): void {
    const takers = [...this.#pools.values()].filter((pool) => pool.wants(message.name))
    if (takers.length === 0) return
    const numbered: NumberedMessage = { ...message, serial: this.#serial }
    this.#serial += 1
    for (const pool of takers) pool.take(numbered)
  }

  #wantedTicks(): readonly Tick[] {
    const pools = [...this.#pools.values()]
    const isWanted = (name: EventName): boolean => pools.some((pool) => pool.wants(name))
    return TICKS.filter((tick) => isWanted(`TICK_${tick}`))
  }
}
