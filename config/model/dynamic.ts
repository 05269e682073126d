// The interface to programs that are added and removed while a daemon runs.

/** Programs that clients add. The configuration source contains them too. */
export interface DynamicPrograms {
  /** Adds a program from the JSON of its keys, or replaces the one of that name. Rejects with ConfigError. */
  put(name: string, text: string): Promise<void>
  /** Removes a program; false when there is none of that name. */
  remove(name: string): Promise<boolean>
}
