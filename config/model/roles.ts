// Types for the role of a group: what its processes have in common.

import type { EventName } from './event-names.ts'

/** The listener socket that the processes of a FastCGI program have as standard input. */
export type FcgiSocket =
  | {
      readonly kind: 'unix'
      /** Absolute path. */
      readonly path: string
      /** An id of -1 is not changed; undefined changes neither. */
      readonly owner: { readonly uid: number; readonly gid: number } | undefined
      readonly mode: number
      /** Undefined means the default of the system. */
      readonly backlog: number | undefined
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly backlog: number | undefined }

/** The role of a group: programs, the processes of an event listener, or processes that share a socket. */
export type GroupRole =
  | { readonly kind: 'program' }
  | {
      readonly kind: 'listener'
      readonly events: readonly EventName[]
      readonly buffer_size: number
      readonly result_handler: string
    }
  | { readonly kind: 'fcgi'; readonly socket: FcgiSocket }
