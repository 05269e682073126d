// The set of all services: names → services, what is configured, and the ordered end. apply() makes a
// configuration so, at the first start and at each reload; one apply runs at a time. It speaks no protocol and
// decides nothing about a single service.

import { compareText } from '../config/compare.ts'
import type { Config, Group, Oneshot as OneshotSettings } from '../config/config.ts'
import { serverUrl } from '../config/config.ts'
import { withNeeds } from '../config/graph.ts'
import type { EventBus } from './events/bus.ts'
import { removeStaleAutoFiles } from './log/auto-file.ts'
import type { Logger, Sink } from './log/sink.ts'
import type { Syslog } from './log/syslog.ts'
import { type Changes, diffConfigs, diffOneshots } from './plan/diff.ts'
import { activeGroups, sortGroups } from './plan/order.ts'
import { Sequencer } from './plan/sequencer.ts'
import { Commands } from './service/commands.ts'
import type { ServiceContext, StartOutcome, StopOutcome } from './service/context.ts'
import { describeExit } from './service/exit-status.ts'
import type { GroupWatch } from './service/group-watch.ts'
import { Oneshot } from './service/oneshot.ts'
import { Service } from './service/service.ts'
import { slotId } from './service/spawn.ts'
import type { Unit } from './service/unit.ts'
import type { ExitStatus, Shim } from './shim/shim.ts'
import { Shutdown } from './shutdown.ts'
import type { Clock } from './system/clock.ts'

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
}

/** A group with its live services; a oneshot is alone in a group of its name. */
export interface LiveGroup {
  readonly name: string
  readonly priority: number
  /** In start order. */
  readonly services: readonly Unit[]
}

