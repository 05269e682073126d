// Types for dependencies.

/** The state that a dependency must reach. `ordered` only decides the order when both are started. */
export const REACHED = ['started', 'ready', 'completed', 'ordered'] as const

/** One of REACHED. */
export type Reached = (typeof REACHED)[number]

/** One name of `depends_on`. */
export interface Dependency {
  readonly name: string
  /** Undefined: `completed` for a oneshot, `ready` for a program with a readiness check, else `started`. */
  readonly reached: Reached | undefined
}

/** One dependency of a unit. */
export interface Need {
  /** Id of the unit. */
  readonly unit: string
  readonly reached: Reached
}

/** The graph of dependencies. */
export interface Graph {
  /** Every unit with its dependencies, in start order. */
  readonly needs: ReadonlyMap<string, readonly Need[]>
  /** The units that a name of the configuration stands for. */
  readonly names: ReadonlyMap<string, readonly string[]>
}
