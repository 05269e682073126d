// The configuration in force, and the changes from one to the next: at the first start, at a reload, and for a single
// group. A change runs when the one before it is done.

import type { Config } from '../../config/settings/config.ts'
import { type Changes, diffConfigs, diffOneshots, keepEssential, type OneshotChanges } from '../plan/diff.ts'
import { withGroup, withoutGroup } from '../plan/merge.ts'
import { activeGroups } from '../plan/order.ts'
import { wantedUnits } from '../plan/wanted.ts'
import type { Commands } from '../service/process/commands.ts'
import type { ServiceContext } from '../service/context.ts'
import { slotId } from '../service/process/spawn.ts'
import { StartOrder } from '../service/process/start-order.ts'
import { adoptAll, removeOldLogs } from './adoption.ts'
import { serviceContext, type SupervisorOptions } from './options.ts'
import type { Sequencer } from './sequencer.ts'
import type { Unclaimed } from './unclaimed.ts'
import type { InheritedSlots, Units } from './units.ts'

const NOTHING: InheritedSlots = new Map()

/** What the configuration is applied to. */
export interface ConfigurationParts {
  readonly options: SupervisorOptions
  readonly units: Units
  readonly order: Sequencer
  readonly commands: Commands
  readonly unclaimed: Unclaimed
  /** Whether a shutdown has begun: then no change is made any more. */
  isStopping(): boolean
}

/** The configuration of a supervisor. */
export class Configuration {
  readonly #parts: ConfigurationParts
  readonly #starts: StartOrder
  #config: Config | undefined
  #applying: Promise<unknown> = Promise.resolve()

  constructor(parts: ConfigurationParts) {
    this.#parts = parts
    this.#starts = new StartOrder(parts.options.clock)
  }

  /** The configuration in force; undefined before the first apply(). */
  get current(): Config | undefined {
    return this.#config
  }

  /** See Supervisor.apply. */
  apply(config: Config): Promise<Changes> {
    return this.#oneAtATime(() => this.#apply(config))
  }

  /** The changes that apply() would make. */
  compare(config: Config): Changes {
    return diffConfigs(this.#config, keepEssential(this.#config, config).config)
  }

  /** Adds a group and starts its programs with autostart. False when a group with that name exists. */
  addGroup(name: string, wanted: Config): Promise<boolean> {
    return this.#oneAtATime(() => {
      const { units, order, isStopping } = this.#parts
      const group = activeGroups(wanted).find((one) => one.name === name)
      if (group === undefined || units.group(name) !== undefined || isStopping()) return false
      this.#use(withGroup(this.#config ?? wanted, name, wanted))
      const added = units.add(group, this.#contextFor(wanted), NOTHING).flatMap((id) => units.find(id) ?? [])
      order.start(added.filter(({ settings }) => settings.autostart).map(({ id }) => id))
      for (const unit of added) unit.remember()
      this.#tellChanges({ added: [name] })
      return true
    })
  }

  /** Removes a group that has no running process. False when one is running. */
  removeGroup(name: string): Promise<boolean> {
    return this.#oneAtATime(async () => {
      const { units, order, isStopping } = this.#parts
      if (!(units.group(name)?.services ?? []).every(({ atRest }) => atRest)) return false
      await units.retire([{ name, kept: [] }], order, isStopping)
      if (this.#config === undefined || isStopping()) return true
      this.#use(withoutGroup(this.#config, name))
      this.#tellChanges({ removed: [name] })
      return true
    })
  }

  #oneAtATime<Result>(change: () => Promise<Result> | Result): Promise<Result> {
    const result = this.#applying.then(change)
    this.#applying = result.catch(() => {})
    return result
  }

  async #apply(asked: Config): Promise<Changes> {
    const { options, order, units, isStopping } = this.#parts
    const isFirst = this.#config === undefined
    const { config, kept: essential } = keepEssential(this.#config, asked)
    for (const name of essential) options.log.log('warn', `${name} is essential: it stays as it is`, { group: name })
    const changes = diffConfigs(this.#config, config)
    if (isStopping()) return changes
    const oneshots = diffOneshots(this.#config?.oneshots ?? [], config.oneshots)
    const gone = [...changes.removed, ...oneshots.removed].map((name) => ({ name, kept: [] }))
    await units.retire([...gone, ...changes.changed], order, isStopping)
    const kept = await units.release(oneshots.changed, isStopping)
    if (isStopping()) return changes
    const inherited = isFirst ? await options.succession?.inherited() : undefined
    if (isFirst) removeOldLogs(config, inherited, options.log)
    this.#use(config)
    const slots = inherited?.slots ?? NOTHING
    const { begun, replaced } = this.#addUnits(config, { changes, oneshots, kept, slots })
    const adopted = inherited === undefined ? new Set() : adoptAll(this.#parts, inherited)
    if (isFirst) options.bus.emit({ type: 'supervisor-state', state: 'running' })
    if (inherited?.ending === undefined && !isStopping())
      order.start(wantedUnits(config).filter((id) => begun.has(id) && !adopted.has(id)))
    for (const id of [...begun, ...replaced]) if (!adopted.has(id)) units.find(id)?.remember()
    if (isFirst) options.succession?.settle()
    this.#tellChanges(changes)
    return changes
  }

  /** Adds the units of a configuration that are new or changed. Gives their ids; `replaced` oneshots are not run again. */
  #addUnits(config: Config, { changes, oneshots, kept, slots }: Additions): { begun: Set<string>; replaced: string[] } {
    const { units } = this.#parts
    const context = this.#contextFor(config)
    const fresh = new Set([...changes.added, ...changes.changed.map(({ name }) => name)])
    const replaced = oneshots.changed.map((one) => units.addOneshot(one, context, { isUp: kept.has(one.name) }))
    const begun = oneshots.added.map((one) => units.addOneshot(one, context, { inherited: slots.get(slotId(one.up)) }))
    const groups = activeGroups(config).filter(({ name }) => fresh.has(name))
    return { begun: new Set([...begun, ...groups.flatMap((group) => units.add(group, context, slots))]), replaced }
  }

  #use(config: Config): void {
    this.#config = config
    this.#parts.order.use(config.graph)
  }

  #tellChanges({ added = [], changed = [], removed = [] }: Partial<Changes>): void {
    const names = { added, changed: changed.map(({ name }) => name), removed }
    this.#parts.options.bus.emit({ type: 'configuration-applied', ...names })
  }

  #contextFor(config: Config): ServiceContext {
    const { options, commands, order } = this.#parts
    return serviceContext(options, { commands, starts: this.#starts, order }, config)
  }
}

/** What #addUnits needs besides the configuration. */
interface Additions {
  readonly changes: Changes
  readonly oneshots: OneshotChanges
  /** Names of changed oneshots that were up. */
  readonly kept: ReadonlySet<string>
  readonly slots: InheritedSlots
}
