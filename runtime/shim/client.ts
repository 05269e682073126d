// The native shim as the brain sees it: requests and reports of protocol.md as the Shim interface. An end of a process
// is told one turn after it was read, so that whoever awaits spawn() has the Child before it hears of its end. It is
// acknowledged when it was heard: what the listener noted about it for the next brain (keeper.ts) is sent before.

import { closeSync, constants } from 'node:fs'
import { Cgroups, type Membership } from './cgroups.ts'
import { type Connection, connect, connectToParent } from './connection.ts'
import { encodeFields, type Field, type Frame, fieldOf, numberOf, OPCODES } from './frames.ts'
import type { Helper } from './helper.ts'
import { ParentKeeper } from './keeper.ts'
import type { Child, HeldProcess, Keeper, Shim, ShimEvents, SpawnError, SpawnRequest, SyslogResult } from './shim.ts'
import { encodeSpawn } from './spawn-frame.ts'
import { errnoName, exitStatus } from './status.ts'

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
  readonly #live = new Set<number>()
  /** Processes that were killed because their pipes could not be opened: nobody knows them. */
  readonly #discarded = new Set<number>()
  /** Ends that were not acknowledged yet: slot → pid. */
  readonly #unacknowledged = new Map<string, number>()
  readonly #keeper: ParentKeeper | undefined
  readonly #cgroups: Cgroups

  /** `parent` is the helper when it started us. */
  constructor(connection: Connection, events: ShimEvents, parent: Helper | undefined) {
    this.#connection = connection
    this.#events = events
    this.#cgroups = new Cgroups(parent?.pid ?? process.pid)
    this.#keeper = parent && new ParentKeeper(connection, parent, (id, process) => this.#hold(id, process))
    connection.listen({ report: (frame) => this.#report(frame), lost: (reason) => this.#lost(reason) })
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
      this.#connection.ask(OPCODES.spawn, () => encodeSpawn(request, joined.procs), { done, failed })
    })
  }

  kill(pid: number, signal: number, target: 'process' | 'group'): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const failed = (error: SpawnError) => (isNobody(error) ? resolve(false) : reject(error))
      const fields = () => [encodeFields(killFields(pid, signal, target))]
      this.#connection.ask(OPCODES.kill, fields, { done: () => resolve(true), failed })
    })
  }

  limit(resource: 'nofile' | 'nproc', soft: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fields: Field[] = [
        ['resource', resource],
        ['soft', `${soft}`],
      ]
      this.#connection.ask(OPCODES.limit, () => [encodeFields(fields)], { done: () => resolve(), failed: reject })
    })
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

  forget(id: string): void {
    this.#acknowledge(id)
    this.#connection.tell(OPCODES.forget, [['id', id]])
  }

  async close(): Promise<void> {
    await this.#connection.close()
    this.#cgroups.close()
  }

  /** Opens what a new process needs of its pipes; when that fails the process is killed and never mentioned again. */
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
    this.#live.add(pid)
    try {
      const stdin = open('stdin', constants.O_WRONLY)
      const read = (key: string) => open(key, constants.O_RDONLY)
      return { pid, stdin, stdout: read('stdout'), stderr: read('stderr'), notify: read('notify') }
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
    if (frame.opcode === OPCODES.exited) this.#exited(fieldOf(frame, 'id') ?? '', pid, status)
    else if (frame.opcode === OPCODES.orphan) this.#events.orphan(pid, status)
  }

  #exited(id: string, pid: number, status: ReturnType<typeof exitStatus>): void {
    this.#live.delete(pid)
    this.#cgroups.leave(id)
    this.#unacknowledged.set(id, pid)
    if (this.#discarded.delete(pid)) this.forget(id)
    else setImmediate(() => this.#tellExit(id, pid, status))
  }

  /** Takes a process of the brain before. Its end, if that is what was held, is heard in the turn that tells of it. */
  #hold(id: string, { pid, end }: HeldProcess): void {
    this.#cgroups.adopt(id)
    if (end === undefined) {
      this.#live.add(pid)
      return
    }
    this.#unacknowledged.set(id, pid)
    this.#cgroups.leave(id)
    setImmediate(() => this.#acknowledge(id))
  }

  #tellExit(id: string, pid: number, status: ReturnType<typeof exitStatus>): void {
    if (this.#keeper?.isLeft === true) return
    this.#events.exited(id, pid, status)
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

  /** Nobody is left to look after what the helper was parent of: better dead than running unseen. */
  #lost(reason: string): void {
    for (const pid of this.#live) killGroup(pid)
    setImmediate(() => this.#events.lost(reason))
  }
}

function killFields(pid: number, signal: number, target: 'process' | 'group'): Field[] {
  return [
    ['pid', `${pid}`],
    ['signal', `${signal}`],
    ['target', target],
  ]
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it is gone already
  }
}

function isNobody(error: SpawnError): boolean {
  return error.code === 'ESRCH' || error.step === 'shim'
}
