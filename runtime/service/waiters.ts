// Promises that resolve when something about a service has become true. They are checked after every event, so a state
// that lasts only until the next event is noticed too.

/** All promises that wait for one service. */
export class Waiters {
  readonly #attempts = new Set<() => boolean>()

  /** Resolves with the first value other than undefined that `check` gives, now or at a later wake(). */
  until<Value>(check: () => Value | undefined): Promise<Value> {
    return new Promise((resolve) => {
      const attempt = (): boolean => {
        const value = check()
        if (value !== undefined) resolve(value)
        return value !== undefined
      }
      if (!attempt()) this.#attempts.add(attempt)
    })
  }

  /** Checks all promises. */
  wake(): void {
    for (const attempt of [...this.#attempts]) if (attempt()) this.#attempts.delete(attempt)
  }
}
