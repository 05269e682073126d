// The interface to programs that are added, removed and scaled while a daemon runs.

/**
 * Priority of services of a scan directory that depend on programs of the file, and of services.d. It is lower than the
 * usual one, 999: of units that may start together these start first, and they stop last.
 */
export const FIRST_AMONG_EQUALS = 998

/** Programs that clients add. The configuration source contains them too. */
export interface DynamicPrograms {
  /** Adds a program from the JSON of its keys, or replaces the one of that name. Rejects with ConfigError. */
  put(name: string, text: string): Promise<void>
  /** Removes a program; false when there is none of that name. */
  remove(name: string): Promise<boolean>
  /** Sets the number of processes of a program; false when there is none of that name. Rejects with ConfigError. */
  scale(name: string, numprocs: number): Promise<boolean>
  /** Forgets the numbers that count no more, after a configuration was applied. */
  settle(): Promise<void>
}
