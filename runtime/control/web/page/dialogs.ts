// Questions before something is done, and doing it.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import type { Outcome } from '../../operations/shapes/process.ts'
import { ask, Failed } from './api.ts'
import { dependentsOf, pathOf, say } from './world.ts'

/** What can be done with a process. */
export type Verb = 'start' | 'stop' | 'restart'

const DONE: Readonly<Record<Verb, string>> = { start: 'started', stop: 'stopped', restart: 'restarted' }

interface Question {
  readonly title: string
  readonly text: TemplateResult
  readonly label: string
  readonly isDangerous?: boolean
}

/** Shows a question; gives whether the answer is yes. Escape means no. */
export function confirm({ title, text, label, isDangerous = false }: Question): Promise<boolean> {
  const dialog = dialogElement()
  return new Promise((resolve) => {
    const answer = (value: boolean) => () => {
      dialog.close()
      resolve(value)
    }
    render(
      html`<h2 id="dialog-title">${title}</h2>
        ${text}
        <div class="row">
          <button @click=${answer(false)} autofocus>Cancel</button>
          <button class=${isDangerous ? 'danger' : 'main'} @click=${answer(true)}>${label}</button>
        </div>`,
      dialog,
    )
    dialog.addEventListener('cancel', () => resolve(false), { once: true })
    dialog.showModal()
  })
}

/** Shows a message until the user closes it. */
export function tell(title: string, message: string, hint = ''): void {
  const dialog = dialogElement()
  render(
    html`<h2 id="dialog-title">${title}</h2>
      <p>${message}</p>
      ${hint === '' ? nothing : html`<p class="soft">${hint}</p>`}
      <div class="row"><button class="main" @click=${() => dialog.close()} autofocus>Close</button></div>`,
    dialog,
  )
  dialog.showModal()
}

/** Starts, stops or restarts a process, after a question where others are concerned. */
export async function act(verb: Verb, name: string): Promise<void> {
  if (verb !== 'start' && !(await isMeant(verb, name))) return
  await carryOut(`${verb} ${name}`, async () => {
    await ask<Outcome>('POST', `${pathOf(name)}/${verb}`)
    say(`${name} ${DONE[verb]}`)
  })
}

/** Sends a signal. */
export async function signal(name: string, word: string): Promise<void> {
  const isDangerous = ['KILL', 'TERM', 'QUIT', 'STOP'].includes(word)
  const text = html`<p>The process <b>${name}</b> gets SIG${word}.</p>`
  if (!(await confirm({ title: `Signal ${name}?`, text, label: `Send SIG${word}`, isDangerous }))) return
  await carryOut(`signal ${name}`, async () => {
    await ask<Outcome>('POST', `${pathOf(name)}/signal`, { signal: word })
    say(`${name} got SIG${word}`)
  })
}

/** Does it, and shows why it failed. */
export async function carryOut(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    tell(`Could not ${what}`, error.message, error.hint)
  }
}

function isMeant(verb: 'stop' | 'restart', name: string): Promise<boolean> {
  const dependents = verb === 'stop' ? dependentsOf(name) : []
  const others = html`<p>These need it and stop before it:</p>
    <ul>
      ${dependents.map((one) => html`<li>${one}</li>`)}
    </ul>`
  const keeps = html`<p>It is stopped and started again. What depends on it keeps running.</p>`
  return confirm({
    title: verb === 'stop' ? `Stop ${name}?` : `Restart ${name}?`,
    text: verb === 'restart' ? keeps : dependents.length > 0 ? others : html`<p>Nothing else that runs needs it.</p>`,
    label: verb === 'stop' ? 'Stop' : 'Restart',
    isDangerous: verb === 'stop',
  })
}

function dialogElement(): HTMLDialogElement {
  return document.getElementById('dialog') as HTMLDialogElement
}
