// Limits the memory, the processors and the number of processes of a service together with all its children. Each
// service gets a cgroup in `kahi-PID/` below the cgroup of the daemon: in version 2 where that has the controller, else
// in version 1. A limit that cannot be set is reported once; the service runs without it.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GroupLimits } from '../../../config/model/resource-limits.ts'
import { type Hierarchy, hierarchies } from './cgroup-mounts.ts'
import { killAll } from './cgroup-kill.ts'
import { errorCode } from '../preflight.ts'

/** The files into which a service must write its pid, and a notice for the log. */
export interface Membership {
  /** Paths of `cgroup.procs`. */
  readonly procs: readonly string[]
  readonly notice: string | undefined
}

const PERIOD_US = 100_000

/** The cgroups of one daemon. */
export class Cgroups {
  readonly #proc: string
  readonly #own: string
  /** Read at the first use. */
  #hierarchies: readonly Hierarchy[] | undefined
  /** Cgroup directories of each service. */
  readonly #services = new Map<string, readonly string[]>()
  readonly #parents = new Set<string>()
  /** Cgroups that are to be removed as soon as no process is left in them. */
  readonly #left = new Set<string>()
  readonly #told = new Set<string>()

  /** `proc` is the directory in which the kernel describes this process. */
  constructor(pid: number, proc = '/proc/self') {
    this.#own = `kahi-${pid}`
    this.#proc = proc
  }

