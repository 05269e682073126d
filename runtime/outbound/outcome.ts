// How the delivery of something to another server ended.

/** The result of one attempt. */
export type Outcome =
  | {
      readonly kind: 'sent'
      /** How many of the lines the server did not take. */
      readonly rejected?: number
      readonly status?: number
    }
  /** The server does not want it: another attempt is of no use. */
  | { readonly kind: 'refused'; readonly reason: string; readonly status?: number }
  /** Another attempt may succeed, not before `afterMs` when the server says so. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number; readonly status?: number }
