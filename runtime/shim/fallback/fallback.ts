// The shim without native code, for machines where kahi-shim cannot run. It uses child_process, FIFOs as pipes, and a
// shell that kills the process groups when the daemon process has ended. It is slower and less exact than the helper;
// `limits` lists the differences.

import type { ChildProcess } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { Conduits } from './conduits.ts'
import { FALLBACK_LIMITS } from './fallback-limits.ts'
import { FifoPool, openEnd } from './fifo-pool.ts'
import { allEnded } from './children.ts'
import { Groups } from './groups.ts'
import { launch } from './launch.ts'
import { checkSpawn, errorCode } from '../preflight.ts'
import { type Child, type Shim, type ShimEvents, SpawnError, type SpawnRequest, type SyslogResult } from '../shim.ts'

const OWN = { stdout: 1, stderr: 2 } as const

/** Opens a shim without a helper. `reason` says why there is no helper; it becomes the first of the `limits`. */
export function openFallbackShim(events: ShimEvents, reason: string): Shim {
  return new FallbackShim(events, reason)
}

interface Slot {
  /** A process is running or is being started. */
  busy: boolean
  /** Descriptors of the slot's FIFOs, each with both ends. */
  stdout: number | undefined
  stderr: number | undefined
}

/** The descriptors of one start: three for the child, and those of the daemon process. */
interface Ends {
  child: number[]
  stdin: number | undefined
  stdout: number | undefined
  stderr: number | undefined
  notify: number | undefined
}

class FallbackShim implements Shim {
  readonly kind = 'fallback'
  readonly isAnswering = true
  readonly reaper = undefined
  readonly keeper = undefined
  readonly limits: readonly string[]
  readonly #events: ShimEvents
  readonly #fifos = new FifoPool()
  readonly #conduits = new Conduits(this.#fifos)
  readonly #slots = new Map<string, Slot>()
  readonly #live = new Map<number, ChildProcess>()
  readonly #groups = new Groups()
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
    try {
      if (target === 'group') return this.#groups.signal(pid, signal)
      if (!this.#live.has(pid)) return false
      process.kill(pid, signal)
      return true
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw new SpawnError('kill', errorCode(error))
      return false
    }
  }

  /** Nothing reaps the processes that have left their groups. */
  signalStrays(): Promise<number> {
    return Promise.resolve(0)
  }

  /** Node.js cannot set limits; `limits` says so. */
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

  killLeftovers(): void {}

  /** There are no journals. */
  collect(): void {}

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

  responds(): Promise<boolean> {
    return Promise.resolve(true)
  }

  abandon(): void {}

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#groups.killAll()
    await allEnded([...this.#live.values()])
    await this.#groups.close()
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
      child.once('exit', (code, signal) => this.#ended(request.id, slot, pid, code, signal))
      return { pid, stdin: ends.stdin, stdout: ends.stdout, stderr: ends.stderr, notify: ends.notify }
    } catch (error) {
      closeAll([ends.stdin, ends.stdout, ends.stderr, ends.notify])
      throw error instanceof SpawnError ? error : new SpawnError('open', errorCode(error))
    } finally {
      closeAll(ends.child)
    }
  }

  /** Adds descriptors to `ends` one by one, so that the caller can close those that were opened before one failed. */
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

  /** The descriptor of the child is added last; launch() gives it its number. */
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
    this.#groups.leaderEnded(pid)
    if (this.#closing) return
    const number = signal === null ? undefined : osConstants.signals[signal]
    this.#events.exited(id, pid, {
      code: number === undefined ? (code ?? 0) : undefined,
      signal: number,
      coreDumped: false,
    })
  }
}

function openNull(): number {
  return openSync('/dev/null', constants.O_RDWR)
}

/** Closes the descriptors, except those that the daemon was started with. */
function closeAll(fds: readonly (number | undefined)[]): void {
  for (const fd of fds) if (fd !== undefined && fd > OWN.stderr) closeSync(fd)
}
