// Types of the checks that `ready` and `health` share, and of both keys.

/** Statuses from `from` to `to`, both included. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

/** What a request has besides its URL, and which answers are good. */
export interface HttpRules {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Without it 200 to 399. */
  readonly status?: readonly StatusRange[]
  /** A regular expression for the body of the answer. */
  readonly body?: string
}

/** The kinds of checks. */
export type Check =
  /** It writes a newline to this descriptor; only for `ready`. Source: s6 2.15, notification-fd. */
  | { readonly kind: 'fd'; readonly fd: number }
  /** It sends READY=1, or WATCHDOG=1, to the socket in NOTIFY_SOCKET. Source: systemd 252, sd_notify(3). */
  | { readonly kind: 'notify' }
  /** A program listens on this address. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  /** A request is answered as the rules say. */
  | { readonly kind: 'http'; readonly url: string; readonly rules?: HttpRules }
  /** The command, run with the user and environment of the program, exits with 0. */
  | { readonly kind: 'exec'; readonly command: string | readonly string[] }
  /** The file exists, and was changed at most `maxAge` seconds ago where that is given. */
  | { readonly kind: 'file'; readonly path: string; readonly maxAge?: number }
  /** A line of the program's output matches the pattern. */
  | { readonly kind: 'log'; readonly pattern: string }

/** The readiness check of a program; times in seconds. */
export interface Ready {
  readonly check: Check
  /** Time between two checks. */
  readonly interval: number
  /** Time limit of one check. */
  readonly timeout: number
  /** Time limit from the start of the process until it is ready; 0 = no limit. */
  readonly deadline: number
}

/** The health check of a program; times in seconds. */
export interface Health {
  readonly check: Exclude<Check, { readonly kind: 'fd' }>
  /** Time between two checks; for `notify` and `log` the time in which a sign of life must come. */
  readonly interval: number
  /** Time limit of one check. */
  readonly timeout: number
  /** Each interval is longer by a random part of this time. */
  readonly jitter: number
  /** Time after the start, or after the process was ready, in which failures do not count. */
  readonly start_period: number
  /** So many failures in a row make it unhealthy. */
  readonly failures: number
  /** So many successes in a row make it healthy again. */
  readonly successes: number
}

/** What follows when a program becomes unhealthy. */
export type UnhealthyPolicy =
  { readonly kind: 'none' | 'restart' | 'stop' | 'shutdown' } | { readonly kind: 'signal'; readonly signal: number }
