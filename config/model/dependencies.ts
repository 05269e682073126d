// Types for dependencies and readiness.

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

/** The kinds of readiness checks. */
export type ReadyCheck =
  /** It writes a newline to this descriptor. Source: s6 2.15, notification-fd. */
  | { readonly kind: 'fd'; readonly fd: number }
  /** It sends READY=1 to the socket in NOTIFY_SOCKET. Source: systemd 252, sd_notify(3). */
  | { readonly kind: 'notify' }
  /** A program listens on this address. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  /** A GET request is answered with a status from 200 to 399. */
  | { readonly kind: 'http'; readonly url: string }
  /** The command, run with the user and environment of the program, exits with 0. */
  | { readonly kind: 'exec'; readonly command: string | readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  /** A line of the program's output matches the pattern. */
  | { readonly kind: 'log'; readonly pattern: string }

/** The readiness check of a program; times in seconds. */
export interface Ready {
  readonly check: ReadyCheck
  /** Time between two checks. */
  readonly interval: number
  /** Time limit of one check. */
  readonly timeout: number
  /** Time limit from the start of the process until it is ready; 0 = no limit. */
  readonly deadline: number
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
