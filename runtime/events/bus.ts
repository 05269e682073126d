// Delivers events to every reader, at once and in order. When a reader throws, the error is reported and the other
// readers still get the event: a reader must never disturb what it observes.

import { type Happening, isKept, type RuntimeEvent } from './event.ts'

/** Called for each event. */
export type EventListener = (event: RuntimeEvent) => void

/** The event bus of a daemon. */
export class EventBus {
  readonly #listeners = new Set<EventListener>()
  readonly #onError: (error: unknown) => void
  readonly #wallMs: () => number
  #number: number

  /** `onError` gets what readers throw; `wallMs` gives the wall-clock time. */
  constructor(onError: (error: unknown) => void, wallMs: () => number = () => 0) {
    this.#onError = onError
    this.#wallMs = wallMs
    this.#number = Math.floor(wallMs())
  }

  /** Number of the newest event. */
  get number(): number {
    return this.#number
  }

  /** Adds a reader; gives a function that removes it. */
  on(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Gives the event a number and a time, and delivers it to every reader. */
  emit(happening: Happening): void {
    if (isKept(happening)) this.#number += 1
    const event: RuntimeEvent = { ...happening, number: this.#number, atMs: this.#wallMs() }
    for (const listener of [...this.#listeners]) {
      try {
        listener(event)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
