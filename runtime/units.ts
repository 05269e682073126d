// All live units, by group and by id: made from their settings, and let go of. What is to become of them is decided
// elsewhere (supervisor.ts).

import { compareText } from '../config/compare.ts'
import type { Group, Oneshot as OneshotSettings } from '../config/config.ts'
import type { EventBus } from './events/bus.ts'
import { Listeners, type ListenersOptions } from './listeners/listeners.ts'
import { sortGroups } from './plan/order.ts'
import type { Sequencer } from './plan/sequencer.ts'
import type { ServiceContext } from './service/context.ts'
import type { GroupWatch } from './service/group-watch.ts'
import { Oneshot, type OneshotOrigin } from './service/oneshot.ts'
import { Service } from './service/service.ts'
import { slotId } from './service/spawn.ts'
import type { Unit } from './service/unit.ts'
import type { HeldSlot } from './shim/shim.ts'

/** A group with its live units; a oneshot is alone in a group of its name. */
export interface LiveGroup {
  readonly name: string
  readonly priority: number
  /** In start order. */
  readonly services: readonly Unit[]
}

/** What the brain before left, by id. */
export type HeldSlots = ReadonlyMap<string, HeldSlot>

/** The units of a daemon. */
export class Units {
  /** What event listeners are told, and what they say. */
  readonly listeners: Listeners
  readonly #bus: EventBus
  readonly #groups = new Map<string, LiveGroup>()
  readonly #byId = new Map<string, Unit>()
  #dropped: readonly GroupWatch[] = []

  constructor(options: Omit<ListenersOptions, 'remember'>) {
    this.#bus = options.bus
    this.listeners = new Listeners({
      ...options,
      remember: (group, name) => this.find(slotId({ group, name }))?.remember(),
    })
  }

  /** In no order. */
  get all(): readonly Unit[] {
    return [...this.#byId.values()]
  }

  /** By group, then name. */
  get sorted(): readonly Unit[] {
    return this.all.toSorted((a, b) => compareText(a.group, b.group) || compareText(a.name, b.name))
  }

  get groups(): readonly LiveGroup[] {
    return [...this.#groups.values()]
  }

  /** What units that are no longer configured left behind. */
  get dropped(): readonly GroupWatch[] {
    return this.#dropped
  }

  find(id: string): Unit | undefined {
    return this.#byId.get(id)
  }

  group(name: string): LiveGroup | undefined {
    return this.#groups.get(name)
  }

  /** Adds the processes of a group that are not there; gives their ids. */
  add(group: Group, shared: ServiceContext, held: HeldSlots): readonly string[] {
    const { name, priority, role, processes } = group
    this.listeners.add(group, shared.identifier)
    const context = { ...shared, listeners: this.listeners, socket: role.kind === 'fcgi' ? role.socket : undefined }
    const fresh: Service[] = []
    const services = processes.map((settings) => {
      const there = this.#byId.get(slotId(settings))
      if (there !== undefined) return there
      const service = new Service(settings, context, held.get(slotId(settings)))
      fresh.push(service)
      return service
    })
    this.#place({ name, priority, services })
    return fresh.map(({ id }) => id)
  }

  /** Adds a oneshot; gives its id. */
  addOneshot(oneshot: OneshotSettings, context: ServiceContext, origin: OneshotOrigin): string {
    const unit = new Oneshot(oneshot, context, origin)
    this.#place({ name: oneshot.name, priority: oneshot.up.priority, services: [unit] })
    return unit.id
  }

  /** Lets go of those of a group that are named, which are at rest; of the group when none is left. */
  #drop({ name, priority, services }: LiveGroup, leaving: readonly Unit[]): void {
    for (const service of leaving) {
      this.#byId.delete(service.id)
      service.close()
    }
    const left = leaving.map(({ groups }) => groups)
    this.#dropped = [...this.#dropped, ...left].filter((one) => one.survivors.length > 0)
    const staying = services.filter((service) => !leaving.includes(service))
    if (staying.length > 0) {
      this.#groups.set(name, { name, priority, services: staying })
      return
    }
    this.listeners.remove(name)
    this.#groups.delete(name)
    this.#bus.emit({ type: 'group-removed', group: name })
  }

  /**
   * Stops groups for good, in order, and lets go of them, but for the processes that are kept. When the daemon has begun to
   * stop nothing is let go of: its end needs all.
   */
  async retire(
    groups: readonly { readonly name: string; readonly kept: readonly string[] }[],
    order: Sequencer,
    isStopping: () => boolean,
  ): Promise<void> {
    const leaving = groups.flatMap(({ name, kept }) => {
      const group = this.group(name)
      const units = group?.services.filter((unit) => !kept.includes(unit.name)) ?? []
      return group === undefined ? [] : [{ ...group, units }]
    })
    const inOrder = sortGroups(leaving)
    await order.retire(inOrder.flatMap(({ units }) => units.map(({ id }) => id)))
    if (!isStopping()) for (const group of inOrder) this.#drop(group, group.units)
  }

  /** Lets go of what stands for oneshots that are to be replaced; gives the names of those that are up. */
  async release(changed: readonly OneshotSettings[], isStopping: () => boolean): Promise<ReadonlySet<string>> {
    const old = changed.flatMap(({ name }) => this.group(name) ?? [])
    await Promise.all(old.flatMap(({ services }) => services.map((unit) => unit.untilAtRest())))
    const kept = old.filter(({ services }) => services.every((unit) => unit.isUp)).map(({ name }) => name)
    if (!isStopping()) for (const group of old) this.#drop(group, group.services)
    return new Set(kept)
  }

  #place(group: LiveGroup): readonly string[] {
    const isNew = !this.#groups.has(group.name)
    for (const service of group.services) this.#byId.set(service.id, service)
    this.#groups.set(group.name, group)
    if (isNew) this.#bus.emit({ type: 'group-added', group: group.name })
    return group.services.map(({ id }) => id)
  }
}
