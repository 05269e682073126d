// Programs that come and go while a daemon runs: the door to wherever they are kept.

/** Programs that clients add; the source of the configuration gives them too. */
export interface DynamicPrograms {
  /** Takes a program as the JSON of its keys, in place of one of that name. Rejects with ConfigError. */
  put(name: string, text: string): Promise<void>
  /** False when there is none of that name. */
  remove(name: string): Promise<boolean>
}
