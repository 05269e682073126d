// How one daemon process follows another: what this one takes over from the previous one, and what it leaves to the
// next. See decision 7.
//
// The problem: kahi must be replaceable (an upgrade) and may die (a bug, the OOM killer) while the services keep
// running. Therefore the helper is the parent of the daemon process, and it owns the services' processes and pipes; a
// daemon process only decides about them. For each unit the helper keeps a slot: the process, its pipes, and a note. A
// note is a text that one daemon process writes and the next one reads (protocol.md, "A daemon process that comes
// again"). The note with the id `daemon` is about the daemon itself.
//
// What always holds:
// - A daemon process starts nothing before it has looked at all slots, so no service runs twice.
// - Until it has taken over all slots (`settle`), its end leaves the processes alone. A new version that fails while it
//   takes them over does not end the services.
// - After `settle` the services survive the death of the daemon process only with `survive = true`.
// - When a shutdown has begun, its exit code is in a note: the next daemon process continues the shutdown and starts
//   nothing.
//
// The races:
// - A process ends while no daemon process is running: the helper keeps its exit status until list() asks.
// - A daemon process dies after it started a process and before it wrote the note: the slot has a process that the note
//   does not mention. The next one adopts it as just started (service/memory/adopt.ts) and does not start it again.
// - A signal arrives between two daemon processes: it is sent to the pid of the helper, which passes it on to the next
//   one.
//
// Why notes and no state file: a note lives in the process that owns what it describes, and exactly as long. After a
// crash no file is left over, and no file can disagree with what runs. Without the native helper there is no keeper:
// then there is no previous and no next daemon process, and the methods here do nothing.

import { isUnitId } from '../../config/model/names.ts'
import { readNote } from '../service/memory/note.ts'
import type { InheritedSlot, Keeper, Shim } from '../shim/shim.ts'

/** What the previous daemon process left. */
export interface Inheritance {
  /** Slots by id, in no order. */
  readonly slots: ReadonlyMap<string, InheritedSlot>
  /** Log files that are in use. */
  readonly logs: ReadonlySet<string>
  /** Exit code of the shutdown that had begun; undefined when none had. */
  readonly ending: number | undefined
  /** Notes that belong to no unit, by id. */
  readonly notes: ReadonlyMap<string, string>
}

/** What a Succession needs. */
export interface SuccessionOptions {
  /** Without a keeper the helper is not our parent: there is no previous and no next daemon process. */
  readonly shim: Pick<Shim, 'keeper' | 'kind' | 'forget'>
  /** The key `survive`. */
  readonly isWanted: boolean
  readonly ownPid: number
  /** A restart in the same Node process: there is nothing to take over, because everything was stopped. */
  readonly isRestart: boolean
  readonly reportBug: (error: unknown) => void
}

/** Id of the note about the daemon itself. Ids of units contain a colon. */
const DAEMON = 'daemon'

/** The place of this daemon process between the previous one and the next one. */
export class Succession {
  readonly #options: SuccessionOptions
  readonly #keeper: Keeper | undefined
  /** Writes a note for the next daemon process; undefined when there will be none. */
  readonly remember: ((id: string, note: string) => void) | undefined
  /** The previous daemon process has left slots. */
  readonly #isSuccession: boolean
  #inherited: Promise<Inheritance | undefined> | undefined
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

  /** Whether a next daemon process can take over the processes as they are. */
  get isPossible(): boolean {
    return this.remember !== undefined
  }

  /** What the user has to do to make that possible. */
  get remedy(): string {
    return this.#options.shim.kind === 'fallback'
      ? 'the native helper is missing'
      : 'start it with kahi daemon --survive'
  }

  /** A warning for the log at start, when `survive` has no effect. */
  get limits(): readonly string[] {
    return this.#options.isWanted && !this.isPossible ? [`survive has no effect: ${this.remedy}`] : []
  }

  /**
   * The pid for pidfiles and for signals of users. If the helper is our parent, it is the helper's: the helper passes
   * signals on, and its pid stays the same.
   */
  get pid(): number {
    return this.#keeper?.pid ?? this.#options.ownPid
  }

  /**
   * Whether the end of this daemon process must leave the processes alone: it has handed them over, or has not taken
   * them over yet.
   */
  get leavesAll(): boolean {
    return this.#isLeaving || (this.#isSuccession && !this.#isSettled)
  }

  /** What the previous daemon process left; undefined when there was none. */
  inherited(): Promise<Inheritance | undefined> {
    this.#inherited ??= this.#find()
    return this.#inherited
  }

  /** Notes that the daemon is shutting down, with its exit code. The next daemon process then starts nothing. */
  noteEnding(code: number): void {
    this.remember?.(DAEMON, String(code))
  }

  /**
   * Says that everything was taken over. From now on the processes survive the death of this daemon process, if
   * `survive` is set.
   */
  settle(): void {
    const { isWanted, reportBug } = this.#options
    this.#isSettled = true
    this.#keeper?.survive(isWanted).catch(reportBug)
  }

  /**
   * Announces the next daemon process, which starts when this one has ended. The helper keeps signals for it from now
   * on.
   */
  async handOver(): Promise<void> {
    await this.#keeper?.upgrade()
    this.#isLeaving = true
  }

  /** Leaves texts of a part of the daemon for the next daemon process; each one may have 4 KiB. */
  leaveNotes(part: string, texts: readonly string[]): void {
    for (const [index, text] of texts.entries()) this.remember?.(`${part}-${index}`, text)
  }

  /** The texts that a part of the previous daemon process left. */
  async takeNotes(part: string): Promise<readonly string[]> {
    const left = [...((await this.inherited())?.notes ?? [])].filter(([id]) => id.startsWith(`${part}-`))
    for (const [id] of left) this.#options.shim.forget(id)
    return left.map(([, note]) => note)
  }

  /** From now on the processes belong to the next daemon process. */
  leave(): void {
    this.#keeper?.leave()
  }

  async #find(): Promise<Inheritance | undefined> {
    const keeper = this.#keeper
    if (keeper === undefined || !this.#isSuccession) return undefined
    const all = await keeper.list()
    const slots = new Map(all.filter(({ id }) => isUnitId(id)).map((slot) => [slot.id, slot]))
    const notes = new Map(all.filter(({ id }) => !isUnitId(id)).map(({ id, note }) => [id, note ?? '']))
    const code = notes.get(DAEMON)
    const logs = [...slots.values()].flatMap(({ note }) => Object.values<string>({ ...readNote(note)?.logs }))
    return { slots, logs: new Set(logs), ending: code === undefined ? undefined : Number(code), notes }
  }
}
