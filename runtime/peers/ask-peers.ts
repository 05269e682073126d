// Asks other daemons for their processes: all at once, each with a limit of time and of size. Nothing is asked while no client
// looks; clients that ask at the same time share the answers.

import { shownAddress } from '../../config/values/patterns.ts'
import type { Peer } from '../../config/settings/receivers.ts'
import { Requester } from '../outbound/request.ts'
import type { Clock } from '../system/clock.ts'

/** A process of another daemon. */
export interface PeerProcess {
  readonly name: string
  readonly group: string
  readonly kind: 'program' | 'oneshot'
  readonly state: string
  readonly description: string
  /** `healthy`, `unhealthy`, `starting`; empty where it is not checked. */
  readonly health: string
}

/** What another daemon has answered. */
export interface PeerAnswer {
  readonly name: string
  /** Without secrets. */
  readonly url: string
  /** Why there is no answer; empty when there is one. */
  readonly problem: string
  readonly processes: readonly PeerProcess[]
}

/** A daemon with 5,000 programs answers with less. */
const ANSWER_BYTES = 4 * 1024 * 1024
const MOST_PROCESSES = 10_000
const LONGEST_TEXT = 1024
/** So many daemons are asked at once, so that their answers together need little memory. */
const AT_ONCE = 8
/** Answers are as old as this at most. */
const FRESH_MS = 1000

/** Asks the daemons of one list. */
export class Peers {
  readonly #peers: readonly Peer[]
  readonly #clock: Clock
  #last: Promise<readonly PeerAnswer[]> | undefined
  #askedMs = 0

  constructor(peers: readonly Peer[], clock: Clock) {
    this.#peers = peers
    this.#clock = clock
  }

  /** The answers of all, by name. Never rejects. */
  ask(): Promise<readonly PeerAnswer[]> {
    const nowMs = this.#clock.nowMs()
    if (this.#last === undefined || nowMs - this.#askedMs >= FRESH_MS) {
      this.#last = this.#askAll()
      // an answer is as old as its end, and a slow daemon must not be asked again before
      this.#askedMs = Number.POSITIVE_INFINITY
      void this.#last.then(() => (this.#askedMs = this.#clock.nowMs()))
    }
    return this.#last
  }

  async #askAll(): Promise<readonly PeerAnswer[]> {
    const answers = new Map<string, PeerAnswer>()
    const rest = this.#peers.values()
    const worker = async (): Promise<void> => {
      for (const peer of rest) answers.set(peer.name, await askOne(peer, this.#clock))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    return this.#peers.flatMap(({ name }) => answers.get(name) ?? [])
  }
}

async function askOne(peer: Peer, clock: Clock): Promise<PeerAnswer> {
  const { name, url } = peer
  const requester = new Requester(peer, clock, ANSWER_BYTES)
  const path = '/api/v1/processes'
  const where = url.startsWith('unix:') ? { url, path } : { url: `${url.replace(/\/+$/, '')}${path}` }
  try {
    const outcome = await requester.get({ ...where, headers: { Accept: 'application/json' } }, NEVER.signal)
    const processes = outcome.kind === 'sent' ? readProcesses(outcome.answer?.body ?? '') : []
    const problem = outcome.kind === 'sent' ? '' : outcome.reason
    return { name, url: shownAddress(url), problem, processes }
  } catch {
    return { name, url: shownAddress(url), problem: 'it is no kahi daemon', processes: [] }
  } finally {
    requester.close()
  }
}

const NEVER = new AbortController()

/** The other daemon may have another version: only what is needed is read, and nothing is believed. Throws. */
function readProcesses(body: string): readonly PeerProcess[] {
  const list = JSON.parse(body) as readonly Readonly<Record<string, unknown>>[]
  return list.slice(0, MOST_PROCESSES).map(({ name, group, kind, state, description, health }) => ({
    name: textOf(name),
    group: textOf(group),
    kind: kind === 'oneshot' ? 'oneshot' : 'program',
    state: textOf(state),
    description: textOf(description),
    health: textOf((health as Readonly<Record<string, unknown>> | null | undefined)?.status),
  }))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : ''
}
