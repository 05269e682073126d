// What only a helper that is our parent can do: keep the processes when this brain ends, and tell the next one what it
// holds. protocol.md, "A brain that comes again".

import { constants } from 'node:fs'
import type { Connection } from './connection.ts'
import { type Frame, fieldOf, numberOf, OPCODES } from './frames.ts'
import type { Helper } from './helper.ts'
import { type HeldProcess, type HeldSlot, type Keeper, SpawnError } from './shim.ts'
import { exitStatus } from './status.ts'

/** Longest note that the helper takes. */
const MAX_NOTE_BYTES = 4096

/** The helper above us as a Keeper. */
export class ParentKeeper implements Keeper {
  readonly pid: number
  readonly isSuccession: boolean
  readonly #connection: Connection
  readonly #adopted: (id: string, process: HeldProcess) => void
  readonly #slots: HeldSlot[] = []
  #isListed: boolean
  /** Whether leave() was called. */
  isLeft = false

  /** `adopted` hears of each process that was held. */
  constructor(
    connection: Connection,
    { pid, brainsBefore = 0 }: Helper,
    adopted: (id: string, process: HeldProcess) => void,
  ) {
    this.pid = pid
    this.isSuccession = brainsBefore > 0
    this.#isListed = !this.isSuccession
    this.#connection = connection
    this.#adopted = adopted
  }

  /** Whether a report is none for the services: it belongs to a list, or is about an end that another brain will hear of or that the list will tell. */
  takes(frame: Frame): boolean {
    if (frame.opcode === OPCODES.slot) this.#slots.push(this.#read(frame))
    return frame.opcode === OPCODES.slot || (frame.opcode === OPCODES.exited && (this.isLeft || !this.#isListed))
  }

  list(): Promise<readonly HeldSlot[]> {
    if (!this.isSuccession) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#isListed = true
        resolve(this.#slots.splice(0))
      }
      this.#connection.ask(OPCODES.list, () => [], { done, failed: reject })
    })
  }

  note(id: string, text: string): void {
    const fields = [
      ['id', id],
      ['text', text],
    ] as const
    if (Buffer.byteLength(text) <= MAX_NOTE_BYTES) this.#connection.tell(OPCODES.note, fields)
  }

  survive(on: boolean): Promise<void> {
    return this.#connection.request(OPCODES.survive, [['on', on ? 'yes' : 'no']])
  }

  upgrade(): Promise<void> {
    return this.#connection.request(OPCODES.upgrade, [])
  }

  leave(): void {
    this.isLeft = true
  }

  #read(frame: Frame): HeldSlot {
    const id = fieldOf(frame, 'id') ?? ''
    const process = heldProcess(frame)
    if (process !== undefined) this.#adopted(id, process)
    return {
      id,
      process,
      note: fieldOf(frame, 'note') ?? '',
      stdin: this.#open(frame, 'stdin', constants.O_WRONLY),
      stdout: this.#open(frame, 'stdout', constants.O_RDONLY),
      stderr: this.#open(frame, 'stderr', constants.O_RDONLY),
      notify: this.#open(frame, 'notify', constants.O_RDONLY),
    }
  }

  /** A pipe that cannot be opened is left alone: the process is worth more than what it says. */
  #open(frame: Frame, key: string, flags: number): number | undefined {
    const fd = numberOf(frame, key)
    try {
      return fd === undefined ? undefined : this.#connection.openEnd(fd, flags)
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error
      return undefined
    }
  }
}

function heldProcess(frame: Frame): HeldProcess | undefined {
  const ageMs = numberOf(frame, 'age-ms') ?? 0
  const pid = numberOf(frame, 'pid')
  if (pid !== undefined) return { pid, ageMs, end: undefined }
  const ended = numberOf(frame, 'ended-pid')
  if (ended === undefined) return undefined
  const end = { status: exitStatus(numberOf(frame, 'status') ?? 0), agoMs: numberOf(frame, 'ended-ms') ?? 0 }
  return { pid: ended, ageMs, end }
}
