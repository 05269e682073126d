// Which units were stopped because a unit that they depend on was stopped by request. A start of that unit starts them
// again, unless they were started or stopped by a request of their own in between.

/** The units that were stopped with others. */
export class TakenAlong {
  /** A unit that was stopped by request → the dependents that were up before. */
  readonly #dependents = new Map<string, ReadonlySet<string>>()

  /** `named` are stopped by request, and `dependents`, which are up, because of them. */
  stopped(named: ReadonlySet<string>, dependents: readonly string[]): void {
    for (const id of named) this.#forget(id)
    const others = new Set(dependents.filter((id) => !named.has(id)))
    if (others.size > 0) for (const id of named) this.#dependents.set(id, others)
  }

  /** The dependents that a start of the unit would start. */
  of(id: string): readonly string[] {
    return [...(this.#dependents.get(id) ?? [])]
  }

  /** The unit is started by request: gives the units to start after it. */
  started(id: string): readonly string[] {
    this.#forget(id)
    const others = this.of(id)
    this.#dependents.delete(id)
    return others
  }

  #forget(id: string): void {
    for (const [key, others] of this.#dependents)
      if (others.has(id)) this.#dependents.set(key, new Set([...others].filter((other) => other !== id)))
  }
}
