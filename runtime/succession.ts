// One brain after another: what this one finds of the one before, and what it leaves to the next. The processes
// themselves are kept by the helper that is our parent (protocol.md, "A brain that comes again"). decision 7.

import { readNote } from './service/note.ts'
import type { HeldSlot, Keeper, Shim } from './shim/shim.ts'

/** What was found. */
export interface Held {
  /** By id, in no order. */
  readonly slots: ReadonlyMap<string, HeldSlot>
  /** Log files that are in use. */
  readonly logs: ReadonlySet<string>
  /** The exit code of the shutdown that had begun; undefined when none had. */
  readonly ending: number | undefined
}

/** What a Succession needs. */
export interface SuccessionOptions {
  /** Without a keeper the helper is not our parent: then there is neither a brain before nor one after. */
  readonly shim: Pick<Shim, 'keeper' | 'kind'>
  /** `survive = true`. */
  readonly isWanted: boolean
  readonly ownPid: number
  /** After a restart in the same process there is nothing to take over: all was stopped. */
  readonly isRestart: boolean
  readonly reportBug: (error: unknown) => void
}

/** Where the note about the daemon itself is; ids of units have a colon. */
const DAEMON = 'daemon'

/** The place of this brain between two others. */
export class Succession {
  readonly #options: SuccessionOptions
  readonly #keeper: Keeper | undefined
  /** Takes a note for the next brain; undefined when there will be none. */
  readonly remember: ((id: string, note: string) => void) | undefined
  /** There is something of the brain before to be taken over. */
  readonly #isSuccession: boolean
  #held: Promise<Held | undefined> | undefined
  #isSettled = false
  #isLeaving = false

  constructor(options: SuccessionOptions) {
    const { isWanted, isRestart, shim } = options
    const { keeper } = shim
    this.#options = options
    this.#keeper = keeper
    this.#isSuccession = keeper?.isSuccession === true && !isRestart
    this.remember = keeper !== undefined && isWanted ? (id, note) => keeper.note(id, note) : undefined
  }

  /** Whether a next brain finds the processes as they are. */
  get isPossible(): boolean {
    return this.remember !== undefined
  }

  /** What would make it possible, or why nothing does. */
  get remedy(): string {
    return this.#options.shim.kind === 'fallback'
      ? 'the native helper is missing'
      : 'start it with kahi daemon --survive'
  }

  /** Sentences for the log at start: what is wanted and cannot be had. */
  get limits(): readonly string[] {
    return this.#options.isWanted && !this.isPossible ? [`survive has no effect: ${this.remedy}`] : []
  }

  /** What people signal and pidfiles name: our parent where that is the helper, which passes signals on and stays the same. */
  get pid(): number {
    return this.#keeper?.pid ?? this.#options.ownPid
  }

  /** Whether our end must leave the processes alone: handed over, or never taken over from the brain before. */
  get leavesAll(): boolean {
    return this.#isLeaving || (this.#isSuccession && !this.#isSettled)
  }

  /** What the brain before has left; undefined when there was none. */
  held(): Promise<Held | undefined> {
    this.#held ??= this.#find()
    return this.#held
  }

  /** The daemon is about to end with that code; the next brain must not start anything. */
  noteEnding(code: number): void {
    this.remember?.(DAEMON, String(code))
  }

  /** Everything held has been taken over: from now on our death is survived, if that is wanted. */
  settle(): void {
    const { isWanted, reportBug } = this.#options
    this.#isSettled = true
    this.#keeper?.survive(isWanted).catch(reportBug)
  }

  /** The next brain comes when we have ended. Signals are for it from now on. */
  async handOver(): Promise<void> {
    await this.#keeper?.upgrade()
    this.#isLeaving = true
  }

  /** The processes are no longer ours. */
  leave(): void {
    this.#keeper?.leave()
  }

  async #find(): Promise<Held | undefined> {
    const keeper = this.#keeper
    if (keeper === undefined || !this.#isSuccession) return undefined
    const slots = new Map((await keeper.list()).map((slot) => [slot.id, slot]))
    const code = slots.get(DAEMON)?.note
    slots.delete(DAEMON)
    const logs = [...slots.values()].flatMap(({ note }) => Object.values(readNote(note)?.logs ?? {}))
    return { slots, logs: new Set(logs), ending: code === undefined ? undefined : Number(code) }
  }
}
