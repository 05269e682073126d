// The view of all programs and oneshots.

import { html, type TemplateResult } from 'lit-html'
import { guard } from 'lit-html/directives/guard.js'
import { repeat } from 'lit-html/directives/repeat.js'
import type { ProcessObject } from '../../operations/shapes/process.ts'
import { act } from './dialogs.ts'
import { bytes, percent, roughDuration } from './format.ts'
import { type Mood, moodOf, spark, stateMark, TOTALS, whyOf } from './pieces.ts'
import type { Use } from './use.ts'
import { changed, nameOf, startsOf, uptimeOf, useOf, world } from './world.ts'

let filter = ''
let mood: Mood | undefined

const ORDER: readonly Mood[] = ['bad', 'wait', 'good', 'rest']

/** All programs. */
export function programsView(): TemplateResult {
  const all = [...world.processes.values()]
  const shown = all.filter(
    (one) => nameOf(one).toLowerCase().includes(filter) && (mood === undefined || moodOf(one) === mood),
  )
  return html`
    <div class="title">
      <h1>Programs</h1>
      <div>
        <label class="unseen" for="filter">Search programs</label>
        <input id="filter" type="search" placeholder="Search  /" .value=${filter} @input=${search} />
      </div>
    </div>
    <div class="tools totals" role="group" aria-label="Only programs in a state">
      ${ORDER.map((one) => total(one, all.filter((process) => moodOf(process) === one).length))}
    </div>
    ${shown.length === 0 ? html`<p class="empty">${all.length === 0 ? 'No programs' : 'No program fits'}</p>` : table(shown)}
  `
}

function total(of: Mood, count: number): TemplateResult {
  const toggle = (): void => {
    mood = mood === of ? undefined : of
    changed()
  }
  return html`<button class="plain" aria-pressed=${mood === of} @click=${toggle}>
    <span class="state ${count === 0 ? 'rest' : of}">${count} ${TOTALS[of]}</span>
  </button>`
}

function table(shown: readonly ProcessObject[]): TemplateResult {
  return html`<div class="scroll">
    <table class="programs">
      <caption class="unseen">
        Programs and oneshots with their state
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col" class="right">Uptime</th>
          <th scope="col" class="right">Starts</th>
          <th scope="col">CPU</th>
          <th scope="col">Memory</th>
          <th scope="col" class="right">Actions</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(shown, nameOf, row)}
      </tbody>
    </table>
  </div>`
}

/** A row is drawn again only when something in it has changed. */
function row(process: ProcessObject): unknown {
  const name = nameOf(process)
  const uptime = process.pid === 0 ? '' : roughDuration(uptimeOf(process))
  const starts = startsOf(name)
  const use = useOf(name)
  return guard([process, uptime, starts, use.at(-1)], () => rowOf(process, { uptime, starts, use }))
}

interface Figures {
  readonly uptime: string
  readonly starts: number | undefined
  readonly use: readonly Use[]
}

function rowOf(process: ProcessObject, { uptime, starts, use }: Figures): TemplateResult {
  const name = nameOf(process)
  const last = use.at(-1)
  const why = whyOf(process)
  return html`<tr>
    <th scope="row"><a href="#/program/${encodeURIComponent(name)}">${name}</a></th>
    <td>${stateMark(process)}${why === '' ? '' : html`<div class="why" title=${why}>${why}</div>`}</td>
    <td class="number right extra">${uptime}</td>
    <td class="number right extra">${starts ?? ''}</td>
    <td class="use number">
      ${
        last === undefined
          ? ''
          : figure(
              percent(last.cpu),
              use.map(({ cpu }) => cpu),
              `CPU of ${name}`,
            )
      }
    </td>
    <td class="use number">
      ${
        last === undefined
          ? ''
          : figure(
              bytes(last.memoryBytes),
              use.map((one) => one.memoryBytes),
              `Memory of ${name}`,
            )
      }
    </td>
    <td class="acts">${actions(process)}</td>
  </tr>`
}

function figure(now: string, before: readonly number[], title: string): TemplateResult {
  return html`<span>${now}</span>${spark(before, title)}`
}

/** Buttons for what can be done now. */
export function actions(process: ProcessObject): TemplateResult {
  const name = nameOf(process)
  const isUp = ['RUNNING', 'STARTING', 'BACKOFF'].includes(process.state)
  const button = (verb: 'start' | 'stop' | 'restart', label: string): TemplateResult =>
    html`<button class="plain" aria-label="${label} ${name}" @click=${() => act(verb, name)}>${label}</button>`
  return isUp
    ? html`${button('restart', 'Restart')}${button('stop', 'Stop')}`
    : html`${button('start', process.kind === 'oneshot' ? 'Run' : 'Start')}`
}

function search({ target }: Event): void {
  filter = (target as HTMLInputElement).value.toLowerCase()
  changed()
}
