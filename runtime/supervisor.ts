// The set of all services: names → services, what is configured, and the ordered end. apply() makes a
// configuration so, at the first start and at each reload; one apply runs at a time. It speaks no protocol and
// decides nothing about a single service.

import type { Config } from '../config/config.ts'
import { serverUrl } from '../config/config.ts'
import type { EventBus } from './events/bus.ts'
import { removeStaleAutoFiles } from './log/auto-file.ts'
import type { Logger, Sink } from './log/sink.ts'
import type { Syslog } from './log/syslog.ts'
import { type Changes, diffConfigs, diffOneshots, keepEssential } from './plan/diff.ts'
import { withGroup, withoutGroup } from './plan/merge.ts'
import { BootRecord } from './plan/boot-record.ts'
import { activeGroups } from './plan/order.ts'
import { Sequencer } from './plan/sequencer.ts'
import { wantedUnits } from './plan/wanted.ts'
import { Commands } from './service/commands.ts'
import type { ServiceContext, StartOutcome, StopOutcome } from './service/context.ts'
import { describeExit } from './service/exit-status.ts'
import { readNote } from './service/note.ts'
import { slotId } from './service/spawn.ts'
import type { Unit } from './service/unit.ts'
import type { ExitStatus, HeldSlot, Shim } from './shim/shim.ts'
import { Shutdown } from './shutdown.ts'
import type { Held, Succession } from './succession.ts'
import type { Clock } from './system/clock.ts'
import { Unclaimed } from './unclaimed.ts'
import { type HeldSlots, Units } from './units.ts'

/** What a Supervisor is built from. */
export interface SupervisorOptions {
  readonly shim: Shim
  readonly clock: Clock
  readonly log: Logger
  readonly bus: EventBus
  readonly daemonEnvironment: Readonly<Record<string, string | undefined>>
  /** The daemon's own streams, for programs that log to /dev/stdout and /dev/stderr. */
  readonly stdout: Sink
  readonly stderr: Sink
  /** Groups of equal priority stop one after the other too, as supervisord's do. */
  readonly oneGroupAtATime?: boolean
  /** Takes lines for syslog. */
  readonly syslog?: Syslog
  /** What comes from the brain before and goes to the next one. */
  readonly succession?: Succession
}

const NOTHING: HeldSlots = new Map()

