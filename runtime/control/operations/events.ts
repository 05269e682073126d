// The events after a number, from the journal.

import { unitId } from '../../../config/model/names.ts'
import type { Operation } from './operation.ts'
import type { EventList, EventObject } from './shapes/events.ts'
import type { RuntimeEvent } from './supervised.ts'

/** Events after `since`; undefined for all that are kept. No `types` means all types. */
export interface EventQuery {
  readonly since: number | undefined
  readonly types: readonly string[]
}

/** The newest events. */
export const events: Operation<EventQuery, EventList> = {
  summary: 'The newest events that the journal keeps, the oldest first',
  errors: [],
  run: ({ journal }, { since, types }) => {
    const page = journal.since(since, new Set(types))
    return { events: page.events.map(showEvent), newest: page.newest, lost: page.lost ?? null }
  },
}

/** A reader of events. */
export interface Follower {
  readonly types: readonly string[]
  /** Names of processes and groups, `group:name`; empty for all events. */
  readonly processes: readonly string[]
  /** The number of the last event that it has; undefined for a new reader. */
  readonly since: number | undefined
}

/** What a reader gets. */
export interface FollowedEvents {
  /** The events that the reader has missed, and how many are lost: null where its number is from before this daemon process. */
  missed(): { readonly events: readonly EventObject[]; readonly lost: number | null }
  /** Number of the newest event. */
  newest(): number
  /** Calls the function with each event from now on; gives a function that ends that. */
  follow(give: (event: EventObject) => void): () => void
}

/** Events as they occur. */
export const followEvents: Operation<Follower, FollowedEvents> = {
  summary: 'Events as they occur, also those since the last one that the reader got',
  errors: [],
  run: ({ journal }, { types, processes, since }) => {
    const isWanted = (event: RuntimeEvent): boolean =>
      (types.length === 0 || types.includes(event.type)) && isAbout(event, processes)
    return {
      missed: () => {
        if (since === undefined) return { events: [], lost: 0 }
        const page = journal.since(since)
        return { events: page.events.filter(isWanted).map(showEvent), lost: page.lost ?? null }
      },
      newest: () => journal.since(Number.MAX_SAFE_INTEGER).newest,
      follow: (give) => journal.follow((event) => (isWanted(event) ? give(showEvent(event)) : undefined)),
    }
  },
}

function isAbout(event: RuntimeEvent, processes: readonly string[]): boolean {
  if (processes.length === 0) return true
  if (!('group' in event) || event.group === undefined) return false
  const names = 'name' in event && event.name !== undefined ? [event.name, unitId(event.group, event.name)] : []
  return [event.group, ...names].some((name) => processes.includes(name))
}

function showEvent({ number, atMs, type, ...rest }: RuntimeEvent): EventObject {
  const fields = Object.entries(rest).map(([key, value]): [string, unknown] => [
    key.replaceAll(/[A-Z]/g, toSnake),
    value,
  ])
  return { number, time: new Date(atMs).toISOString(), type, ...Object.fromEntries(fields) } as EventObject
}

function toSnake(letter: string): string {
  return `_${letter.toLowerCase()}`
}
