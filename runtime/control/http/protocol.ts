// What a server knows about the protocols that it serves: the prefix of their paths, and a handler that is loaded at
// the first request for one of these paths.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Gate } from './access.ts'
import type { Audit } from './audit.ts'
import type { Memory } from './memory.ts'
import type { Wanted } from './path.ts'
import type { Sending } from './sending.ts'

/** The server that a request came to. */
export interface Served {
  readonly gate: Gate
  /** It listens on TCP, so browsers can reach it. */
  readonly isOnNetwork: boolean
  /** The configured host; empty when there is none. */
  readonly name: string
  readonly sending: Sending
  readonly memory: Memory
  /** The endless answers, oldest first. */
  readonly streams: Set<ServerResponse>
  /** Logs who did what. */
  audit(audit: Audit): void
  /** Path of kahi-shim, which knows the user of a client of a unix socket. */
  readonly helper: string
  /** Says that the answer on this connection is a stream. */
  isStream(socket: Socket): void
}

/** A request whose answer has not been sent yet. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly wanted: Wanted
  readonly response: ServerResponse
  readonly server: Served
}

/** Answers one request, in a turn of the event loop of its own; never rejects. */
export type Handler = (exchange: Exchange) => Promise<void>

/** A protocol. The first one in the list whose prefix matches the path answers a request. */
export interface Protocol {
  /** A prefix such as `/RPC2`; `/` matches every path. */
  readonly prefix: string
  load(): Promise<Handler>
}
