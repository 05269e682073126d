// All units of a daemon and the configuration in force. apply() changes what runs to what a configuration says, at the
// first start and at each reload; one call runs at a time. This module knows no protocol, and it decides nothing about
// a single unit.

import type { Config } from '../../config/settings/config.ts'
import { type Changes, diffConfigs, diffOneshots, keepEssential } from '../plan/diff.ts'
import { withGroup, withoutGroup } from '../plan/merge.ts'
import { adoptAll, type Adopters, removeOldLogs } from './adoption.ts'
import { BootRecord } from './boot-record.ts'
import { activeGroups } from '../plan/order.ts'
import { serviceContext, type SupervisorOptions } from './options.ts'
import { Sequencer } from './sequencer.ts'
import { wantedUnits } from '../plan/wanted.ts'
import { Commands } from '../service/process/commands.ts'
import { StartOrder } from '../service/process/start-order.ts'
import type { ServiceContext, StartOutcome, StopOutcome } from '../service/context.ts'
import { describeExit } from '../service/machine/exit-status.ts'
import { slotId } from '../service/process/spawn.ts'
import type { Unit } from '../service/unit.ts'
import type { ExitStatus, Usage } from '../shim/shim.ts'
import { Shutdown } from './shutdown.ts'
import { Unclaimed } from './unclaimed.ts'
import { type InheritedSlots, Units } from './units.ts'

const NOTHING: InheritedSlots = new Map()

