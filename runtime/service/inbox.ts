// Events of one unit, handled one after the other: what a handler makes happen comes after it, so a listener may call
// back into the unit.

/** The events of one unit. */
export class Inbox<Event> {
  readonly #handle: (event: Event) => void
  readonly #queue: Event[] = []
  #isBusy = false

  constructor(handle: (event: Event) => void) {
    this.#handle = handle
  }

  /** Handles an event, now or as soon as those before are handled. */
  take(event: Event): void {
    this.#queue.push(event)
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#handle(next)
    } finally {
      this.#isBusy = false
    }
  }
}
