// What can be said about who needs whom and when something is ready: the types, for everyone.

/** What a dependency must have reached; `ordered` only says who goes first when both start. */
export const REACHED = ['started', 'ready', 'completed', 'ordered'] as const

/** One of REACHED. */
export type Reached = (typeof REACHED)[number]

/** One name of `depends_on`. */
export interface Dependency {
  readonly name: string
  /** Undefined: a oneshot must be completed, a program ready if it has a readiness, else started. */
  readonly reached: Reached | undefined
}

/** What says that a program is ready. */
export type ReadyCheck =
  /** It writes a newline to this descriptor. Source: s6 2.15, notification-fd. */
  | { readonly kind: 'fd'; readonly fd: number }
  /** It sends READY=1 to the socket in NOTIFY_SOCKET. Source: systemd 252, sd_notify(3). */
  | { readonly kind: 'notify' }
  /** Something listens there. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  /** A GET gives a status from 200 to 399. */
  | { readonly kind: 'http'; readonly url: string }
  /** The command, run as the program is, ends with 0. */
  | { readonly kind: 'exec'; readonly command: string | readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  /** A line of its output fits. */
  | { readonly kind: 'log'; readonly pattern: string }

/** The whole readiness of a program; times in seconds. */
export interface Ready {
  readonly check: ReadyCheck
  /** Between two looks. */
  readonly interval: number
  /** For one look. */
  readonly timeout: number
  /** For all of them, from the start of the process; 0 = for ever. */
  readonly deadline: number
}

/** One thing that a unit needs. */
export interface Need {
  /** Id of the unit. */
  readonly unit: string
  readonly reached: Reached
}

/** Who needs whom. */
export interface Graph {
  /** Every unit, in start order, with what it needs. */
  readonly needs: ReadonlyMap<string, readonly Need[]>
  /** What a name of the configuration stands for. */
  readonly names: ReadonlyMap<string, readonly string[]>
}
