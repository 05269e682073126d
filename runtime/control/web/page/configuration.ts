// The configuration: what the file would change, and applying it.

import { html, nothing, type TemplateResult } from 'lit-html'
import type { ChangesObject } from '../../operations/shapes/daemon.ts'
import { ask, Failed } from './api.ts'
import { carryOut, confirm } from './dialogs.ts'
import { changed, say } from './world.ts'

let changes: ChangesObject | undefined
let failure: Failed | undefined
let isAsking = false

/** Reads the file again and compares. */
export async function loadChanges(): Promise<void> {
  if (isAsking) return
  isAsking = true
  try {
    changes = await ask<ChangesObject>('POST', 'api/v1/apply', { dry_run: true })
    failure = undefined
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    failure = error
  } finally {
    isAsking = false
  }
  changed()
}

/** The differences between the file and what runs. */
export function configurationView(): TemplateResult {
  return html`
    <div class="title">
      <h1>Configuration</h1>
      <div>
        <button @click=${loadChanges}>Compare again</button>
        <button
          class="main"
          ?disabled=${changes === undefined || failure !== undefined || isEmpty(changes)}
          @click=${apply}
        >
          Apply
        </button>
      </div>
    </div>
    ${
      failure === undefined
        ? nothing
        : html`<p class="notice bad" role="alert">${failure.message}</p>
            <p class="soft">${failure.hint}</p>`
    }
    ${changes === undefined || failure !== undefined ? nothing : diff(changes)}
  `
}

function isEmpty({ added, removed, changed: other, relinked, oneshots, receivers }: ChangesObject): boolean {
  return [added, removed, other, relinked, ...Object.values(oneshots), ...Object.values(receivers)].every(
    ({ length }) => length === 0,
  )
}

function diff(all: ChangesObject): TemplateResult {
  if (isEmpty(all))
    return html`<div class="scroll">
      <p class="empty">The file and what runs are the same (${all.unchanged.length} groups).</p>
    </div>`
  const values = [...all.changed.flatMap((one) => one.values), ...all.relinked]
  return html`
    <dl class="facts">
      ${fact('Added', [...all.added, ...all.oneshots.added, ...all.receivers.added])}
      ${fact('Removed', [...all.removed, ...all.oneshots.removed, ...all.receivers.removed])}
      ${fact(
        'Restarted',
        all.changed.flatMap(({ restarted }) => restarted),
      )}
      ${fact(
        'Kept running',
        all.changed.flatMap(({ kept }) => kept),
      )}
      ${fact('Essential, not touched', all.essential)} ${fact('Only with a restart of the daemon', all.needs_restart)}
    </dl>
    ${
      values.length === 0
        ? nothing
        : html`<h2>Values</h2>
            <div class="scroll">
              <pre class="diff" tabindex="0">${values.map(value)}</pre>
            </div>`
    }
  `
}

function fact(label: string, names: readonly string[]): TemplateResult | typeof nothing {
  return names.length === 0
    ? nothing
    : html`<div>
        <dt>${label}</dt>
        <dd>${names.join(', ')}</dd>
      </div>`
}

function value({ subject, key, before, after }: ChangesObject['relinked'][number]): TemplateResult {
  const line = (sign: '+' | '-', one: unknown): TemplateResult | typeof nothing =>
    one === undefined
      ? nothing
      : html`<span class=${sign === '+' ? 'plus' : 'minus'}>${sign} ${subject}: ${key} = ${JSON.stringify(one)} </span>`
  return html`${line('-', before)}${line('+', after)}`
}

async function apply(): Promise<void> {
  const restarted = changes?.changed.flatMap((one) => one.restarted) ?? []
  const removed = changes?.removed ?? []
  const concerned = [...restarted, ...removed]
  const text =
    concerned.length === 0
      ? html`<p>No running process ends.</p>`
      : html`<p>These end${restarted.length > 0 ? ' or restart' : ''}: ${concerned.join(', ')}.</p>`
  if (!(await confirm({ title: 'Apply the file?', text, label: 'Apply', isDangerous: removed.length > 0 }))) return
  await carryOut('apply the configuration', async () => {
    await ask<ChangesObject>('POST', 'api/v1/apply', {})
    say('the configuration is in force')
  })
  await loadChanges()
}