/** Holds all services of a daemon. */
export class Supervisor {
  /** Who waits for whom. */
  readonly order: Sequencer
  /** What the first start waited for. */
  readonly boot: BootRecord
  readonly #options: SupervisorOptions
  readonly #units: Units
  readonly #commands: Commands
  readonly #unclaimed: Unclaimed
  /** Hears the id of a unit at every turn that it takes, more often than the bus: also of pids, readiness and `finish`. */
  onTurn: ((id: string) => void) | undefined
  #config: Config | undefined
  #applying: Promise<unknown> = Promise.resolve()
  #shutdown: Shutdown | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#units = new Units(options)
    this.#commands = new Commands(options.shim, options.clock)
    this.boot = new BootRecord(() => options.clock.nowMs())
    const find = (id: string): Unit | undefined => this.#units.find(id)
    const { log, bus } = options
    this.order = new Sequencer({ log, bus, boot: this.boot, find, heard: (id) => this.onTurn?.(id) })
    this.#unclaimed = new Unclaimed(options)
    options.syslog?.connect((path, messages) => options.shim.syslog(path, messages))
  }

  /** Whether the end has begun. */
  get phase(): 'running' | 'stopping' {
    return this.#shutdown === undefined ? 'running' : 'stopping'
  }

  /** What is in force; undefined before the first apply(). */
  get config(): Config | undefined {
    return this.#config
  }

  /**
   * Makes the configuration so. The first time everything with autostart, or all that `boot` names, is started in
   * order, and nobody waits but for what it depends on. Oneshots that change are not run again. Later only groups that differ are touched: those removed are stopped and dropped, of those changed
   * the processes that differ are stopped and begin anew. Resolves when that is done; ends early when the daemon begins to stop.
   */
  apply(config: Config): Promise<Changes> {
    return this.#inTurn(() => this.#apply(config))
  }

  /** What apply() would change. */
  compare(config: Config): Changes {
    return diffConfigs(this.#config, keepEssential(this.#config, config).config)
  }

  /** Adds one group of a configuration and starts what has autostart; false when there is one of that name. */
  addGroup(name: string, wanted: Config): Promise<boolean> {
    return this.#inTurn(() => {
      const group = activeGroups(wanted).find((one) => one.name === name)
      if (group === undefined || this.#units.group(name) !== undefined || this.#isStopping()) return false
      this.#config = withGroup(this.#config ?? wanted, name, wanted)
      this.order.use(this.#config.graph)
      const units = this.#units
        .add(group, this.#serviceContext(wanted), NOTHING)
        .flatMap((id) => this.#units.find(id) ?? [])
      this.order.start(units.filter(({ settings }) => settings.autostart).map(({ id }) => id))
      for (const unit of units) unit.remember()
      return true
    })
  }

  /** Drops a group whose processes are all at rest; false when one is not. */
  removeGroup(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const units = this.#units.group(name)?.services ?? []
      if (!units.every(({ atRest }) => atRest)) return false
      await this.#units.retire([{ name, kept: [] }], this.order, () => this.#isStopping())
      if (this.#config === undefined || this.#isStopping()) return true
      this.#config = withoutGroup(this.#config, name)
      this.order.use(this.#config.graph)
      return true
    })
  }

  /** All services, sorted by group, then name. */
  services(): readonly Unit[] {
    return this.#units.sorted
  }

  /** The services of a group by priority; undefined when there is no such group. */
  group(name: string): readonly Unit[] | undefined {
    return this.#units.group(name)?.services.toSorted((a, b) => a.settings.priority - b.settings.priority)
  }

  /** The service of that name. */
  find(group: string, name: string): Unit | undefined {
    return this.#units.find(slotId({ group, name }))
  }

  /** Starts what a unit needs, then the unit; resolves when it is up or has failed. */
  start({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StartOutcome> {
    const unit = this.find(group, name)
    if (unit === undefined) return Promise.resolve('abnormal-termination')
    return unit.isUp || unit.isStopping ? unit.start() : this.order.begin(unit.id)
  }

  /** Stops those that need a unit, then the unit; resolves when it is down. */
  async stop({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StopOutcome> {
    const id = slotId({ group, name })
    return (await this.order.takeDown([id]).get(id)) ?? 'not-running'
  }

  /** Opens every log file of the services anew. */
  reopenLogs(): void {
    for (const service of this.#units.all) service.reopenLogs()
  }

  /** Stops everything in order; resolves when the last process is gone. Further calls wait for the same end. */
  async shutdown(): Promise<void> {
    await Promise.all([this.#beginShutdown().done, this.#unclaimed.gone()])
  }

  /** SIGKILL to everything now; shutdown() then ends as soon as they are gone. */
  kill(): void {
    this.#beginShutdown().kill()
    this.#unclaimed.kill()
  }

  /** A process of a service was reaped; to be connected to the shim. */
  exited(id: string, pid: number, status: ExitStatus): void {
    if (this.#commands.exited(id, status) || this.#unclaimed.exited(id)) return
    this.#units.find(id)?.exited(pid, status)
  }

  /** A process that no service knows was reaped; to be connected to the shim. */
  orphan(pid: number, status: ExitStatus): void {
    this.#options.log.log('info', `reaped unknown pid ${pid} (${describeExit(status)})`)
    for (const service of this.#units.all) service.groups.orphanEnded()
  }

  /** Lets go of all services as they are, for the next brain to adopt. */
  handOver(): void {
    this.#units.listeners.close()
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
      clock,
      log,
    })
    void this.#shutdown.done.then(() => this.#units.listeners.close())
    bus.emit({ type: 'supervisor-state', state: 'stopping' })
    return this.#shutdown
  }

  /** One change of what there is at a time. */
  #inTurn<Result>(change: () => Promise<Result> | Result): Promise<Result> {
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
    const held = isFirst ? await this.#options.succession?.held() : undefined
    if (isFirst) this.#prepare(config, held)
    this.#config = config
    this.order.use(config.graph)
    const fresh = new Set([...changes.added, ...changes.changed.map((group) => group.name)])
    const context = this.#serviceContext(config)
    const begun = new Set<string>()
    const slots = held?.slots ?? NOTHING
    const replaced = oneshots.changed.map((oneshot) =>
      this.#units.addOneshot(oneshot, context, { isUp: kept.has(oneshot.name) }),
    )
    for (const oneshot of oneshots.added)
      begun.add(this.#units.addOneshot(oneshot, context, { held: slots.get(slotId(oneshot.up)) }))
    const added = activeGroups(config).filter((group) => fresh.has(group.name))
    for (const group of added) for (const id of this.#units.add(group, context, slots)) begun.add(id)
    const adopted = held === undefined ? new Set() : this.#adopt(held)
    if (isFirst) this.#options.bus.emit({ type: 'supervisor-state', state: 'running' })
    if (held?.ending === undefined && !this.#isStopping())
      this.order.start(wantedUnits(config).filter((id) => begun.has(id) && !adopted.has(id)))
    for (const id of [...begun, ...replaced]) if (!adopted.has(id)) this.#units.find(id)?.remember()
    if (isFirst) this.#options.succession?.settle()
    return changes
  }

  /** As `phase`, for use after an await, where the type checker would remember the answer from before. */
  #isStopping(): boolean {
    return this.phase === 'stopping'
  }

  #prepare({ supervisor }: Config, held: Held | undefined): void {
    if (supervisor.nocleanup) return
    for (const path of removeStaleAutoFiles(supervisor.childlogdir, supervisor.identifier, held?.logs)) {
      this.#options.log.log('debug', `removed old log ${path}`)
    }
  }

  /** Gives the ids of units that go on as they were. What is no longer configured is stopped. */
  #adopt({ slots }: Held): ReadonlySet<string> {
    const adopted = new Set<string>()
    const isKnown = (slot: HeldSlot): boolean => this.#units.find(slot.id) !== undefined
    const found = [...slots.values()]
    for (const slot of found.filter((one) => !isKnown(one) && !this.#commands.end(one))) this.#unclaimed.take(slot)
    for (const slot of found.filter(isKnown)) {
      if (this.#units.find(slot.id)?.adopt(slot) !== true) continue
      adopted.add(slot.id)
      const { isWaiting = false, orderFailure: failure = '' } = readNote(slot.note) ?? {}
      this.order.resume(slot.id, { isWaiting, failure })
    }
    return adopted
  }

  #serviceContext({ servers, supervisor }: Config): ServiceContext {
    return {
      ...this.#options,
      commands: this.#commands,
      order: this.order,
      remember: this.#options.succession?.remember,
      serverUrl: serverUrl(servers),
      stripAnsi: supervisor.strip_ansi,
      childLogDirectory: supervisor.childlogdir,
      identifier: supervisor.identifier,
    }
  }
}
