// Handles the events of one unit one after the other. An event that arises while another one is handled comes after it,
// so a handler may call the unit again.

/** The event queue of one unit. */
export class Inbox<Event> {
  readonly #handle: (event: Event) => void
  readonly #queue: Event[] = []
  #isBusy = false

  constructor(handle: (event: Event) => void) {
    this.#handle = handle
  }

  /** Handles an event now, or after the events that are being handled. */
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