  /** Makes the cgroups of a service and sets its limits. */
  join(service: string, limits: GroupLimits): Membership {
    const directories = new Set<string>()
    const lost: string[] = []
    for (const controller of ['memory', 'cpu', 'pids'] as const) {
      const limit = limits[controller]
      if (limit === undefined) continue
      try {
        directories.add(this.#limit(service, controller, limit))
      } catch (error) {
        lost.push(`${controller} (${error instanceof NoController ? error.message : errorCode(error)})`)
      }
    }
    if (directories.size > 0 && limits.pids === undefined) this.#addBrake(service, directories)
    this.#services.set(service, [...directories])
    for (const directory of directories) this.#left.delete(directory)
    return { procs: [...directories].map((path) => join(path, 'cgroup.procs')), notice: this.#notice(lost) }
  }

  /**
   * Takes over the cgroups that the previous daemon process made for a service. They are removed when its process has
   * ended.
   */
  adopt(service: string): void {
    const parents = this.#found().map(({ directory }) => join(directory, this.#own))
    const directories = parents.map((parent) => join(parent, service)).filter((directory) => existsSync(directory))
    if (directories.length === 0) return
    this.#services.set(service, directories)
    for (const parent of parents.filter((one) => existsSync(one))) this.#parents.add(parent)
  }

  /** Removes the cgroups of a service, at once or as soon as no process is left in them. */
  leave(service: string): void {
    for (const directory of this.#services.get(service) ?? []) this.#left.add(directory)
    this.processEnded()
  }

  /** A process has ended that belongs to no service: it may have been the last one of a cgroup. */
  processEnded(): void {
    for (const directory of this.#left) if (remove(directory)) this.#left.delete(directory)
  }

  /** Kills every process in the cgroups of a service. */
  kill(service: string): void {
    killAll(this.#services.get(service) ?? [])
  }

  /** Removes all cgroups that are empty. */
  close(): void {
    for (const service of this.#services.keys()) this.leave(service)
    for (const parent of this.#parents) giveBack(parent)
  }

  /**
   * Version 1 has no way to kill a whole cgroup at once. Where it counts processes, no new one can be made while the
   * others are killed, so it counts them for every service with a limit.
   */
  #addBrake(service: string, directories: Set<string>): void {
    const counts = this.#found().find(({ version, controllers }) => version === 1 && controllers.includes('pids'))
    if (counts === undefined) return
    try {
      directories.add(this.#limit(service, 'pids', 'max'))
    } catch {
      // it can be killed without
    }
  }

  #limit(service: string, controller: keyof GroupLimits, limit: number | 'max'): string {
    const hierarchy = this.#found().find(({ controllers }) => controllers.includes(controller))
    if (hierarchy === undefined) throw new NoController('no such controller')
    const parent = join(hierarchy.directory, this.#own)
    this.#prepare(parent, hierarchy, controller)
    const directory = join(parent, service)
    mkdirSync(directory, { recursive: true })
    for (const [file, value] of settings(hierarchy.version, controller, limit)) {
      writeFileSync(join(directory, file), value)
    }
    return directory
  }

  /**
   * After a crash or an upgrade this daemon process may have been started in the cgroup that the previous one moved to.
   */
  #found(): readonly Hierarchy[] {
    const moved = `/${this.#own}/daemon`
    this.#hierarchies ??= hierarchies(this.#proc).map((one) =>
      one.directory.endsWith(moved) ? { ...one, directory: one.directory.slice(0, -moved.length) } : one,
    )
    return this.#hierarchies
  }

  #prepare(parent: string, { version, directory }: Hierarchy, controller: string): void {
    if (!this.#parents.has(parent)) {
      sweep(directory)
      mkdirSync(parent, { recursive: true })
      this.#parents.add(parent)
    }
    if (version === 1) return
    try {
      writeFileSync(join(directory, 'cgroup.subtree_control'), `+${controller}`)
    } catch (error) {
      if (errorCode(error) !== 'EBUSY') throw error
      moveProcesses(directory, join(parent, 'daemon')) // a cgroup with children that have controllers holds no process
      writeFileSync(join(directory, 'cgroup.subtree_control'), `+${controller}`)
    }
    writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`)
  }

  #notice(lost: readonly string[]): string | undefined {
    const text = lost.join(', ')
    if (text === '' || this.#told.has(text)) return undefined
    this.#told.add(text)
    return `limits without effect, no cgroup can be written: ${text}`
  }
}

class NoController extends Error {}

function settings(
  version: 1 | 2,
  controller: keyof GroupLimits,
  limit: number | 'max',
): readonly (readonly [string, string])[] {
  if (controller === 'pids') return [['pids.max', `${limit}`]]
  if (controller === 'memory') return [[version === 2 ? 'memory.max' : 'memory.limit_in_bytes', `${limit}`]]
  const quota = limit === 'max' ? -1 : Math.max(1000, Math.round(limit * PERIOD_US))
  if (version === 2) return [['cpu.max', `${quota} ${PERIOD_US}`]]
  return [
    ['cpu.cfs_period_us', `${PERIOD_US}`],
    ['cpu.cfs_quota_us', `${quota}`],
  ]
}

/** Removes the cgroups of daemons that were killed. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^kahi-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) giveBack(join(directory, name))
  }
}

/** Removes the cgroup of a daemon and those below it. Processes that version 2 made us move are moved back first. */
function giveBack(parent: string): void {
  try {
    const names = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    for (const { name } of names) if (name !== 'daemon') remove(join(parent, name))
    if (names.some(({ name }) => name === 'daemon')) {
      const above = join(parent, '..')
      for (const path of [parent, above]) disable(path)
      moveProcesses(join(parent, 'daemon'), above)
      remove(join(parent, 'daemon'))
    }
    remove(parent)
  } catch {
    // not empty: the processes in it keep it
  }
}

function disable(directory: string): void {
  const enabled = readFileSync(join(directory, 'cgroup.subtree_control'), 'utf8').split(/\s+/).filter(Boolean)
  for (const controller of enabled) writeFileSync(join(directory, 'cgroup.subtree_control'), `-${controller}`)
}

function moveProcesses(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const pids = readFileSync(join(from, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
  for (const pid of pids) writeFileSync(join(to, 'cgroup.procs'), pid)
}

/** False when a process is left in it. */
function remove(directory: string): boolean {
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    return errorCode(error) === 'ENOENT'
  }
}
