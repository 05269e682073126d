// What only a helper that is our parent can do: keep the processes when this daemon process ends, and list them for the
// next one. See protocol.md, "A daemon process that comes again".

import { constants } from 'node:fs'
import type { Connection } from './connection.ts'
import { type Frame, fieldOf, numberOf } from './frames.ts'
import { OPCODES } from './opcodes.ts'
import type { Helper } from './helper.ts'
import { type InheritedProcess, type InheritedSlot, type Keeper, SpawnError } from '../shim.ts'
import { exitStatus } from './status.ts'

/** Longest note that the helper takes. */
const MAX_NOTE_BYTES = 4096

/** The Keeper of a helper that is our parent. */
export class ParentKeeper implements Keeper {
  readonly pid: number
  readonly isSuccession: boolean
  readonly #connection: Connection
  readonly #adopted: (id: string, process: InheritedProcess) => void
  readonly #slots: InheritedSlot[] = []
  #isListed: boolean
  /** Whether leave() was called. */
  isLeft = false

  /** `adopted` is called for each process that the helper has kept. */
  constructor(
    connection: Connection,
    { pid, daemonsBefore = 0 }: Helper,
    adopted: (id: string, process: InheritedProcess) => void,
  ) {
    this.pid = pid
    this.isSuccession = daemonsBefore > 0
    this.#isListed = !this.isSuccession
    this.#connection = connection
    this.#adopted = adopted
  }

  /**
   * Whether a report is not for the services: it belongs to a list, or it is about an end that the list contains or
   * that the next daemon process will get.
   */
  takes(frame: Frame): boolean {
    if (frame.opcode === OPCODES.slot) this.#slots.push(this.#read(frame))
    return frame.opcode === OPCODES.slot || (frame.opcode === OPCODES.exited && (this.isLeft || !this.#isListed))
  }

  list(): Promise<readonly InheritedSlot[]> {
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

  #read(frame: Frame): InheritedSlot {
    const id = fieldOf(frame, 'id') ?? ''
    const process = inheritedProcess(frame)
    if (process !== undefined) this.#adopted(id, process)
    return {
      id,
      process,
      note: fieldOf(frame, 'note') ?? '',
      stdin: this.#open(frame, 'stdin', constants.O_WRONLY),
      stdout: this.#open(frame, 'stdout', constants.O_RDONLY),
      stderr: this.#open(frame, 'stderr', constants.O_RDONLY),
      stdoutJournal: this.#open(frame, 'stdout-journal', constants.O_RDWR),
      stderrJournal: this.#open(frame, 'stderr-journal', constants.O_RDWR),
      notify: this.#open(frame, 'notify', constants.O_RDONLY),
    }
  }

  /** A pipe that cannot be opened is ignored: the process is more important than its output. */
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

function inheritedProcess(frame: Frame): InheritedProcess | undefined {
  const ageMs = numberOf(frame, 'age-ms') ?? 0
  const pid = numberOf(frame, 'pid')
  if (pid !== undefined) return { pid, ageMs, end: undefined }
  const ended = numberOf(frame, 'ended-pid')
  if (ended === undefined) return undefined
  const end = { status: exitStatus(numberOf(frame, 'status') ?? 0), agoMs: numberOf(frame, 'ended-ms') ?? 0 }
  return { pid: ended, ageMs, end }
}
