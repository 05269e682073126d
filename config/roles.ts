// What the processes of a group are to each other, besides being controlled together.

import type { EventName } from './event-names.ts'

/** The listening socket that the processes of a FastCGI program have as standard input. */
export type FcgiSocket =
  | {
      readonly kind: 'unix'
      /** Absolute. */
      readonly path: string
      /** -1 leaves that id alone; undefined leaves both. */
      readonly owner: { readonly uid: number; readonly gid: number } | undefined
      readonly mode: number
      /** undefined = the system's default. */
      readonly backlog: number | undefined
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly backlog: number | undefined }

/** What the processes of a group are to each other: programs, a pool that shares out events, or sharers of a socket. */
export type GroupRole =
  | { readonly kind: 'program' }
  | {
      readonly kind: 'listener'
      readonly events: readonly EventName[]
      readonly buffer_size: number
      readonly result_handler: string
    }
  | { readonly kind: 'fcgi'; readonly socket: FcgiSocket }
