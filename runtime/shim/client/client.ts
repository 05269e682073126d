// The Shim interface on top of a connection to kahi-shim: requests and reports of protocol.md. The end of a process is
// reported one turn of the event loop after it was read, so a caller that awaits spawn() has the Child before its end
// is reported. The end is acknowledged after that report: the note about it for the next daemon process (keeper.ts) is
// sent first.

import { closeSync, constants } from 'node:fs'
import { Cgroups, type Membership } from './cgroups.ts'
import { type Connection, connect, connectToParent } from './connection.ts'
import { encodeFields, type Field, type Frame, fieldOf, numberOf } from './frames.ts'
import { OPCODES } from './opcodes.ts'
import type { Helper } from './helper.ts'
import { ParentKeeper } from './keeper.ts'
import type {
  Child,
  InheritedProcess,
  Keeper,
  Shim,
  ShimEvents,
  SpawnError,
  SpawnRequest,
  SyslogResult,
  Usage,
} from '../shim.ts'
import { startOf } from '../../system/process-group.ts'
import { killTrees } from '../kill-trees.ts'
import { encodeSpawn } from './spawn-frame.ts'
import { errnoName, exitStatus, usageOf } from './status.ts'

/** Starts the helper at `path`. Rejects when it cannot be executed, speaks another version or hides its descriptors. */
export async function openNativeShim(path: string, events: ShimEvents): Promise<Shim> {
  return new NativeShim(await connect(path), events, undefined)
}

/** Takes the helper that is our parent already. Rejects as openNativeShim(). */
export async function adoptNativeShim(helper: Helper, events: ShimEvents): Promise<Shim> {
  return new NativeShim(await connectToParent(helper), events, helper)
}

class NativeShim implements Shim {
  readonly kind = 'native'
  readonly limits: readonly string[] = []
  readonly #connection: Connection
  readonly #events: ShimEvents
  /** Pid → start time. */
  readonly #live = new Map<number, string>()
  /** Processes that were killed because their pipes could not be opened. Their ends are not reported. */
  readonly #discarded = new Set<number>()
  /** Who waits for output in a journal: stream and slot → what to call. */
  readonly #collecting = new Map<string, () => void>()
  /** Ends that were not acknowledged yet: slot → pid. */
  readonly #unacknowledged = new Map<string, number>()
  readonly #keeper: ParentKeeper | undefined
  readonly #cgroups: Cgroups

  /** `parent` is the helper, when it started this daemon process. */
  constructor(connection: Connection, events: ShimEvents, parent: Helper | undefined) {
    this.#connection = connection
    this.#events = events
    this.#cgroups = new Cgroups(parent?.pid ?? process.pid)
    this.#keeper = parent && new ParentKeeper(connection, parent, (id, process) => this.#inherit(id, process))
    connection.listen({
      report: (frame) => this.#report(frame),
      lost: (reason) => this.#lost(reason),
      stalled: (isAnswering) => setImmediate(() => this.#events.stalled?.(isAnswering)),
    })
  }

  get reaper(): number | undefined {
    return this.#connection.helperPid
  }

  get keeper(): Keeper | undefined {
    return this.#keeper
  }

  spawn(request: SpawnRequest): Promise<Child> {
    this.#acknowledge(request.id)
    const group = request.attributes?.group
    const joined: Membership =
      group === undefined ? { procs: [], notice: undefined } : this.#cgroups.join(request.id, group)
    return new Promise((resolve, reject) => {
      const done = (answer: Frame) => resolve({ ...this.#adopt(answer), notice: joined.notice })
      const failed = (error: SpawnError) => {
        if (error.step !== 'slot') this.#cgroups.leave(request.id)
        reject(error)
      }
      const journals = this.#connection.keepsJournals ? (request.journals ?? []) : []
      const parts = () => encodeSpawn({ ...request, journals }, joined.procs)
      this.#connection.ask(OPCODES.spawn, parts, { done, failed })
    })
  }

  kill(pid: number, signal: number, target: 'process' | 'group'): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const failed = (error: SpawnError) => (isGone(error) ? resolve(false) : reject(error))
      const fields = () => [encodeFields(killFields(pid, signal, target))]
      this.#connection.ask(OPCODES.kill, fields, { done: () => resolve(true), failed })
    })
  }

  signalStrays(signal: number): Promise<number> {
    return new Promise((resolve) => {
      const fields = () => [encodeFields([['signal', `${signal}`]])]
      const done = (answer: Frame) => resolve(numberOf(answer, 'count') ?? 0)
      this.#connection.ask(OPCODES.strays, fields, { done, failed: () => resolve(0) })
    })
  }

  limit(resource: 'nofile' | 'nproc', soft: number): Promise<void> {
    const pairs = { resource, soft: `${soft}` }
    return this.#connection.request(OPCODES.limit, Object.entries(pairs))
  }

