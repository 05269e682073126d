// Limits of memory, processors and number of processes for a service with all its children: a cgroup for each service,
// in `kahi-PID/` below the one that the daemon runs in. Version 2 where it has the controller, else version 1. What
// cannot be had is told once; the service runs all the same.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GroupLimits } from '../../config/resource-limits.ts'
import { type Hierarchy, hierarchies } from './cgroup-mounts.ts'
import { errorCode } from './preflight.ts'

/** What a service must write its pid to, and what there is to say. */
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
  /** Found at the first use. */
  #hierarchies: readonly Hierarchy[] | undefined
  /** Directories of each service. */
  readonly #services = new Map<string, readonly string[]>()
  readonly #parents = new Set<string>()
  readonly #told = new Set<string>()

  /** `proc` is where the kernel tells of this process. */
  constructor(pid: number, proc = '/proc/self') {
    this.#own = `kahi-${pid}`
    this.#proc = proc
  }

  /** Makes the cgroups of a service with its limits. */
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
    this.#services.set(service, [...directories])
    return { procs: [...directories].map((path) => join(path, 'cgroup.procs')), notice: this.#notice(lost) }
  }

  /** Takes over the cgroups that the brain before made for a service, to remove them when its process has ended. */
  adopt(service: string): void {
    const parents = this.#found().map(({ directory }) => join(directory, this.#own))
    const directories = parents.map((parent) => join(parent, service)).filter((directory) => existsSync(directory))
    if (directories.length === 0) return
    this.#services.set(service, directories)
    for (const parent of parents.filter((one) => existsSync(one))) this.#parents.add(parent)
  }

  /** Removes the cgroups of a service, if nobody is left in them. */
  leave(service: string): void {
    for (const directory of this.#services.get(service) ?? []) remove(directory)
  }

  /** Removes everything that is empty. */
  close(): void {
    for (const service of this.#services.keys()) this.leave(service)
    for (const parent of this.#parents) giveBack(parent)
  }

  #limit(service: string, controller: keyof GroupLimits, limit: number): string {
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

  /** A brain that comes again may have been started in the cgroup that an earlier one moved to. */
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
  limit: number,
): readonly (readonly [string, string])[] {
  if (controller === 'pids') return [['pids.max', `${limit}`]]
  if (controller === 'memory') return [[version === 2 ? 'memory.max' : 'memory.limit_in_bytes', `${limit}`]]
  const quota = Math.max(1000, Math.round(limit * PERIOD_US))
  if (version === 2) return [['cpu.max', `${quota} ${PERIOD_US}`]]
  return [
    ['cpu.cfs_period_us', `${PERIOD_US}`],
    ['cpu.cfs_quota_us', `${quota}`],
  ]
}

/** Removes what daemons left behind that were killed. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^kahi-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) giveBack(join(directory, name))
  }
}

/** Removes a daemon's cgroup with those below; processes that version 2 made us move go back first. */
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
    // whoever is in there keeps it
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

function remove(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // somebody is left in it, or it is gone
  }
}
