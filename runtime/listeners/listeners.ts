// All event listeners of a daemon: reads the event bus for them, and passes the output of their processes to their
// pools.

import type { EventName } from '../../config/model/event-names.ts'
import type { Group } from '../../config/settings/config.ts'
import type { EventBus } from '../events/bus.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { Logger, Sink } from '../log/sink.ts'
import type { ListenerPools } from '../service/context.ts'
import type { ProcessInput } from '../service/process/input.ts'
import type { Clock } from '../system/clock.ts'
import { type ListenerState, STATES } from './conversation.ts'
import { findHandler } from './handlers.ts'
import { type Message, messageOf } from './message.ts'
import { type NumberedMessage, Pool, type PoolMember } from './pool.ts'
import { type Tick, Ticker, TICKS } from './ticker.ts'

/** What Listeners need of the daemon. */
export interface ListenersOptions {
  readonly bus: EventBus
  readonly log: Logger
  readonly clock: Clock
  /** The daemon's standard output, for result handlers that print. */
  readonly stdout: Sink
  /** Writes the note of a listener's process for the next daemon process. */
  readonly remember: (group: string, process: string) => void
}

/** The event listeners of a daemon. */
export class Listeners implements ListenerPools {
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

  add({ name, role, processes }: Pick<Group, 'name' | 'role' | 'processes'>, identifier: string): void {
    if (role.kind !== 'listener') return
    const { log, remember, bus, clock, stdout } = this.#options
    const pool = new Pool({
      name,
      events: role.events,
      bufferSize: role.buffer_size,
      processes: processes.map((process) => process.name),
      identifier,
      log,
      clock,
      handler: findHandler(role.result_handler, { print: (text) => stdout.write(text), wallMs: () => clock.wallMs() }),
      remember: (process) => remember(name, process),
    })
    this.#pools.set(name, pool)
    this.#leaveBus ??= bus.on((event) => this.#hear(event))
    this.#ticker.use(this.#wantedTicks())
  }

  remove(name: string): void {
    this.#pools.get(name)?.close()
    if (!this.#pools.delete(name)) return
    this.#ticker.use(this.#wantedTicks())
  }

  async heard(name: string): Promise<void> {
    await this.#pools.get(name)?.heard()
  }

  /** Ends the delivery of events. */
  close(): void {
    this.#leaveBus?.()
    for (const pool of this.#pools.values()) pool.close()
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

  /** Pools get an event before the end of one of their own processes returns its event to the buffer. */
  #hear(event: RuntimeEvent): void {
    const message = messageOf(event)
    if (message !== undefined) this.#deliver(message)
    if (event.type === 'process-state') this.#pools.get(event.group)?.moved(event)
  }

  /** An event gets a serial number when at least one pool wants it. */
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
