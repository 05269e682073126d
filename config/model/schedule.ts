// Types of the key `schedule`.

/** When a program or a oneshot is started. */
export interface Schedule {
  /** Five fields, or six with seconds first; or a word such as `@daily`. */
  readonly cron: string
  /** Undefined for that of the daemon. */
  readonly timezone?: string
  /** What happens when it is still running at its time. */
  readonly overlap: 'skip' | 'queue' | 'restart'
}
