// What the page knows of the daemon: processes, the graph, events and use. It follows the stream of events and asks again only
// for what has changed. Views are drawn after each change, once a frame.

import type { EventObject } from '../../operations/shapes/events.ts'
import type { GraphObject } from '../../operations/shapes/graph.ts'
import type { ProcessObject } from '../../operations/shapes/process.ts'
import { ask } from './api.ts'
import { follow } from './follow.ts'
import { type Use, UseHistory } from './use.ts'

/** The daemon. */
export interface Daemon {
  readonly version: string
  readonly pid: number
}

const KEPT_EVENTS = 500
const BATCH_MS = 120
/** From so many changed processes on, the whole list is asked for. */
const MANY = 8

const listeners = new Set<() => void>()
const dirty = new Set<string>()
const history = new UseHistory()
let isDrawing = false
let batch: ReturnType<typeof setTimeout> | undefined

/** Everything, as it is now. */
export const world = {
  daemon: undefined as Daemon | undefined,
  processes: new Map<string, ProcessObject>(),
  graph: undefined as GraphObject | undefined,
  /** The newest first. */
  events: [] as EventObject[],
  /** Whether the stream of events is open. */
  isLive: false,
  /** The clock of the daemon minus that of the browser, in seconds. */
  skew: 0,
}

/** Calls the function after each change. */
export function onChange(listener: () => void): void {
  listeners.add(listener)
}

/** Draws once in the next frame. */
export function changed(): void {
  if (isDrawing) return
  isDrawing = true
  requestAnimationFrame(() => {
    isDrawing = false
    for (const listener of listeners) listener()
  })
}

/** `web`, or `group:name` where both differ. */
export function nameOf({ group, name }: Pick<ProcessObject, 'group' | 'name'>): string {
  return group === name ? name : `${group}:${name}`
}

/** The path of a process in the interface. */
export function pathOf(name: string): string {
  return `api/v1/processes/${encodeURIComponent(name)}`
}

/** The last minutes of a process. */
export function useOf(name: string): readonly Use[] {
  return history.of(name)
}

/** Starts for a process since the daemon began; undefined before the first figures. */
export function startsOf(name: string): number | undefined {
  return history.starts(name)
}

/** How long the process runs, in seconds. */
export function uptimeOf({ pid, start }: ProcessObject): number {
  return pid === 0 ? 0 : Date.now() / 1000 + world.skew - start
}

/** All units that need this one and are up, directly or through others. */
export function dependentsOf(name: string): readonly string[] {
  const found = new Set<string>()
  const wanted = [name]
  for (const one of wanted)
    for (const unit of world.graph?.services ?? [])
      if (unit.needs.includes(one) && !found.has(unit.name) && unit.is_up) {
        found.add(unit.name)
        wanted.push(unit.name)
      }
  return [...found]
}

/** Loads everything, and follows it from then on. */
export function begin(): void {
  follow({
    opened: () => {
      world.isLive = true
      void loadAll()
    },
    closed: () => {
      world.isLive = false
      changed()
    },
    event: take,
  })
  history.begin(changed)
}

/** Asks for all processes and the graph. */
export async function loadAll(): Promise<void> {
  try {
    const [processes, graph, daemon, { events }] = await Promise.all([
      ask<ProcessObject[]>('GET', 'api/v1/processes'),
      ask<GraphObject>('GET', 'api/v1/graph'),
      ask<Daemon>('GET', 'api/v1/version'),
      ask<{ events: EventObject[] }>('GET', 'api/v1/events'),
    ])
    Object.assign(world, { graph, daemon })
    world.processes = new Map(processes.map((one) => [nameOf(one), one]))
    world.events = events.toReversed().slice(0, KEPT_EVENTS)
    const [first] = processes
    if (first !== undefined) world.skew = first.now - Date.now() / 1000
  } catch {
    world.isLive = false
  }
  changed()
}

const CHANGES_ALL: ReadonlySet<string> = new Set(['configuration-applied', 'group-added', 'group-removed'])

function take(event: EventObject): void {
  world.events.unshift(event)
  if (world.events.length > KEPT_EVENTS) world.events.length = KEPT_EVENTS
  const all = CHANGES_ALL.has(event.type)
  const { group, name } = event as { group?: string; name?: string }
  if (all) for (let index = 0; index <= MANY; index += 1) dirty.add(`:${index}`)
  else if (group !== undefined && name !== undefined && event.type !== 'log') dirty.add(nameOf({ group, name }))
  if (event.type === 'process-state' && event.to === 'fatal') say(`${nameOf(event)} was given up`)
  if (event.type === 'health' && !event.healthy) say(`${nameOf(event)} is unhealthy`)
  if (dirty.size > 0) batch ??= setTimeout(() => void refresh(), BATCH_MS)
  changed()
}

async function refresh(): Promise<void> {
  batch = undefined
  const names = [...dirty]
  dirty.clear()
  try {
    if (names.length > MANY) {
      await loadAll()
      return
    }
    const found = await Promise.all(names.map((name) => ask<ProcessObject>('GET', pathOf(name))))
    for (const one of found) world.processes.set(nameOf(one), one)
    world.graph = await ask<GraphObject>('GET', 'api/v1/graph')
    changed()
  } catch {
    await loadAll()
  }
}

/** Says something to users of screen readers. */
export function say(text: string): void {
  const news = document.getElementById('news')
  if (news !== null) news.textContent = text
}