/** Holds all services of a daemon. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #groups = new Map<string, LiveGroup>()
  readonly #byId = new Map<string, Unit>()
  readonly #commands: Commands
  readonly #order: Sequencer
  /** What services that are no longer configured left behind. */
  #dropped: readonly GroupWatch[] = []
  #config: Config | undefined
  #applying: Promise<unknown> = Promise.resolve()
  #shutdown: Shutdown | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#commands = new Commands(options.shim, options.clock)
    this.#order = new Sequencer({ log: options.log, find: (id) => this.#byId.get(id) })
    options.syslog?.connect((path, messages) => options.shim.syslog(path, messages))
  }

  /** Whether the end has begun. */
  get phase(): 'running' | 'stopping' {
    return this.#shutdown === undefined ? 'running' : 'stopping'
  }

  /**
   * Makes the configuration so. The first time everything with autostart, or all that `boot` names, is started in
   * order, and nobody waits but for what it depends on. Oneshots that change are not run again. Later only groups that differ are touched: those removed are stopped and dropped, those changed
   * are stopped and begin anew. Resolves when that is done; ends early when the daemon begins to stop.
   */
  apply(config: Config): Promise<Changes> {
    const result = this.#applying.then(() => this.#apply(config))
    this.#applying = result.catch(() => {})
    return result
  }

  /** All services, sorted by group, then name. */
  services(): readonly Unit[] {
    return [...this.#byId.values()].sort((a, b) => compareText(a.group, b.group) || compareText(a.name, b.name))
  }

  /** The services of a group by priority; undefined when there is no such group. */
  group(name: string): readonly Unit[] | undefined {
    return this.#groups.get(name)?.services.toSorted((a, b) => a.settings.priority - b.settings.priority)
  }

  /** The service of that name. */
  find(group: string, name: string): Unit | undefined {
    return this.#byId.get(slotId({ group, name }))
  }

  /** Starts what a unit needs, then the unit; resolves when it is up or has failed. */
  start({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StartOutcome> {
    const unit = this.find(group, name)
    if (unit === undefined) return Promise.resolve('abnormal-termination')
    return unit.isUp || unit.isStopping ? unit.start() : this.#order.begin(unit.id)
  }

  /** Stops those that need a unit, then the unit; resolves when it is down. */
  async stop({ group, name }: Pick<Unit, 'group' | 'name'>): Promise<StopOutcome> {
    const id = slotId({ group, name })
    return (await this.#order.stop([id])).get(id) ?? 'not-running'
  }

  /** Opens every log file of the services anew. */
  reopenLogs(): void {
    for (const service of this.#byId.values()) service.reopenLogs()
  }

  /** Stops everything in order; resolves when the last process is gone. Further calls wait for the same end. */
  shutdown(): Promise<void> {
    return this.#beginShutdown().done
  }

  /** SIGKILL to everything now; shutdown() then ends as soon as they are gone. */
  kill(): void {
    this.#beginShutdown().kill()
  }

  /** A process of a service was reaped; to be connected to the shim. */
  exited(id: string, pid: number, status: ExitStatus): void {
    if (!this.#commands.exited(id, status)) this.#byId.get(id)?.exited(pid, status)
  }

  /** A process that no service knows was reaped; to be connected to the shim. */
  orphan(pid: number, status: ExitStatus): void {
    this.#options.log.log('info', `reaped unknown pid ${pid} (${describeExit(status)})`)
    for (const service of this.#byId.values()) service.groups.orphanEnded()
  }

  #beginShutdown(): Shutdown {
    if (this.#shutdown !== undefined) return this.#shutdown
    const { clock, log, bus, oneGroupAtATime = false } = this.#options
    this.#order.withdraw()
    this.#shutdown = new Shutdown({
      graph: this.#config?.graph ?? { needs: new Map(), names: new Map() },
      oneGroupAtATime,
      groups: [...this.#groups.values()],
      dropped: this.#dropped,
      timeoutSecs: this.#config?.supervisor.shutdown_timeout ?? 0,
      clock,
      log,
    })
    bus.emit({ type: 'supervisor-state', state: 'stopping' })
    return this.#shutdown
  }

  async #apply(config: Config): Promise<Changes> {
    const isFirst = this.#config === undefined
    const changes = diffConfigs(this.#config, config)
    if (this.phase === 'stopping') return changes
    if (isFirst) this.#prepare(config)
    const oneshots = diffOneshots(this.#config?.oneshots ?? [], config.oneshots)
    await this.#retire([...changes.removed, ...changes.changed.map((group) => group.name), ...oneshots.removed])
    const kept = await this.#release(oneshots.changed)
    if (this.#isStopping()) return changes
    this.#config = config
    this.#order.use(config.graph)
    const fresh = new Set([...changes.added, ...changes.changed.map((group) => group.name)])
    const context = this.#serviceContext(config)
    const begun = new Set<string>()
    for (const oneshot of oneshots.changed) this.#addOneshot(oneshot, context, kept.has(oneshot.name))
    for (const oneshot of oneshots.added) begun.add(this.#addOneshot(oneshot, context, false))
    const added = activeGroups(config).filter((group) => fresh.has(group.name))
    for (const group of added) for (const id of this.#add(group, context)) begun.add(id)
    if (isFirst) this.#options.bus.emit({ type: 'supervisor-state', state: 'running' })
    this.#order.start(this.#wanted(config).filter((id) => begun.has(id)))
    return changes
  }

  /** As `phase`, for use after an await, where the type checker would remember the answer from before. */
  #isStopping(): boolean {
    return this.phase === 'stopping'
  }

  #prepare({ supervisor }: Config): void {
    if (supervisor.nocleanup) return
    for (const path of removeStaleAutoFiles(supervisor.childlogdir, supervisor.identifier)) {
      this.#options.log.log('debug', `removed old log ${path}`)
    }
  }

  async #retire(names: readonly string[]): Promise<void> {
    const leaving = sortGroups(names.flatMap((name) => this.#groups.get(name) ?? []))
    await this.#order.retire(leaving.flatMap((group) => group.services.map(({ id }) => id)))
    if (this.phase === 'stopping') return
    for (const group of leaving) this.#drop(group)
  }

  #drop(group: LiveGroup): void {
    for (const service of group.services) {
      this.#byId.delete(service.id)
      service.close()
    }
    const left = group.services.map(({ groups }) => groups)
    this.#dropped = [...this.#dropped, ...left].filter((one) => one.survivors.length > 0)
    this.#groups.delete(group.name)
    this.#options.bus.emit({ type: 'group-removed', group: group.name })
  }

  /** Takes away what stands for oneshots that are to be replaced; gives the names of those that are up. */
  async #release(changed: readonly OneshotSettings[]): Promise<ReadonlySet<string>> {
    const old = changed.flatMap(({ name }) => this.#groups.get(name) ?? [])
    await Promise.all(old.flatMap(({ services }) => services.map((unit) => unit.untilAtRest())))
    const kept = old.filter(({ services }) => services.every((unit) => unit.isUp)).map(({ name }) => name)
    if (this.phase === 'running') for (const group of old) this.#drop(group)
    return new Set(kept)
  }

  /** Gives the ids of its processes. */
  #add(group: Group, context: ServiceContext): readonly string[] {
    return this.#place(
      group,
      group.processes.map((settings) => new Service(settings, context)),
    )
  }

  #addOneshot(oneshot: OneshotSettings, context: ServiceContext, isUp: boolean): string {
    const unit = new Oneshot(oneshot, context, isUp)
    this.#place({ name: oneshot.name, priority: oneshot.up.priority }, [unit])
    return unit.id
  }

  #place({ name, priority }: Pick<Group, 'name' | 'priority'>, services: readonly Unit[]): readonly string[] {
    for (const service of services) this.#byId.set(service.id, service)
    this.#groups.set(name, { name, priority, services })
    this.#options.bus.emit({ type: 'group-added', group: name })
    return services.map(({ id }) => id)
  }

  /** Ids of what is to be up. */
  #wanted({ graph, supervisor }: Config): readonly string[] {
    if (supervisor.boot !== undefined) {
      return withNeeds(
        graph,
        supervisor.boot.flatMap((name) => graph.names.get(name) ?? []),
      )
    }
    return [...graph.needs.keys()].filter((id) => this.#byId.get(id)?.settings.autostart === true)
  }

  #serviceContext({ servers, supervisor }: Config): ServiceContext {
    return {
      ...this.#options,
      commands: this.#commands,
      order: this.#order,
      serverUrl: serverUrl(servers),
      stripAnsi: supervisor.strip_ansi,
      childLogDirectory: supervisor.childlogdir,
      identifier: supervisor.identifier,
    }
  }
}
