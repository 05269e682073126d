// Promises that resolve when something about a service has become true. They are asked again after every
// event, so a state that lasts for one event only is seen too.

/** Everyone who waits for one service. */
export class Waiters {
  readonly #attempts = new Set<() => boolean>()

  /** Resolves with the first value that `check` gives other than undefined, now or at a later wake(). */
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

  /** Asks everyone's question again. */
  wake(): void {
    for (const attempt of [...this.#attempts]) if (attempt()) this.#attempts.delete(attempt)
  }
}
