// The socket to a running helper: checks its version, matches answers to requests, notices its end. Requests of one
// turn of the event loop are sent together in a few large writes; from a certain size on they are sent earlier, so the
// helper starts the first programs while the daemon process prepares more. The meaning of the frames is known to
// client.ts alone.

import { constants, openSync, readlinkSync } from 'node:fs'
import { asSpawnError, refusal, versionProblem } from './answers.ts'
import {
  encodeFields,
  encodeFrame,
  type Field,
  type Frame,
  FrameError,
  FrameReader,
  fieldOf,
  numberOf,
} from './frames.ts'
import { OPCODES } from './opcodes.ts'
import { type Helper, startHelper } from './helper.ts'
import { SpawnError } from '../shim.ts'
import { isOver, Liveness } from './liveness.ts'

const HELLO_MS = 5000
const CLOSE_MS = 5000
const KILLED_MS = 5000
/** When so much is waiting, it is sent before the end of the turn of the event loop. */
const EARLY_BYTES = 8192

/** A request that waits for its answer. `done` may throw a SpawnError, which is then given to `failed`. */
export interface Question {
  done(answer: Frame): void
  failed(error: SpawnError): void
}

/** Gets the frames that answer no request. */
export interface Listener {
  report(frame: Frame): void
  /** The helper has ended, though close() was not called. */
  lost(reason: string): void
  /** The helper does not answer any more, or answers again. */
  stalled(isAnswering: boolean): void
}

/** Starts the helper. Rejects when it cannot be executed, speaks another version or hides its descriptors. */
export async function connect(path: string): Promise<Connection> {
  return connectTo(await startHelper(path))
}

/**
 * As connect(), for the helper that is the parent of this process. It takes over our user and groups first: its
 * processes inherit them.
 */
export function connectToParent(helper: Helper): Promise<Connection> {
  return connectTo(helper, (connection) => connection.request(OPCODES.become, ownIds()))
}

