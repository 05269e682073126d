// All units of a daemon, and what can be done with them. configuration.ts changes what runs to what a configuration
// says. This module knows no protocol, and it decides nothing about a single unit.

import type { Config } from '../../config/settings/config.ts'
import type { Changes } from '../plan/diff.ts'
import { BootRecord } from './boot-record.ts'
import { Configuration } from './configuration.ts'
import type { SupervisorOptions } from './options.ts'
import { Sequencer } from './sequencer.ts'
import { Commands } from '../service/process/commands.ts'
import type { StartOutcome, StopOutcome } from '../service/context.ts'
import { describeExit } from '../service/machine/exit-status.ts'
import { slotId } from '../service/process/spawn.ts'
import type { Unit } from '../service/unit.ts'
import type { ExitStatus, Usage } from '../shim/shim.ts'
import { Shutdown } from './shutdown.ts'
import { OrphanLog } from './orphan-log.ts'
import { Strays } from './strays.ts'
import { TakenAlong } from './taken-along.ts'
import { Unclaimed } from './unclaimed.ts'
import { Units } from './units.ts'

/** All units of a daemon. */
export class Supervisor {
  /** Starts and stops units in the order of their dependencies. */
  readonly order: Sequencer
  /** The record of the first start. */
  readonly boot: BootRecord
  readonly #options: SupervisorOptions
  readonly #units: Units
  readonly #commands: Commands
  readonly #unclaimed: Unclaimed
  readonly #configuration: Configuration
  readonly #along = new TakenAlong()
  readonly #strays: Strays
  readonly #orphans: OrphanLog
  #shutdown: Shutdown | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { shim, log, bus, clock } = options
    this.#orphans = new OrphanLog({ clock, log })
    this.#strays = new Strays({ signal: (signal) => shim.signalStrays(signal), clock, log })
    this.#units = new Units(options)
    this.#commands = new Commands(options.shim, options.clock)
    this.boot = new BootRecord(() => options.clock.nowMs())
    const find = (id: string): Unit | undefined => this.#units.find(id)
    this.order = new Sequencer({ log, bus, clock, boot: this.boot, find })
    this.#unclaimed = new Unclaimed(options)
    this.#configuration = new Configuration({
      options,
      units: this.#units,
      order: this.order,
      commands: this.#commands,
      unclaimed: this.#unclaimed,
      isStopping: () => this.phase === 'stopping',
    })
    options.syslog?.connect((path, messages) => options.shim.syslog(path, messages))
  }

  /** `stopping` from the moment that a shutdown has begun. */
  get phase(): 'running' | 'stopping' {
    return this.#shutdown === undefined ? 'running' : 'stopping'
  }

  /** The configuration in force; undefined before the first apply(). */
  get config(): Config | undefined {
    return this.#configuration.current
  }

  /**
   * Changes what runs to what the configuration says. The first call starts all programs with autostart, or the units
   * that `boot` names, in order; each unit waits only for its dependencies. Later calls touch only groups that differ:
   * removed groups are stopped and dropped, and of changed groups the processes that differ are stopped and started
   * anew. Changed oneshots are not run again. Resolves when that is done, or earlier when a shutdown begins.
   */
  apply(config: Config): Promise<Changes> {
    return this.#configuration.apply(config)
  }

  /** The changes that apply() would make. */
  compare(config: Config): Changes {
    return this.#configuration.compare(config)
  }

  /**
   * Adds one group of a configuration and starts its programs with autostart. False when a group with that name exists.
   */
  addGroup(name: string, wanted: Config): Promise<boolean> {
    return this.#configuration.addGroup(name, wanted)
  }

  /** Removes a group that has no running process. False when one is running. */
  removeGroup(name: string): Promise<boolean> {
    return this.#configuration.removeGroup(name)
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

  /**
   * Starts a unit after its dependencies, and then its dependents that were stopped with it. Resolves when it is up or
   * has failed.
   */
  start({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StartOutcome> {
    const unit = this.find(group, name)
    if (unit === undefined) return Promise.resolve('abnormal-termination')
    const outcome = unit.isUp || unit.isStopping ? unit.start() : this.order.begin(unit.id)
    this.order.start(this.#along.started(unit.id))
    return outcome
  }

  /** The dependents that were stopped with a unit: a start of it starts them too. */
  stoppedWith({ group, name }: Pick<Unit, 'group' | 'name'>): readonly string[] {
    return this.#along.of(slotId({ group, name }))
  }

  /** Stops units after all their dependents. Gives the outcome of each. */
  takeDown(units: readonly string[]): ReadonlyMap<string, Promise<StopOutcome>> {
    this.#along.stopped(
      new Set(units),
      this.order.stopPlan(units).map(({ unit }) => unit),
    )
    return this.order.takeDown(units)
  }

  /** Stops a unit after its dependents. Resolves when it is down. */
  async stop({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StopOutcome> {
    const id = slotId({ group, name })
    return (await this.takeDown([id]).get(id)) ?? 'not-running'
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
    this.#orphans.add(pid, describeExit(status))
    for (const service of this.#units.all) service.groups.orphanEnded()
    this.#strays.ended()
  }

  /** Closes all pipes and timers and leaves the processes running: the next daemon process adopts them. */
  handOver(): void {
    for (const service of this.#units.all) service.handOver()
  }

  #beginShutdown(): Shutdown {
    if (this.#shutdown !== undefined) return this.#shutdown
    const { clock, log, bus, listeners, oneGroupAtATime = false } = this.#options
    this.order.withdraw()
    this.#shutdown = new Shutdown({
      graph: this.#configuration.current?.graph ?? { needs: new Map(), names: new Map() },
      oneGroupAtATime,
      heard: async (group) => listeners?.heard(group),
      groups: this.#units.groups,
      dropped: this.#units.dropped,
      timeoutSecs: this.#configuration.current?.supervisor.shutdown_timeout ?? 0,
      graceSecs: this.#configuration.current?.supervisor.kill_grace ?? 0,
      strays: this.#strays,
      clock,
      log,
    })
    bus.emit({ type: 'supervisor-state', state: 'stopping' })
    return this.#shutdown
  }
}
