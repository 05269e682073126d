// What can be said about what follows when a program ends: the types, for everyone.

/** When a process that ended by itself is started again. */
export type AutoRestart = 'true' | 'false' | 'unexpected'

/** Whether an end of a program is one of the daemon too. */
export type EndPolicy = 'none' | 'shutdown'

/** When and how often a program that ended is started again: as these rules say, or as s6 does. */
export type Restart = RestartRules | 's6'

/** Times in seconds. */
export interface RestartRules {
  /** Before the first restart; each further one in a row waits `factor` times as long, but never more than `max_delay`. */
  readonly delay: number
  readonly factor: number
  readonly max_delay: number
  /** Restarts, in a row or within `window`, after which it is given up; 0 = never. */
  readonly limit: number
  /** 0 = all in a row count, however long they take. */
  readonly window: number
  /** A process that lived so long ends the row; 0 = none does. */
  readonly reset_after: number
}

/** What follows when a process ends. */
export interface EndSettings {
  readonly autorestart: AutoRestart
  /** Instead of startretries and of supervisord's delays; undefined = as supervisord. */
  readonly restart: Restart | undefined
  readonly exitcodes: readonly number[]
  /** How many of its last ends are remembered. */
  readonly max_deaths: number
  /** What is run after each exit; undefined = nothing. */
  readonly finish: string | readonly string[] | undefined
  /** Seconds that `finish` may take; 0 = for ever. */
  readonly timeout_finish: number
  /** `shutdown`: any end of the process that nobody asked for ends the daemon. */
  readonly on_exit: EndPolicy
  /** `shutdown`: giving up ends the daemon. */
  readonly on_fatal: EndPolicy
  /** What the daemon ends with then; undefined = the program's own, 1 when it gave up. */
  readonly exit_code: number | undefined
  /** What the number of a signal that ended it is added to for that. */
  readonly exit_signal_base: number
}
