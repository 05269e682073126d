// The shim without native code, for machines where kahi-shim cannot run: child_process, FIFOs as pipes and a shell
// that kills the groups when the brain is gone. Slower and less exact than the helper; `limits` says in what.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { Conduits } from './conduits.ts'
import { FALLBACK_LIMITS } from './fallback-limits.ts'
import { FifoPool, openEnd } from './fifo-pool.ts'
import { Guardian } from './guardian.ts'
import { changesUser, checkSpawn, errorCode } from './preflight.ts'
import { type Child, type Shim, type ShimEvents, SpawnError, type SpawnRequest, type SyslogResult } from './shim.ts'

const CLOSE_MS = 2000
const OWN = { stdout: 1, stderr: 2 } as const

/** A shim that needs no helper. `reason` says why there is none and leads the limits. */
export function openFallbackShim(events: ShimEvents, reason: string): Shim {
  return new FallbackShim(events, reason)
}

interface Slot {
  /** A process lives or is about to. */
  busy: boolean
  /** Both ends of the slot's FIFOs. */
  stdout: number | undefined
  stderr: number | undefined
}

/** Descriptors of one start: the child's three, and the brain's own. */
interface Ends {
  child: number[]
  stdin: number | undefined
  stdout: number | undefined
  stderr: number | undefined
  notify: number | undefined
}

class FallbackShim implements Shim {
  readonly kind = 'fallback'
  readonly reaper = undefined
  readonly keeper = undefined
  readonly limits: readonly string[]
  readonly #events: ShimEvents
  readonly #fifos = new FifoPool()
  readonly #conduits = new Conduits(this.#fifos)
  readonly #guardian = new Guardian()
  readonly #slots = new Map<string, Slot>()
  readonly #live = new Map<number, ChildProcess>()
  readonly #groups = new Set<number>()
  #closing = false

  constructor(events: ShimEvents, reason: string) {
    this.#events = events
    this.limits = [`The native helper is not used: ${reason}.`, ...FALLBACK_LIMITS]
  }

