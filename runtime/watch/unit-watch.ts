// The watch of one unit. It remembers what the files were when the process was started: a process reads what is there
// then, or something newer. Whatever differs from that later, and stays unchanged for the time `debounce`, is reported
// once. Two changes within that time are one, and one that is undone within it is none.

import type { Watch } from '../../config/model/watch.ts'
import type { Clock, Timer } from '../system/clock.ts'
import { Contents } from './contents.ts'
import type { Directories } from './directories.ts'
import {
  type Change,
  changedSince,
  compareSnapshots,
  MOST_FILES,
  type Snapshot,
  takeSnapshot,
  withRemoved,
} from './snapshot.ts'

/** Files that change without a pause are reported after this time, in milliseconds. */
const LONGEST_MS = 10_000
/** A new watch of the kernel may miss what happened before it, so it is followed by another look; so many times. */
const MOST_LOOKS = 3
/** Looks may take one part in so many of the time of the daemon process: after a long one the next waits longer. */
const SHARE = 10

/** What a UnitWatch needs. */
export interface UnitWatchParts {
  readonly watch: Watch
  /** Absolute. */
  readonly paths: readonly string[]
  readonly clock: Clock
  readonly directories: Directories
  changed(changes: readonly Change[]): void
  warn(message: string): void
}

/** The watch of one unit. */
export class UnitWatch {
  readonly #parts: UnitWatchParts
  readonly #contents: Contents
  readonly #reader = (): void => this.#disturbed()
  #seen: Snapshot | undefined
  #debounce: Timer | undefined
  #poll: Timer | undefined
  #disturbedAtMs: number | undefined
  #hasWarned = false
  #nextLookMs = 0

  constructor(parts: UnitWatchParts) {
    this.#parts = parts
    this.#contents = new Contents(() => parts.clock.wallMs())
  }

  /** A process is about to be started: it reads what the files are now. */
  begin(): void {
    this.#calm()
    this.#seen = this.#look()
    this.#pollLater()
  }

  /**
   * A process was started before there was a watch, at that wall-clock time. Files that have changed since are reported:
   * it may not have read them. An earlier daemon process may have reported them too.
   */
  resume(startedAtMs: number): void {
    this.begin()
    const changes = this.#seen === undefined ? [] : changedSince(this.#seen, startedAtMs)
    if (changes.length > 0) this.#parts.changed(changes)
  }

  /** There is no process that could be told of changes. */
  rest(): void {
    this.#calm()
    this.#poll?.cancel()
    this.#seen = undefined
    this.#parts.directories.follow(this.#reader, new Map())
  }

  #calm(): void {
    this.#debounce?.cancel()
    this.#disturbedAtMs = undefined
  }

  #disturbed(): void {
    const { clock, watch } = this.#parts
    if (this.#seen === undefined) return
    const nowMs = clock.nowMs()
    this.#disturbedAtMs ??= nowMs
    const untilMs = Math.min(nowMs + watch.debounce * 1000, this.#disturbedAtMs + LONGEST_MS)
    const delayMs = Math.max(0, untilMs - nowMs, this.#nextLookMs - nowMs)
    this.#debounce?.cancel()
    this.#debounce = clock.after(delayMs, () => this.#settled())
  }

  #settled(): void {
    const before = this.#seen
    if (before === undefined) return
    this.#calm()
    this.#seen = this.#lookSince(before)
    const changes = compareSnapshots(before, this.#seen)
    if (changes.length > 0) this.#parts.changed(changes)
  }

  /** A change that is found without an event is given the same time to settle. */
  #pollLater(): void {
    const { clock, watch } = this.#parts
    this.#poll?.cancel()
    if (watch.poll === 0) return
    const delayMs = Math.max(watch.poll * 1000, this.#nextLookMs - clock.nowMs())
    this.#poll = clock.after(delayMs, () => {
      if (this.#seen === undefined) return
      const isQuiet = this.#disturbedAtMs === undefined
      if (isQuiet && compareSnapshots(this.#seen, this.#lookSince(this.#seen)).length > 0) this.#disturbed()
      this.#pollLater()
    })
  }

  #lookSince(before: Snapshot): Snapshot {
    const now = this.#look()
    return this.#parts.watch.ignore_removed ? withRemoved(before, now) : now
  }

  #look(): Snapshot {
    const { clock } = this.#parts
    const beganMs = clock.nowMs()
    const snapshot = this.#lookNow()
    const endedMs = clock.nowMs()
    this.#nextLookMs = endedMs + SHARE * (endedMs - beganMs)
    return snapshot
  }

  #lookNow(): Snapshot {
    const { paths, directories } = this.#parts
    for (let looks = 1; ; looks += 1) {
      const now = takeSnapshot(paths, this.#contents)
      if (now.isCut) this.#warnOfMany()
      if (!directories.follow(this.#reader, now.interests) || looks >= MOST_LOOKS) return now
    }
  }

  #warnOfMany(): void {
    if (!this.#hasWarned) this.#parts.warn(`more than ${MOST_FILES} files: the others are not watched`)
    this.#hasWarned = true
  }
}
