// What a process may use at most, as `limits` says it.

/** A limit of setrlimit(2). */
export interface ResourceLimit {
  readonly soft: number | 'unlimited'
  readonly hard: number | 'unlimited'
}

/** Limits for a process with all its children. */
export interface GroupLimits {
  /** Bytes. */
  readonly memory: number | undefined
  /** Processors, such as 1.5. */
  readonly cpu: number | undefined
  readonly pids: number | undefined
}

/** What a process may use at most. */
export interface Limits extends GroupLimits {
  /** `nofile`, `core` … */
  readonly resources: Readonly<Record<string, ResourceLimit>>
}
