// Types of the keys that decide what follows when a program ends.

/** When a process that ended by itself is started again. */
export type AutoRestart = 'true' | 'false' | 'unexpected'

/** Whether the end of a program also ends the daemon. */
export type EndPolicy = 'none' | 'shutdown'

/** As EndPolicy; `shutdown_if_final`: only an end after which the program is not restarted. */
export type ExitPolicy = EndPolicy | 'shutdown_if_final'

/** What happens to a program when a dependency of it is lost for `delay` seconds. */
export interface LossPolicy {
  readonly action: 'none' | 'stop' | 'restart'
  readonly delay: number
}

/** What follows when a program uses more than it may. */
export type LimitPolicy = 'restart' | 'notify'

/** When and how often a program is restarted: by these rules, or as s6 does. */
export type Restart = RestartRules | 's6'

/** Times in seconds. */
export interface RestartRules {
  /**
   * Delay before the first restart. Each further restart in a row waits `factor` times as long, but at most
   * `max_delay`.
   */
  readonly delay: number
  readonly factor: number
  readonly max_delay: number
  /** After this many restarts, in a row or within `window`, the program is FATAL; 0 = never. */
  readonly limit: number
  /** 0 = all restarts in a row count, however long they take. */
  readonly window: number
  /** A process that lived this long resets the counters; 0 = never. */
  readonly reset_after: number
  /** Each delay is longer by a random part of this time. */
  readonly jitter: number
  /** After one of these exit codes the program is not restarted. */
  readonly no_restart_codes: readonly number[]
}
