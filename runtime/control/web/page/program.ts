// The view of one program: its state and why, its last ends, what it needs and what needs it, its log, its events.

import { html, nothing, type TemplateResult } from 'lit-html'
import type { GraphObject } from '../../operations/shapes/graph.ts'
import type { ProcessObject } from '../../operations/shapes/process.ts'
import { signal } from './dialogs.ts'
import { eventList } from './events.ts'
import { bytes, duration, percent, time } from './format.ts'
import { logView } from './log.ts'
import { moodOf, spark, stateMark, whyOf } from './pieces.ts'
import { actions } from './programs.ts'
import { nameOf, startsOf, uptimeOf, useOf, world } from './world.ts'

const SIGNALS = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'WINCH', 'TERM', 'KILL', 'STOP', 'CONT'] as const
const EVENTS = 12

/** One program. */
export function programView(name: string): TemplateResult {
  const process = world.processes.get(name)
  if (process === undefined)
    return html`<h1>${name}</h1>
      <p class="empty">There is no program of this name.</p>`
  const why = whyOf(process)
  const unit = world.graph?.services.find((one) => one.name === name)
  const events = world.events.filter(
    (event) => 'name' in event && event.name === process.name && event.group === process.group,
  )
  return html`
    <div class="title">
      <div>
        <h1>${name}</h1>
        ${stateMark(process)}
      </div>
      <div>${actions(process)}${process.pid === 0 ? nothing : signals(name)}</div>
    </div>
    ${why === '' ? nothing : html`<p class="notice ${moodOf(process)}">${why}</p>`}
    <dl class="facts">${facts(process, unit)}</dl>
    <h2>Log</h2>
    ${logView(process)}
    <h2>Events</h2>
    <div class="scroll">${eventList(events.slice(0, EVENTS))}</div>
  `
}

function facts(process: ProcessObject, unit: GraphObject['services'][number] | undefined): TemplateResult {
  const name = nameOf(process)
  const use = useOf(name)
  const last = use.at(-1)
  const neededBy = (world.graph?.services ?? []).filter(({ needs }) => needs.includes(name)).map((one) => one.name)
  const cpu = use.map((one) => one.cpu)
  const memory = use.map((one) => one.memoryBytes)
  return html`
    ${process.pid === 0 ? nothing : fact('Process', `pid ${process.pid}`)}
    ${process.pid === 0 ? nothing : fact('Uptime', `${duration(uptimeOf(process))}, since ${time(process.start * 1000)}`)}
    ${process.stop === 0 ? nothing : fact('Last end', time(process.stop * 1000))}
    ${fact('Starts', String(startsOf(name) ?? ''))}
    ${last === undefined ? nothing : fact('CPU', html`${percent(last.cpu)} ${spark(cpu, 'CPU over the last minutes')}`)}
    ${last === undefined ? nothing : fact('Memory', html`${bytes(last.memoryBytes)} ${spark(memory, 'Memory over the last minutes')}`)}
    ${process.health === null ? nothing : fact('Health', process.health.status)}
    ${process.status_text === '' ? nothing : fact('It says', process.status_text)}
    ${unit === undefined || unit.needs.length === 0 ? nothing : fact('Needs', links(unit.needs))}
    ${neededBy.length === 0 ? nothing : fact('Needed by', links(neededBy))}
    ${process.deaths.length === 0 ? nothing : fact('Last ends', process.deaths.toReversed().slice(0, 4).map(death).join('; '))}
    ${process.survivors.length === 0 ? nothing : fact('Left behind', process.survivors.join(', '))}
  `
}

function fact(label: string, value: TemplateResult | readonly TemplateResult[] | string): TemplateResult {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`
}

function links(names: readonly string[]): readonly TemplateResult[] {
  return names.map(
    (name, index) => html`${index > 0 ? ', ' : ''}<a href="#/program/${encodeURIComponent(name)}">${name}</a>`,
  )
}

function death(end: ProcessObject['deaths'][number]): string {
  return `${time(end.at * 1000)} ${'signal' in end ? `signal ${end.signal}` : `exit ${end.exitcode}`}`
}

function signals(name: string): TemplateResult {
  const send = (event: Event): void => {
    const select = event.target as HTMLSelectElement
    const word = select.value
    select.value = ''
    if (word !== '') void signal(name, word)
  }
  return html`<label class="unseen" for="signal">Send a signal to ${name}</label>
    <select id="signal" @change=${send}>
      <option value="">Signal</option>
      ${SIGNALS.map((word) => html`<option value=${word}>SIG${word}</option>`)}
    </select>`
}
