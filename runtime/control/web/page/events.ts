// The feed of events.

import { html, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { EventObject } from '../../operations/shapes/events.ts'
import { time } from './format.ts'
import { changed, nameOf, world } from './world.ts'

let withLog = false

/** All events. */
export function eventsView(): TemplateResult {
  const shown = world.events.filter(({ type }) => withLog || type !== 'log')
  const toggle = (): void => {
    withLog = !withLog
    changed()
  }
  return html`
    <div class="title">
      <h1>Events</h1>
      <div><button aria-pressed=${withLog} @click=${toggle}>With lines of the daemon's log</button></div>
    </div>
    <div class="scroll">${eventList(shown)}</div>
  `
}

/** Some events, the newest first. */
export function eventList(events: readonly EventObject[]): TemplateResult {
  if (events.length === 0) return html`<p class="empty">Nothing has happened yet</p>`
  return html`<ul class="feed">
    ${repeat(events, ({ number }) => number, item)}
  </ul>`
}

function item(event: EventObject): TemplateResult {
  const { group, name } = event as { group?: string; name?: string }
  const about = group === undefined ? undefined : name === undefined ? group : nameOf({ group, name })
  return html`<li>
    <time class="soft number" datetime=${event.time}>${time(Date.parse(event.time))}</time>
    <span
      >${about === undefined ? html`<span class="soft">kahi</span>` : html`<a href="#/program/${encodeURIComponent(about)}">${about}</a>`}</span
    >
    <span>${sentence(event)}</span>
  </li>`
}

/** What has happened, in words. */
function sentence(event: EventObject): string {
  switch (event.type) {
    case 'process-state':
      return `${event.from} to ${event.to}${event.tries > 0 ? `, try ${event.tries}` : ''}`
    case 'process-started':
      return `started with pid ${event.pid}`
    case 'process-exited':
      return `${event.signal === null ? `ended with exit code ${event.code}` : `ended by signal ${event.signal}`} after ${(event.lived_ms / 1000).toFixed(1)} s`
    case 'readiness':
      return event.ready ? 'is ready' : 'is not ready any more'
    case 'health':
      return event.healthy ? 'is healthy' : `is unhealthy: ${event.reason}`
    case 'file-changed':
      return `${event.path} has changed: ${event.action}`
    case 'limit-exceeded':
      return `uses ${event.value} ${event.what === 'cpu' ? '% CPU' : 'bytes of memory'}, more than ${event.limit}`
    case 'status-text':
      return event.text
    case 'waiting':
      return `waits for ${event.waiting_for.join(', ')}`
    case 'oneshot-began':
      return `began (${event.way})`
    case 'oneshot-ended':
      return event.failure === '' ? `is done (${event.way})` : `failed (${event.way}): ${event.failure}`
    case 'delivery':
      return `${event.to} ${event.target}: ${event.ok ? 'works again' : event.reason}`
    case 'configuration-applied':
      return `a configuration is in force${changesOf(event)}`
    case 'group-added':
      return 'was added'
    case 'group-removed':
      return 'was removed'
    case 'supervisor-state':
      return `the daemon is ${event.state}`
    case 'daemon-end':
      return `ends the daemon: ${event.reason}`
    case 'audit':
      return `${event.who === '' ? (event.uid === null ? 'a client' : `uid ${event.uid}`) : event.who} from ${event.from}: ${event.action}: ${event.result}`
    case 'log':
      return `${event.level}: ${event.message}`
  }
}

function changesOf(event: Extract<EventObject, { type: 'configuration-applied' }>): string {
  const parts = (['added', 'changed', 'removed'] as const).flatMap((kind) =>
    event[kind].length === 0 ? [] : [`${kind} ${event[kind].join(', ')}`],
  )
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`
}
