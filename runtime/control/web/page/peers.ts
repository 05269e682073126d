// Several daemons side by side: this one, and those of [peers]. They are asked every few seconds while this view is seen.

import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { PeerObject } from '../../operations/shapes/peers.ts'
import { ask, Failed } from './api.ts'
import { type Mood, moodOf, TOTALS, wordOf } from './pieces.ts'
import { changed, nameOf, say, world } from './world.ts'

/** A line of a card. */
interface Line {
  readonly name: string
  readonly mood: Mood
  readonly word: string
  readonly more: string
}

interface Card {
  readonly name: string
  /** The address of its page; empty where a browser cannot open it. */
  readonly link: string
  readonly problem: string
  readonly lines: readonly Line[]
}

const PAUSE_MS = 3000
const ORDER: readonly Mood[] = ['bad', 'wait', 'good', 'rest']
/** A card shows so many programs; those that need attention come first. */
const SHOWN = 12

let peers: readonly PeerObject[] = []
let timer: ReturnType<typeof setTimeout> | undefined
const opened = new Set<string>()

/** Whether the configuration names other daemons. */
export function hasPeers(): boolean {
  return peers.length > 0
}

/** Asks for the other daemons, and again while the view is seen. */
export async function loadPeers(): Promise<void> {
  clearTimeout(timer)
  try {
    const before = new Map(peers.map(({ name, state }) => [name, state]))
    peers = await ask<PeerObject[]>('GET', 'api/v1/peers')
    for (const { name, state } of peers)
      if (state === 'failing' && before.get(name) === 'ok') say(`${name} does not answer any more`)
  } catch (error) {
    if (!(error instanceof Failed)) throw error
  }
  changed()
  clearTimeout(timer)
  if (location.hash === '#/daemons') timer = setTimeout(() => void again(), PAUSE_MS)
}

async function again(): Promise<void> {
  if (document.visibilityState === 'visible') await loadPeers()
  else timer = setTimeout(() => void again(), PAUSE_MS)
}

/** All daemons. */
export function peersView(): TemplateResult {
  return html`
    <div class="title"><h1>Daemons</h1></div>
    <div class="daemons">${repeat([ownCard(), ...peers.map(peerCard)], ({ name }) => name, card)}</div>
  `
}

function ownCard(): Card {
  const lines = [...world.processes.values()].map((process) => ({
    name: nameOf(process),
    mood: moodOf(process),
    word: wordOf(process),
    more: process.description,
  }))
  return { name: 'this daemon', link: '#/', problem: '', lines }
}

function peerCard({ name, url, problem, processes }: PeerObject): Card {
  const lines = processes.map((process) => ({
    name: nameOf(process),
    mood: moodOfPeer(process),
    word: process.health === 'unhealthy' ? 'unhealthy' : process.state.toLowerCase(),
    more: process.description,
  }))
  return { name, link: /^https?:/.test(url) && !url.includes('(hidden)') ? url : '', problem, lines }
}

function moodOfPeer({ state, kind, health }: PeerObject['processes'][number]): Mood {
  if (health === 'unhealthy' || ['FATAL', 'UNKNOWN', 'BACKOFF'].includes(state)) return 'bad'
  if (state === 'RUNNING') return 'good'
  if (['STARTING', 'STOPPING', 'FINISHING'].includes(state)) return 'wait'
  return kind === 'oneshot' && state === 'EXITED' ? 'good' : 'rest'
}

function card({ name, link, problem, lines }: Card): TemplateResult {
  const sorted = ORDER.flatMap((mood) => lines.filter((line) => line.mood === mood))
  const isOpen = opened.has(name)
  const toggle = (): void => {
    if (isOpen) opened.delete(name)
    else opened.add(name)
    changed()
  }
  const shown = isOpen ? sorted : sorted.slice(0, SHOWN)
  return html`<section class="daemon" aria-label=${name}>
    <h2>${link === '' ? name : html`<a href=${link}>${name}</a>`}</h2>
    ${
      problem === ''
        ? html`<p class="counts">
            ${ORDER.map((mood) => {
              const count = lines.filter((line) => line.mood === mood).length
              return count === 0 ? nothing : html`<span class="state ${mood}">${count} ${TOTALS[mood]}</span> `
            })}
          </p>`
        : html`<p class="notice bad">does not answer: ${problem}</p>`
    }
    <ul>
      ${repeat(
        shown,
        (line) => line.name,
        (line) =>
          html`<li>
            <span>${line.name}</span> <span class="state ${line.mood}" title=${line.more}>${line.word}</span>
          </li>`,
      )}
    </ul>
    ${
      sorted.length <= SHOWN
        ? nothing
        : html`<button class="plain" aria-expanded=${isOpen} @click=${toggle}>
            ${isOpen ? 'Show fewer' : `Show all ${sorted.length}`}
          </button>`
    }
  </section>`
}
