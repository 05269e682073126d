// Types for the key `limits`: what a process may use at most.

/** A limit of setrlimit(2). */
export interface ResourceLimit {
  readonly soft: number | 'unlimited'
  readonly hard: number | 'unlimited'
}

/** Limits for a process together with all its children. */
export interface GroupLimits {
  /** Bytes. */
  readonly memory: number | undefined
  /** Number of processors, such as 1.5. */
  readonly cpu: number | undefined
  readonly pids: number | undefined
}

/** What a process may use at most. */
export interface Limits extends GroupLimits {
  /** Limits by name: `nofile`, `core` … */
  readonly resources: Readonly<Record<string, ResourceLimit>>
}