  async spawn(request: SpawnRequest): Promise<Child> {
    if (this.#closing) throw new SpawnError('shim', 'EPIPE')
    checkSpawn(request)
    const known = this.#slots.get(request.id)
    if (known?.busy === true) throw new SpawnError('slot', 'EBUSY')
    const slot = known ?? { busy: true, stdout: undefined, stderr: undefined }
    const before = { ...slot }
    slot.busy = true
    this.#slots.set(request.id, slot)
    try {
      return await this.#spawnInto(slot, request)
    } catch (error) {
      closeAll([slot.stdout === before.stdout ? undefined : slot.stdout])
      closeAll([slot.stderr === before.stderr ? undefined : slot.stderr])
      Object.assign(slot, before, { busy: false })
      if (known === undefined) this.#slots.delete(request.id)
      throw error
    }
  }

  async kill(pid: number, signal: number, target: 'process' | 'group'): Promise<boolean> {
    const known = target === 'group' ? this.#groups.has(pid) : this.#live.has(pid)
    if (!known) return false
    try {
      process.kill(target === 'group' ? -pid : pid, signal)
      return true
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw new SpawnError('kill', errorCode(error))
      this.#prune()
      return false
    }
  }

  /** Node cannot; `limits` says so. */
  limit(): Promise<void> {
    return Promise.resolve()
  }

  enlargePipe(): Promise<void> {
    return Promise.reject(new SpawnError('enlarge', 'ENOSYS'))
  }

  syslog(): Promise<SyslogResult> {
    return Promise.reject(new SpawnError('syslog', 'ENOSYS'))
  }

  makeFifo(): Promise<void> {
    return Promise.reject(new SpawnError('fifo', 'ENOSYS'))
  }

  lock(): Promise<void> {
    return Promise.reject(new SpawnError('lock', 'ENOSYS'))
  }

  unlock(): void {}

  endInput(id: string): void {
    this.#conduits.endInput(id)
  }

  forget(id: string): void {
    const slot = this.#slots.get(id)
    if (slot === undefined || slot.busy) return
    this.#slots.delete(id)
    closeAll([slot.stdout, slot.stderr])
    this.#conduits.forget(id)
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    for (const group of this.#groups) isThere(group, 'SIGKILL')
    await allEnded([...this.#live.values()])
    await this.#guardian.close()
    this.#groups.clear()
    for (const slot of this.#slots.values()) closeAll([slot.stdout, slot.stderr])
    this.#slots.clear()
    this.#conduits.close()
    this.#fifos.close()
  }

  async #spawnInto(slot: Slot, request: SpawnRequest): Promise<Child> {
    const ends: Ends = { child: [], stdin: undefined, stdout: undefined, stderr: undefined, notify: undefined }
    try {
      await this.#openEnds(ends, slot, request)
      if (this.#closing) throw new SpawnError('shim', 'EPIPE')
      const child = await launch(request, ends.child)
      const pid = child.pid ?? 0
      this.#live.set(pid, child)
      this.#groups.add(pid)
      this.#guardian.add(pid)
      child.once('exit', (code, signal) => this.#ended(request.id, slot, pid, code, signal))
      return { pid, stdin: ends.stdin, stdout: ends.stdout, stderr: ends.stderr, notify: ends.notify }
    } catch (error) {
      closeAll([ends.stdin, ends.stdout, ends.stderr, ends.notify])
      throw error instanceof SpawnError ? error : new SpawnError('open', errorCode(error))
    } finally {
      closeAll(ends.child)
    }
  }

  /** Fills `ends` one by one, so that the caller can close what there is when one cannot be had. */
  async #openEnds(ends: Ends, slot: Slot, request: SpawnRequest): Promise<void> {
    this.#conduits.use(request)
    if (request.reads !== undefined) ends.child.push(await this.#conduits.end(request.reads, 'read'))
    else if (request.stdin === 'pipe') {
      const both = await this.#fifos.take()
      try {
        ends.child.push(openEnd(both, constants.O_RDONLY))
        ends.stdin = openEnd(both, constants.O_WRONLY | constants.O_NONBLOCK)
      } finally {
        closeSync(both)
      }
    } else ends.child.push(request.stdin === 'inherit' ? 0 : openNull())
    await this.#openOutput('stdout', ends, slot, request)
    await this.#openOutput('stderr', ends, slot, request)
    if (request.notify !== undefined) await this.#openNotify(ends)
  }

  /** The child's end comes last; launch() gives it its number. */
  async #openNotify(ends: Ends): Promise<void> {
    const both = await this.#fifos.take()
    try {
      ends.notify = openEnd(both, constants.O_RDONLY | constants.O_NONBLOCK)
      ends.child.push(openEnd(both, constants.O_WRONLY))
    } finally {
      closeSync(both)
    }
  }

  async #openOutput(stream: 'stdout' | 'stderr', ends: Ends, slot: Slot, request: SpawnRequest): Promise<void> {
    const holder = request[stream] === 'stdout' ? 'stdout' : stream
    if (request.writes !== undefined && holder === 'stdout') {
      ends.child.push(await this.#conduits.end(request.writes, 'write'))
      return
    }
    if (request[holder] !== 'pipe') {
      ends.child.push(request[holder] === 'inherit' ? OWN[holder] : openNull())
      return
    }
    const both = slot[holder] ?? (await this.#fifos.take())
    if (slot[holder] === undefined) {
      slot[holder] = both
      ends[holder] = openEnd(both, constants.O_RDONLY | constants.O_NONBLOCK)
    }
    ends.child.push(openEnd(both, constants.O_WRONLY))
  }

  #ended(id: string, slot: Slot, pid: number, code: number | null, signal: NodeJS.Signals | null): void {
    slot.busy = false
    this.#live.delete(pid)
    this.#prune()
    if (this.#closing) return
    const number = signal === null ? undefined : osConstants.signals[signal]
    this.#events.exited(id, pid, {
      code: number === undefined ? (code ?? 0) : undefined,
      signal: number,
      coreDumped: false,
    })
  }

  /** Forgets groups without leader and members: their numbers may be given away again. */
  #prune(): void {
    for (const group of this.#groups) {
      if (this.#live.has(group) || isThere(group, 0)) continue
      this.#groups.delete(group)
      this.#guardian.remove(group)
    }
  }
}

/** Starts the program. */
async function launch(request: SpawnRequest, ends: readonly number[]): Promise<ChildProcess> {
  const stdio: ('ignore' | number)[] = ends.slice(0, 3)
  const [notify] = ends.slice(3)
  if (typeof request.notify === 'number' && notify !== undefined) {
    while (stdio.length < request.notify) stdio.push('ignore')
    stdio[request.notify] = notify
  }
  const user =
    changesUser(request) && request.user !== undefined ? { uid: request.user.uid, gid: request.user.gid } : {}
  const cwd = request.directory === undefined ? {} : { cwd: request.directory }
  const file = request.file.includes('/') ? request.file : `./${request.file}`
  const options = {
    argv0: request.argv[0] ?? file,
    env: { ...request.environment },
    stdio,
    detached: true,
    ...user,
    ...cwd,
  }
  try {
    const child = withUmask(request.umask, () => spawn(file, request.argv.slice(1), options))
    const failure = once(child, 'error')
    if (child.pid === undefined) throw (await failure)[0]
    failure.catch(() => {})
    return child
  } catch (error) {
    throw new SpawnError(errorCode(error) === 'EPERM' ? 'setuid' : 'exec', errorCode(error))
  }
}

/** A umask is inherited, so it becomes ours for the moment that the fork takes. */
function withUmask<T>(umask: number | undefined, action: () => T): T {
  if (umask === undefined) return action()
  const before = process.umask(umask)
  try {
    return action()
  } finally {
    process.umask(before)
  }
}

function openNull(): number {
  return openSync('/dev/null', constants.O_RDWR)
}

/** All but those that the daemon was started with. */
function closeAll(fds: readonly (number | undefined)[]): void {
  for (const fd of fds) if (fd !== undefined && fd > OWN.stderr) closeSync(fd)
}

/** Signals a group; false when it has no members. */
function isThere(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** Resolves when all have ended, or after a moment when one does not. */
async function allEnded(children: readonly ChildProcess[]): Promise<void> {
  const deadline = AbortSignal.timeout(CLOSE_MS)
  const ends = children.filter(isAlive).map((child) => once(child, 'exit', { signal: deadline }))
  await Promise.allSettled(ends)
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