/** All units of a daemon. */
export class Supervisor {
  /** Starts and stops units in the order of their dependencies. */
  readonly order: Sequencer
  /** The record of the first start. */
  readonly boot: BootRecord
  readonly #options: SupervisorOptions
  readonly #units: Units
  readonly #commands: Commands
  readonly #starts: StartOrder
  readonly #unclaimed: Unclaimed
  #config: Config | undefined
  #applying: Promise<unknown> = Promise.resolve()
  #shutdown: Shutdown | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#units = new Units(options)
    this.#commands = new Commands(options.shim, options.clock)
    this.#starts = new StartOrder(options.clock)
    this.boot = new BootRecord(() => options.clock.nowMs())
    const find = (id: string): Unit | undefined => this.#units.find(id)
    const { log, bus } = options
    this.order = new Sequencer({ log, bus, boot: this.boot, find })
    this.#unclaimed = new Unclaimed(options)
    options.syslog?.connect((path, messages) => options.shim.syslog(path, messages))
  }

  /** `stopping` from the moment that a shutdown has begun. */
  get phase(): 'running' | 'stopping' {
    return this.#shutdown === undefined ? 'running' : 'stopping'
  }

  /** The configuration in force; undefined before the first apply(). */
  get config(): Config | undefined {
    return this.#config
  }

  /**
   * Changes what runs to what the configuration says. The first call starts all programs with autostart, or the units
   * that `boot` names, in order; each unit waits only for its dependencies. Later calls touch only groups that differ:
   * removed groups are stopped and dropped, and of changed groups the processes that differ are stopped and started
   * anew. Changed oneshots are not run again. Resolves when that is done, or earlier when a shutdown begins.
   */
  apply(config: Config): Promise<Changes> {
    return this.#oneAtATime(() => this.#apply(config))
  }

  /** The changes that apply() would make. */
  compare(config: Config): Changes {
    return diffConfigs(this.#config, keepEssential(this.#config, config).config)
  }

  /**
   * Adds one group of a configuration and starts its programs with autostart. False when a group with that name exists.
   */
  addGroup(name: string, wanted: Config): Promise<boolean> {
    return this.#oneAtATime(() => {
      const group = activeGroups(wanted).find((one) => one.name === name)
      if (group === undefined || this.#units.group(name) !== undefined || this.#isStopping()) return false
      this.#config = withGroup(this.#config ?? wanted, name, wanted)
      this.order.use(this.#config.graph)
      const units = this.#units
        .add(group, this.#contextFor(wanted), NOTHING)
        .flatMap((id) => this.#units.find(id) ?? [])
      this.order.start(units.filter(({ settings }) => settings.autostart).map(({ id }) => id))
      for (const unit of units) unit.remember()
      this.#tellChanges({ added: [name] })
      return true
    })
  }

  /** Removes a group that has no running process. False when one is running. */
  removeGroup(name: string): Promise<boolean> {
    return this.#oneAtATime(async () => {
      const units = this.#units.group(name)?.services ?? []
      if (!units.every(({ atRest }) => atRest)) return false
      await this.#units.retire([{ name, kept: [] }], this.order, () => this.#isStopping())
      if (this.#config === undefined || this.#isStopping()) return true
      this.#config = withoutGroup(this.#config, name)
      this.order.use(this.#config.graph)
      this.#tellChanges({ removed: [name] })
      return true
    })
  }

  /** All units, sorted by group, then name. */
  services(): readonly Unit[] {
    return this.#units.sorted
  }

  /** The units of a group by priority; undefined when the group does not exist. */
  group(name: string): readonly Unit[] | undefined {
    return this.#units.group(name)?.services.toSorted((a, b) => a.settings.priority - b.settings.priority)
  }

  /** The unit of that name. */
  find(group: string, name: string): Unit | undefined {
    return this.#units.find(slotId({ group, name }))
  }

  /** Starts a unit after its dependencies. Resolves when it is up or has failed. */
  start({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StartOutcome> {
    const unit = this.find(group, name)
    if (unit === undefined) return Promise.resolve('abnormal-termination')
    return unit.isUp || unit.isStopping ? unit.start() : this.order.begin(unit.id)
  }

  /** Stops a unit after its dependents. Resolves when it is down. */
  async stop({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StopOutcome> {
    const id = slotId({ group, name })
    return (await this.order.takeDown([id]).get(id)) ?? 'not-running'
  }

  /** Stops a unit if it is up, and starts it. Resolves as start(). Its dependents keep running. */
  async restart({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StartOutcome> {
    const id = slotId({ group, name })
    return (await this.order.restart([id]).get(id)) ?? 'abnormal-termination'
  }

  /** Reopens all log files of the services. */
  reopenLogs(): void {
    for (const service of this.#units.all) service.reopenLogs()
  }

  /** Stops everything in order. Resolves when the last process is gone; further calls wait for the same shutdown. */
  async shutdown(): Promise<void> {
    await Promise.all([this.#beginShutdown().done, this.#unclaimed.gone()])
  }

  /** Sends SIGKILL to all processes now. A running shutdown() ends as soon as they are gone. */
  kill(): void {
    this.#beginShutdown().kill()
    this.#unclaimed.kill()
  }

  /** Reports that a process of a service was reaped. Called by the shim. */
  exited(id: string, pid: number, status: ExitStatus, usage?: Usage): void {
    if (this.#commands.exited(id, status) || this.#unclaimed.exited(id)) return
    this.#units.find(id)?.exited(pid, status, usage)
  }

  /** Reports that a process which belongs to no service was reaped. Called by the shim. */
  orphan(pid: number, status: ExitStatus): void {
    this.#options.log.log('info', `reaped unknown pid ${pid} (${describeExit(status)})`)
    for (const service of this.#units.all) service.groups.orphanEnded()
  }

  /** Closes all pipes and timers and leaves the processes running: the next daemon process adopts them. */
  handOver(): void {
    for (const service of this.#units.all) service.handOver()
  }

  #beginShutdown(): Shutdown {
    if (this.#shutdown !== undefined) return this.#shutdown
    const { clock, log, bus, oneGroupAtATime = false } = this.#options
    this.order.withdraw()
    this.#shutdown = new Shutdown({
      graph: this.#config?.graph ?? { needs: new Map(), names: new Map() },
      oneGroupAtATime,
      groups: this.#units.groups,
      dropped: this.#units.dropped,
      timeoutSecs: this.#config?.supervisor.shutdown_timeout ?? 0,
      graceSecs: this.#config?.supervisor.kill_grace ?? 0,
      clock,
      log,
    })
    bus.emit({ type: 'supervisor-state', state: 'stopping' })
    return this.#shutdown
  }

  /** Runs changes of the configuration one at a time. */
  #oneAtATime<Result>(change: () => Promise<Result> | Result): Promise<Result> {
    const result = this.#applying.then(change)
    this.#applying = result.catch(() => {})
    return result
  }

  async #apply(asked: Config): Promise<Changes> {
    const isFirst = this.#config === undefined
    const { config, kept: essential } = keepEssential(this.#config, asked)
    for (const name of essential)
      this.#options.log.log('warn', `${name} is essential: it stays as it is`, { group: name })
    const changes = diffConfigs(this.#config, config)
    if (this.phase === 'stopping') return changes
    const oneshots = diffOneshots(this.#config?.oneshots ?? [], config.oneshots)
    const isStopping = (): boolean => this.#isStopping()
    const gone = [...changes.removed, ...oneshots.removed].map((name) => ({ name, kept: [] }))
    await this.#units.retire([...gone, ...changes.changed], this.order, isStopping)
    const kept = await this.#units.release(oneshots.changed, isStopping)
    if (this.#isStopping()) return changes
    const inherited = isFirst ? await this.#options.succession?.inherited() : undefined
    if (isFirst) removeOldLogs(config, inherited, this.#options.log)
    this.#config = config
    this.order.use(config.graph)
    const fresh = new Set([...changes.added, ...changes.changed.map((group) => group.name)])
    const context = this.#contextFor(config)
    const begun = new Set<string>()
    const slots = inherited?.slots ?? NOTHING
    const replaced = oneshots.changed.map((oneshot) =>
      this.#units.addOneshot(oneshot, context, { isUp: kept.has(oneshot.name) }),
    )
    for (const oneshot of oneshots.added)
      begun.add(this.#units.addOneshot(oneshot, context, { inherited: slots.get(slotId(oneshot.up)) }))
    const added = activeGroups(config).filter((group) => fresh.has(group.name))
    for (const group of added) for (const id of this.#units.add(group, context, slots)) begun.add(id)
    const adopted = inherited === undefined ? new Set() : adoptAll(this.#adopters, inherited)
    if (isFirst) this.#options.bus.emit({ type: 'supervisor-state', state: 'running' })
    if (inherited?.ending === undefined && !this.#isStopping())
      this.order.start(wantedUnits(config).filter((id) => begun.has(id) && !adopted.has(id)))
    for (const id of [...begun, ...replaced]) if (!adopted.has(id)) this.#units.find(id)?.remember()
    if (isFirst) this.#options.succession?.settle()
    this.#tellChanges(changes)
    return changes
  }

  #tellChanges({ added, changed, removed }: Partial<Changes>): void {
    this.#options.bus.emit({
      type: 'configuration-applied',
      added: added ?? [],
      changed: changed?.map(({ name }) => name) ?? [],
      removed: removed ?? [],
    })
  }

  /**
   * Whether a shutdown has begun. After an await the type checker would remember an earlier value of `phase`; a method
   * call avoids that.
   */
  #isStopping(): boolean {
    return this.phase === 'stopping'
  }

  get #adopters(): Adopters {
    return { units: this.#units, order: this.order, commands: this.#commands, unclaimed: this.#unclaimed }
  }

  #contextFor(config: Config): ServiceContext {
    return serviceContext(this.#options, { commands: this.#commands, starts: this.#starts, order: this.order }, config)
  }
}
