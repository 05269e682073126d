// Types of the key `watch`: files whose changes a program must notice.

/** What a change leads to. */
export type WatchAction =
  | { readonly kind: 'restart' | 'reload' }
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'exec'; readonly command: string | readonly string[] }

/** The files of a program and what their changes lead to; times in seconds. */
export interface Watch {
  /** Files, directories and patterns, as they were written. */
  readonly paths: readonly string[]
  readonly action: WatchAction
  /** Time without a further change before anything is done. */
  readonly debounce: number
  /** Time between two looks that need no event; 0 = none. */
  readonly poll: number
  /** A file that is gone is no change: the program keeps what it has read until another content is there. */
  readonly ignore_removed: boolean
}