async function connectTo(helper: Helper, prepare?: (connection: Connection) => Promise<void>): Promise<Connection> {
  const connection = new Connection(helper)
  await connection.ready
  try {
    await prepare?.(connection)
    connection.checkDescriptors()
    return connection
  } catch (error) {
    helper.kill()
    throw new Error(`${helper.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function ownIds(): Field[] {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: process.getgroups?.() ?? [] }
  return [
    ['uid', `${own.uid}`],
    ['gid', `${own.gid}`],
    ['groups', own.groups.join(',')],
  ]
}

/** The link to one helper, from its start to its end. */
export class Connection {
  /** Resolves when the helper has sent its HELLO; rejects when it cannot be used. */
  readonly ready: Promise<void>
  readonly #helper: Helper
  readonly #reader = new FrameReader()
  readonly #questions = new Map<number, Question>()
  readonly #gone: Promise<void>
  /** The pid that the helper's HELLO names. */
  helperPid: number | undefined
  /** Whether the helper can read pipes into journals; one that an older kahi left cannot. */
  keepsJournals = false
  #listener: Listener | undefined
  #phase: 'starting' | 'open' | 'closing' | 'gone' = 'starting'
  #failure = ''
  #greeted: (error?: Error) => void = () => {}
  #lastRequest = 0
  #corked = false
  readonly #liveness = new Liveness({
    ping: () => this.#ping(),
    unanswered: () => this.#questions.size,
    changed: (isAnswering) => this.#listener?.stalled(isAnswering),
  })

  constructor(helper: Helper) {
    this.#helper = helper
    this.ready = new Promise((resolve, reject) => {
      this.#greeted = (error) => (error === undefined ? resolve() : reject(error))
    })
    this.#gone = helper.ended.then((how) => this.#ended(how))
    const deadline = setTimeout(() => this.#fail('it does not say hello'), HELLO_MS)
    this.ready.catch(() => {}).finally(() => clearTimeout(deadline))
    helper.socket.on('error', () => {})
    helper.socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  /** From now on reports go to this listener. */
  listen(listener: Listener): void {
    this.#listener = listener
  }

  /** Sends a request. `question` gets the answer, or the reason why there is none (step `shim`). */
  ask(opcode: number, parts: () => readonly Buffer[], question: Question): void {
    try {
      if (this.#phase !== 'open') throw new SpawnError('shim', 'EPIPE')
      const request = this.#nextRequest()
      this.#send(encodeFrame(opcode, request, ...parts()))
      this.#questions.set(request, question)
      this.#liveness.asked()
    } catch (error) {
      question.failed(error instanceof FrameError ? new SpawnError('request', 'EINVAL') : asSpawnError(error))
    }
  }

  /** Sends a request without waiting for its answer. */
  tell(opcode: number, fields: readonly Field[]): void {
    if (this.#phase === 'open') this.#send(encodeFrame(opcode, this.#nextRequest(), encodeFields(fields)))
  }

  /** Sends a request whose answer has no content. Rejects with SpawnError when it fails. */
  request(opcode: number, fields: readonly Field[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ask(opcode, () => [encodeFields(fields)], { done: () => resolve(), failed: reject })
    })
  }

  /** Throws when the pipes of the helper cannot be opened from this process through /proc. */
  checkDescriptors(): void {
    try {
      readlinkSync(`/proc/${this.#pid}/fd/0`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`its descriptors cannot be reached through /proc: ${reason}`)
    }
  }

  /** Opens a descriptor of the helper, non-blocking. Throws a SpawnError, step `open`. */
  openEnd(fd: number, flags: number): number {
    try {
      return openSync(`/proc/${this.#pid}/fd/${fd}`, flags | constants.O_NONBLOCK)
    } catch (error) {
      throw new SpawnError('open', error instanceof Error && 'code' in error ? String(error.code) : 'EIO')
    }
  }

  /** False from the moment that the helper was found not to answer, until its next answer. */
  get isAnswering(): boolean {
    return this.#liveness.isAnswering
  }

  /** Asks whether the helper answers. Resolves after two seconds at most. */
  async responds(): Promise<boolean> {
    return this.#phase === 'open' && (await this.#liveness.ask())
  }

  /** Kills the helper. Its children end with it, and the connection is lost. */
  abandon(): void {
    if (this.#helper.abandon === undefined) this.#helper.kill(this.#pid)
    else this.#helper.abandon()
  }

  /** Asks the helper to end and waits until it has, or kills it after a while. Resolves after 15 seconds at most. */
  async close(): Promise<void> {
    if (this.#phase === 'gone') return
    this.tell(OPCODES.quit, [])
    this.#phase = 'closing'
    if (await isOver(this.#gone, this.isAnswering ? CLOSE_MS : 0)) return
    this.abandon()
    if (await isOver(this.#gone, KILLED_MS)) return
    this.#helper.kill()
    await isOver(this.#gone, KILLED_MS)
  }

  /** The process whose descriptors are opened: with a guard, that is the child of the process that was started. */
  get #pid(): number {
    return this.helperPid ?? this.#helper.pid
  }

  /** A helper that does not know PING answers with an error, which counts as an answer. */
  #ping(): Promise<boolean> {
    return new Promise((resolve) => {
      const failed = ({ step }: SpawnError) => resolve(step !== 'guard' && step !== 'shim')
      this.ask(OPCODES.ping, () => [], { done: () => resolve(true), failed })
    })
  }

  #nextRequest(): number {
    this.#lastRequest = (this.#lastRequest % 0x7fffffff) + 1
    return this.#lastRequest
  }

  #send(bytes: Buffer): void {
    if (!this.#corked) {
      this.#corked = true
      this.#helper.socket.cork()
      process.nextTick(() => {
        this.#corked = false
        this.#helper.socket.uncork()
      })
    }
    const { socket } = this.#helper
    socket.write(bytes)
    if (socket.writableLength < EARLY_BYTES) return
    socket.uncork()
    socket.cork()
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#handle(frame)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.#fail(`it sends invalid data: ${error.message}`)
    }
  }

  #handle(frame: Frame): void {
    this.#liveness.heard()
    if (this.#phase === 'starting') this.#greet(frame)
    else if (frame.opcode === OPCODES.done || frame.opcode === OPCODES.failed) this.#answer(frame)
    else this.#listener?.report(frame)
  }

  #greet(frame: Frame): void {
    const problem = versionProblem(frame)
    if (problem !== undefined) {
      this.#fail(problem)
      return
    }
    this.#phase = 'open'
    this.helperPid = numberOf(frame, 'pid')
    this.keepsJournals = fieldOf(frame, 'journals') === 'yes'
    this.#greeted()
  }

  #answer(frame: Frame): void {
    const question = this.#questions.get(frame.request)
    this.#questions.delete(frame.request)
    try {
      if (frame.opcode === OPCODES.failed) throw refusal(frame)
      question?.done(frame)
    } catch (error) {
      question?.failed(error instanceof SpawnError ? error : new SpawnError('shim', 'EPROTO'))
      if (!(error instanceof SpawnError)) throw error
    }
  }

  /** Kills the helper; the code for its end does the rest. */
  #fail(reason: string): void {
    this.#failure ||= reason
    this.#refuse(reason)
    this.#helper.kill(this.#pid)
  }

  #refuse(reason: string): void {
    this.#greeted(new Error(`${this.#helper.name}: ${reason}`))
  }

  #ended(ending: string): void {
    const wasOpen = this.#phase === 'open'
    const how = this.#failure || ending
    this.#phase = 'gone'
    this.#liveness.close()
    this.#refuse(how)
    for (const question of this.#questions.values()) question.failed(new SpawnError('shim', 'EPIPE'))
    this.#questions.clear()
    if (wasOpen) this.#listener?.lost(`kahi-shim is gone: ${how}`)
  }
}
