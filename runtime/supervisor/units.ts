// All units of a daemon, by group and by id. Units are added and removed here; supervisor.ts decides which.

import { compareText } from '../../config/model/compare.ts'
import type { Group, Oneshot as OneshotSettings } from '../../config/settings/config.ts'
import type { EventBus } from '../events/bus.ts'
import { sortGroups } from '../plan/order.ts'
import type { Sequencer } from './sequencer.ts'
import type { ListenerPools, ServiceContext } from '../service/context.ts'
import type { GroupWatch } from '../service/process/group-watch.ts'
import { Oneshot, type OneshotOrigin } from '../service/oneshot.ts'
import { Service } from '../service/service.ts'
import { slotId } from '../service/process/spawn.ts'
import type { Unit } from '../service/unit.ts'
import type { InheritedSlot } from '../shim/shim.ts'

/** A group with its units. A oneshot is alone in a group with its name. */
export interface LiveGroup {
  readonly name: string
  readonly priority: number
  /** In start order. */
  readonly services: readonly Unit[]
}

/** Slots of the previous daemon process, by id. */
export type InheritedSlots = ReadonlyMap<string, InheritedSlot>

/** The units of a daemon. */
export class Units {
  readonly #listeners: ListenerPools | undefined
  readonly #bus: EventBus
  readonly #groups = new Map<string, LiveGroup>()
  readonly #byId = new Map<string, Unit>()
  #dropped: readonly GroupWatch[] = []

  constructor({ bus, listeners }: { readonly bus: EventBus; readonly listeners?: ListenerPools }) {
    this.#bus = bus
    this.#listeners = listeners
  }

  /** All units, in no order. */
  get all(): readonly Unit[] {
    return [...this.#byId.values()]
  }

  /** All units, sorted by group, then name. */
  get sorted(): readonly Unit[] {
    return this.all.toSorted((a, b) => compareText(a.group, b.group) || compareText(a.name, b.name))
  }

  get groups(): readonly LiveGroup[] {
    return [...this.#groups.values()]
  }

  /** Process groups that units which are not configured any more left behind. */
  get dropped(): readonly GroupWatch[] {
    return this.#dropped
  }

  find(id: string): Unit | undefined {
    return this.#byId.get(id)
  }

  group(name: string): LiveGroup | undefined {
    return this.#groups.get(name)
  }

  /** Adds those processes of a group that do not exist yet; gives their ids. The others follow the new settings. */
  add(group: Group, shared: ServiceContext, inherited: InheritedSlots): readonly string[] {
    const { name, priority, role, processes } = group
    this.#listeners?.add(group, shared.identifier)
    const context = { ...shared, socket: role.kind === 'fcgi' ? role.socket : undefined }
    const fresh: Service[] = []
    const services = processes.map((settings) => {
      const there = this.#byId.get(slotId(settings))
      if (there !== undefined) {
        there.follow(settings)
        return there
      }
      const service = new Service(settings, context, inherited.get(slotId(settings)))
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

  /** Removes the named units of a group; they must be at rest. Removes the group when no unit is left. */
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
    this.#listeners?.remove(name)
    this.#groups.delete(name)
    this.#bus.emit({ type: 'group-removed', group: name })
  }

  /**
   * Stops units of these groups for good, in order, and removes them; `kept` processes stay. When a shutdown has begun,
   * nothing is removed: the shutdown needs all units.
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

  /** Removes the units of oneshots that are to be replaced. Gives the names of those that were up. */
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
