// The connections of one server, with a limit. When the limit is reached, a new connection replaces the one that has
// been idle longest, or else the one whose request has been there for longest. So a client that opens many connections,
// or sends many requests that wait, does not lock out other clients. Source: supervisor 4.2.5 answers with 1,000 idle connections open.

import type { Socket } from 'node:net'

/** Time for a request to arrive completely, in milliseconds: from the connection on, or from the first byte of a later request on. */
const REQUEST_MS = 10_000
const LIMIT = 256

interface Timer {
  cancel(): void
}

interface Connection {
  state: 'idle' | 'working'
  timer: Timer
  /** The next byte begins a later request. */
  isWatched: boolean
}

/** Calls a function after some milliseconds. */
export type After = (ms: number, callback: () => void) => Timer

/** The connections of one server. */
export class Connections {
  readonly #after: After
  /** Ordered by the time of the last change of state, oldest first. */
  readonly #all = new Map<Socket, Connection>()
  /** Streams have a limit of their own: stream.ts. */
  readonly #streams = new Set<Socket>()

  constructor(after: After) {
    this.#after = after
  }

  /** Adds a new connection, in place of another one if necessary. */
  add(socket: Socket): void {
    if (this.#all.size >= LIMIT && !this.#close('idle')) this.#close('working')
    const timer = this.#limit(socket)
    const connection: Connection = { state: 'idle', timer, isWatched: false }
    this.#all.set(socket, connection)
    socket.once('error', () => socket.destroy())
    socket.once('close', () => {
      connection.timer.cancel()
      this.#all.delete(socket)
      this.#streams.delete(socket)
    })
  }

  /** The answer on the connection is a stream: it does not count any more. */
  stream(socket: Socket): void {
    this.#all.get(socket)?.timer.cancel()
    if (this.#all.delete(socket)) this.#streams.add(socket)
  }

  /** The connection has got a complete request, or has sent its answer. */
  mark(socket: Socket, state: Connection['state']): void {
    const connection = this.#all.get(socket)
    if (connection === undefined) return
    connection.timer.cancel()
    connection.state = state
    this.#all.delete(socket)
    this.#all.set(socket, connection)
    if (state === 'idle') this.#watch(socket, connection)
  }

  /** The rest of a request must arrive from now on. */
  expect(socket: Socket): void {
    const connection = this.#all.get(socket)
    if (connection === undefined) return
    connection.timer.cancel()
    connection.state = 'idle'
    connection.timer = this.#limit(socket)
  }

  /** Closes the connections without a request. */
  endIdle(): void {
    for (const [socket, { state }] of this.#all) if (state === 'idle') socket.destroy()
  }

  /** Closes all connections. */
  end(): void {
    for (const socket of [...this.#all.keys(), ...this.#streams]) socket.destroy()
  }

  /**
   * Closes the connection when its request has not come in time. What has come while the daemon was busy is read first:
   * a late daemon cuts off no client that was in time.
   */
  #limit(socket: Socket): Timer {
    let isOver = false
    const end = (): void => {
      if (!isOver) socket.destroy()
    }
    const timer = this.#after(REQUEST_MS, () => void setImmediate(end))
    const cancel = (): void => {
      isOver = true
      timer.cancel()
    }
    return { cancel }
  }

  /** A connection may be idle without a limit, but a request that has begun must arrive. */
  #watch(socket: Socket, connection: Connection): void {
    if (connection.isWatched) return
    connection.isWatched = true
    socket.once('data', () => {
      connection.isWatched = false
      if (connection.state === 'idle') this.expect(socket)
    })
  }

  #close(wanted: Connection['state']): boolean {
    for (const [socket, { state }] of this.#all) {
      if (state !== wanted) continue
      this.#all.delete(socket)
      socket.destroy()
      return true
    }
    return false
  }
}
