// The socket to a running helper: checks its version, matches answers to requests, notices its end. What is sent in one
// turn of the loop leaves in a few large writes: the helper starts the first programs while the brain prepares more.
// What the frames mean is the client's affair.

import { constants, openSync, readlinkSync } from 'node:fs'
import {
  encodeFields,
  encodeFrame,
  type Field,
  type Frame,
  FrameError,
  FrameReader,
  fieldOf,
  numberOf,
  OPCODES,
  PROTOCOL_VERSION,
} from './frames.ts'
import { type Helper, startHelper } from './helper.ts'
import { SpawnError } from './shim.ts'
import { errnoName } from './status.ts'

const HELLO_MS = 5000
const CLOSE_MS = 5000
/** So much is sent without waiting for the end of the turn. */
const EARLY_BYTES = 8192

/** What waits for an answer. `done` may throw a SpawnError, which is then given to `failed`. */
export interface Question {
  done(answer: Frame): void
  failed(error: SpawnError): void
}

/** Who hears what comes unasked. */
export interface Listener {
  report(frame: Frame): void
  /** The helper ended though nobody closed the connection. */
  lost(reason: string): void
}

/** Starts the helper. Rejects when it cannot be executed, speaks another version or hides its descriptors. */
export async function connect(path: string): Promise<Connection> {
  return connectTo(await startHelper(path))
}

/** As connect(), to the helper that is our parent. It takes our ids first, which its processes inherit. */
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
  /** Settled when the helper has said hello, or cannot. */
  readonly ready: Promise<void>
  readonly #helper: Helper
  readonly #reader = new FrameReader()
  readonly #questions = new Map<number, Question>()
  readonly #gone: Promise<void>
  /** As its hello says. */
  helperPid: number | undefined
  #listener: Listener | undefined
  #phase: 'starting' | 'open' | 'closing' | 'gone' = 'starting'
  #failure = ''
  #greeted: (error?: Error) => void = () => {}
  #lastRequest = 0
  #corked = false

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

  /** From now on reports go there. */
  listen(listener: Listener): void {
    this.#listener = listener
  }

  /** Sends a request; the question hears of the answer, or of the failure to get one (step `shim`). */
  ask(opcode: number, parts: () => readonly Buffer[], question: Question): void {
    try {
      if (this.#phase !== 'open') throw new SpawnError('shim', 'EPIPE')
      const request = this.#nextRequest()
      this.#send(encodeFrame(opcode, request, ...parts()))
      this.#questions.set(request, question)
    } catch (error) {
      question.failed(error instanceof FrameError ? new SpawnError('request', 'EINVAL') : asSpawnError(error))
    }
  }

  /** Sends a request whose answer nobody needs. */
  tell(opcode: number, fields: readonly Field[]): void {
    if (this.#phase === 'open') this.#send(encodeFrame(opcode, this.#nextRequest(), encodeFields(fields)))
  }

  /** Sends a request that only works or fails. Rejects with SpawnError. */
  request(opcode: number, fields: readonly Field[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ask(opcode, () => [encodeFields(fields)], { done: () => resolve(), failed: reject })
    })
  }

  /** Throws when the helper's pipes cannot be opened from here: whoever may follow such a link may read it. */
  checkDescriptors(): void {
    try {
      readlinkSync(`/proc/${this.#helper.pid}/fd/0`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`its descriptors cannot be reached through /proc: ${reason}`)
    }
  }

  /** Opens a descriptor of the helper, non-blocking. Throws a SpawnError, step `open`. */
  openEnd(fd: number, flags: number): number {
    try {
      return openSync(`/proc/${this.#helper.pid}/fd/${fd}`, flags | constants.O_NONBLOCK)
    } catch (error) {
      throw new SpawnError('open', error instanceof Error && 'code' in error ? String(error.code) : 'EIO')
    }
  }

  /** Asks the helper to end and waits until it has, or kills it after a while. */
  async close(): Promise<void> {
    if (this.#phase === 'gone') return
    this.tell(OPCODES.quit, [])
    this.#phase = 'closing'
    const deadline = setTimeout(() => this.#helper.kill(), CLOSE_MS)
    await this.#gone
    clearTimeout(deadline)
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
      this.#fail(`it talks nonsense: ${error.message}`)
    }
  }

  #handle(frame: Frame): void {
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

  /** Gives up on the helper: its end does the rest. */
  #fail(reason: string): void {
    this.#failure ||= reason
    this.#refuse(reason)
    this.#helper.kill()
  }

  #refuse(reason: string): void {
    this.#greeted(new Error(`${this.#helper.name}: ${reason}`))
  }

  #ended(ending: string): void {
    const wasOpen = this.#phase === 'open'
    const how = this.#failure || ending
    this.#phase = 'gone'
    this.#refuse(how)
    for (const question of this.#questions.values()) question.failed(new SpawnError('shim', 'EPIPE'))
    this.#questions.clear()
    if (wasOpen) this.#listener?.lost(`kahi-shim is gone: ${how}`)
  }
}

function versionProblem(frame: Frame): string | undefined {
  const version = frame.opcode === OPCODES.hello ? fieldOf(frame, 'protocol') : undefined
  if (frame.version === PROTOCOL_VERSION && version === `${PROTOCOL_VERSION}`) return undefined
  return `it speaks protocol ${version ?? frame.version}, this is kahi with protocol ${PROTOCOL_VERSION}`
}

function refusal(frame: Frame): SpawnError {
  return new SpawnError(fieldOf(frame, 'step') ?? 'shim', errnoName(numberOf(frame, 'errno') ?? 0))
}

function asSpawnError(error: unknown): SpawnError {
  if (error instanceof SpawnError) return error
  throw error
}
