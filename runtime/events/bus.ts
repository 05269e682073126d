// Carries events from where they happen to whoever listens, at once and in order. A listener that throws is
// reported and the others still hear: an observer must never disturb what it observes.

import type { RuntimeEvent } from './event.ts'

/** Told of each event. */
export type EventListener = (event: RuntimeEvent) => void

/** The one bus of a daemon. */
export class EventBus {
  readonly #listeners = new Set<EventListener>()
  readonly #onError: (error: unknown) => void

  /** `onError` gets what listeners throw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Adds a listener; returns what removes it. */
  on(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells every listener. */
  emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
