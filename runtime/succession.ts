// One brain after another: what this one finds of the one before, and what it leaves to the next. The processes
// themselves are kept by the helper that is our parent (protocol.md, "A brain that comes again"). decision 7.

import { readNote } from './service/note.ts'
import type { HeldSlot, Keeper } from './shim/shim.ts'

/** What was found. */
export interface Held {
  /** By id, in no order. */
  readonly slots: ReadonlyMap<string, HeldSlot>
  /** Log files that are in use. */
  readonly logs: ReadonlySet<string>
}

/** What a Succession needs. */
export interface SuccessionOptions {
  /** Undefined where the helper is not our parent: then there is neither a brain before nor one after. */
  readonly keeper: Keeper | undefined
  /** `survive = true`. */
  readonly isWanted: boolean
  readonly ownPid: number
  readonly reportBug: (error: unknown) => void
}

/** The place of this brain between two others. */
export class Succession {
  readonly #options: SuccessionOptions
  /** Takes a note for the next brain; undefined when there will be none. */
  readonly remember: ((id: string, note: string) => void) | undefined
  #isSettled = false
  #isLeaving = false

  constructor(options: SuccessionOptions) {
    this.#options = options
    const { keeper, isWanted } = options
    this.remember = keeper !== undefined && isWanted ? (id, note) => keeper.note(id, note) : undefined
  }

  /** Whether a next brain finds the processes as they are. */
  get isPossible(): boolean {
    return this.remember !== undefined
  }

  /** The pid that stays the same: what people signal and pidfiles name. */
  get pid(): number {
    const { keeper, ownPid } = this.#options
    return this.isPossible ? (keeper?.pid ?? ownPid) : ownPid
  }

  /** Whether our end must leave the processes alone: handed over, or never taken over from the brain before. */
  get leavesAll(): boolean {
    return this.#isLeaving || (this.#options.keeper?.isSuccession === true && !this.#isSettled)
  }

  /** What the brain before has left; undefined when there was none. */
  async held(): Promise<Held | undefined> {
    const { keeper } = this.#options
    if (keeper?.isSuccession !== true) return undefined
    const slots = await keeper.list()
    const logs = slots.flatMap(({ note }) => Object.values(readNote(note)?.logs ?? {}))
    return { slots: new Map(slots.map((slot) => [slot.id, slot])), logs: new Set(logs) }
  }

  /** Everything held has been taken over: from now on our death is survived, if that is wanted. */
  settle(): void {
    const { keeper, isWanted, reportBug } = this.#options
    this.#isSettled = true
    keeper?.survive(isWanted).catch(reportBug)
  }

  /** The next brain comes when we have ended. Signals are for it from now on. */
  async handOver(): Promise<void> {
    await this.#options.keeper?.upgrade()
    this.#isLeaving = true
  }

  /** The processes are no longer ours. */
  leave(): void {
    this.#options.keeper?.leave()
  }
}