  collect(id: string, stream: 'stdout' | 'stderr', position: number, ready: () => void): void {
    this.#collecting.set(`${stream} ${id}`, ready)
    this.#connection.tell(OPCODES.collect, [
      ['id', id],
      ['stream', stream],
      ['position', `${position}`],
    ])
  }

  enlargePipe(id: string, stream: 'stdout' | 'stderr', bytes: number): Promise<void> {
    const fields: Field[] = [
      ['id', id],
      ['stream', stream],
      ['bytes', `${bytes}`],
    ]
    return new Promise((resolve, reject) => {
      this.#connection.ask(OPCODES.enlarge, () => [encodeFields(fields)], { done: () => resolve(), failed: reject })
    })
  }

  syslog(path: string, messages: readonly string[]): Promise<SyslogResult> {
    const fields: Field[] = [['path', path], ...messages.map((message): Field => ['message', message])]
    return new Promise((resolve, reject) => {
      const done = (answer: Frame) => {
        const error = numberOf(answer, 'errno') ?? 0
        resolve({ dropped: numberOf(answer, 'dropped') ?? 0, code: error === 0 ? '' : errnoName(error) })
      }
      this.#connection.ask(OPCODES.syslog, () => [encodeFields(fields)], { done, failed: reject })
    })
  }

  makeFifo(path: string, mode: number): Promise<void> {
    const fields: Field[] = [
      ['path', path],
      ['mode', mode.toString(8)],
    ]
    return this.#connection.request(OPCODES.fifo, fields)
  }

  lock(path: string): Promise<void> {
    return this.#connection.request(OPCODES.lock, [['path', path]])
  }

  unlock(path: string): void {
    this.#connection.tell(OPCODES.unlock, [['path', path]])
  }

  endInput(id: string): void {
    this.#connection.tell(OPCODES.end, [['id', id]])
  }

  killLeftovers(id: string): void {
    this.#cgroups.kill(id)
  }

  forget(id: string): void {
    this.#acknowledge(id)
    for (const stream of ['stdout', 'stderr']) this.#collecting.delete(`${stream} ${id}`)
    this.#connection.tell(OPCODES.forget, [['id', id]])
  }

  get isAnswering(): boolean {
    return this.#connection.isAnswering
  }

  responds(): Promise<boolean> {
    return this.#connection.responds()
  }

  abandon(): void {
    this.#connection.abandon()
  }

  async close(): Promise<void> {
    await this.#connection.close()
    this.#cgroups.close()
  }

  /** Opens the pipes of a new process. When that fails, the process is killed and its end is never reported. */
  #adopt(answer: Frame): Child {
    const pid = numberOf(answer, 'pid') ?? 0
    const opened: number[] = []
    const open = (key: string, flags: number) => {
      const fd = numberOf(answer, key)
      if (fd === undefined) return undefined
      const end = this.#connection.openEnd(fd, flags)
      opened.push(end)
      return end
    }
    this.#live.set(pid, startOf(pid))
    try {
      const stdin = open('stdin', constants.O_WRONLY)
      const read = (key: string) => open(key, constants.O_RDONLY)
      const journal = (stream: 'stdout' | 'stderr') => open(`${stream}-journal`, constants.O_RDWR)
      const pipes = { stdin, stdout: read('stdout'), stderr: read('stderr'), notify: read('notify') }
      return { pid, ...pipes, stdoutJournal: journal('stdout'), stderrJournal: journal('stderr') }
    } catch (error) {
      for (const fd of opened) closeSync(fd)
      this.#discarded.add(pid)
      this.#connection.tell(OPCODES.kill, killFields(pid, 9, 'group'))
      throw error
    }
  }

  #report(frame: Frame): void {
    const pid = numberOf(frame, 'pid') ?? 0
    const status = exitStatus(numberOf(frame, 'status') ?? 0)
    if (this.#keeper?.takes(frame) === true) return
    if (frame.opcode === OPCODES.exited)
      this.#exited(fieldOf(frame, 'id') ?? '', pid, { status, usage: usageOf(frame) })
    else if (frame.opcode === OPCODES.output) this.#collected(frame)
    else if (frame.opcode === OPCODES.orphan) {
      this.#cgroups.processEnded()
      this.#events.orphan(pid, status)
    }
  }

  #collected(frame: Frame): void {
    const key = `${fieldOf(frame, 'stream') ?? ''} ${fieldOf(frame, 'id') ?? ''}`
    const ready = this.#collecting.get(key)
    this.#collecting.delete(key)
    ready?.()
  }

  #exited(id: string, pid: number, end: ProcessEnd): void {
    this.#live.delete(pid)
    this.#cgroups.leave(id)
    this.#unacknowledged.set(id, pid)
    if (this.#discarded.delete(pid)) this.forget(id)
    else setImmediate(() => this.#tellExit(id, pid, end))
  }

  /**
   * Takes over a process of the previous daemon process. If it has ended already, the unit learns that from the list of
   * slots, and the end is acknowledged in the next turn of the event loop.
   */
  #inherit(id: string, { pid, end }: InheritedProcess): void {
    this.#cgroups.adopt(id)
    if (end === undefined) {
      this.#live.set(pid, startOf(pid))
      return
    }
    this.#unacknowledged.set(id, pid)
    this.#cgroups.leave(id)
    setImmediate(() => this.#acknowledge(id))
  }

  #tellExit(id: string, pid: number, { status, usage }: ProcessEnd): void {
    if (this.#keeper?.isLeft === true) return
    this.#events.exited(id, pid, status, usage)
    this.#acknowledge(id)
  }

  /** Frees the slot of a process that has ended. */
  #acknowledge(id: string): void {
    const pid = this.#unacknowledged.get(id)
    if (pid === undefined) return
    this.#unacknowledged.delete(id)
    this.#connection.tell(OPCODES.acknowledge, [
      ['id', id],
      ['pid', `${pid}`],
    ])
  }

  /** The services have lost their parent. They are killed, because no process supervises them any more. */
  #lost(reason: string): void {
    killTrees(this.#live)
    setImmediate(() => this.#events.lost(reason))
  }
}

interface ProcessEnd {
  readonly status: ReturnType<typeof exitStatus>
  readonly usage: Usage
}

function killFields(pid: number, signal: number, target: 'process' | 'group'): Field[] {
  return [
    ['pid', `${pid}`],
    ['signal', `${signal}`],
    ['target', target],
  ]
}

function isGone(error: SpawnError): boolean {
  return error.code === 'ESRCH' || error.step === 'shim'
}
