// The contents of the pages. Source: supervisor 4.2.5, web.StatusView and web.TailView: columns, actions, links and
// classes of states, which programs that read the page look for.

import { namespec } from '../../../config/model/names.ts'
import { ControlError } from '../operations/errors.ts'
import { readLogPart } from '../operations/logs.ts'
import type { Room } from '../operations/operation.ts'
import { list } from '../operations/processes.ts'
import type { ProcessObject } from '../operations/shapes/process.ts'
import type { Controlled } from '../operations/supervised.ts'
import type { Form } from './form.ts'
import { escape } from './html.ts'

/** The least that the page of a log shows, in bytes. */
const TAIL_BYTES = 1024

/** All processes with their states, and what can be done with each. */
export async function statusView(controlled: Controlled, message: string | undefined): Promise<string> {
  const rows = (await list.run(controlled, {})).map(row)
  const table = [
    '<table>',
    '<tr><th>State</th><th>Description</th><th>Name</th><th>Action</th></tr>',
    ...rows,
    '</table>',
  ]
  const said = message === undefined ? [] : [`<p class="status_msg">${escape(message)}</p>`]
  const all = ['refresh', 'restartall', 'stopall'].map((action) => button(action, ALL_LABELS[action] ?? action))
  return [...said, all.join(' '), ...(rows.length > 0 ? table : ['<p>No programs to manage</p>'])].join('\n')
}

const ALL_LABELS: Readonly<Record<string, string>> = {
  refresh: 'Refresh',
  restartall: 'Restart All',
  stopall: 'Stop All',
}

function row({ group, name, state, description }: ProcessObject): string {
  const full = namespec(group, name)
  const cells = [
    `<span class="${classOf(state)}">${state.toLowerCase()}</span>`,
    escape(description),
    `<a href="tail.html?processname=${encodeURIComponent(full)}">${escape(full)}</a>`,
    actionsOf(full, state).join(' '),
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function classOf(state: string): string {
  if (state === 'RUNNING') return 'statusrunning'
  return state === 'FATAL' || state === 'BACKOFF' ? 'statuserror' : 'statusnominal'
}

function actionsOf(name: string, state: string): readonly string[] {
  const change = state === 'RUNNING' ? [button('restart', 'Restart', name), button('stop', 'Stop', name)] : []
  const isDown = state === 'STOPPED' || state === 'EXITED' || state === 'FATAL'
  const log = `logtail/${encodeURIComponent(name)}`
  return [
    ...(isDown ? [button('start', 'Start', name)] : change),
    button('clearlog', 'Clear Log', name),
    `<a href="${log}">Tail -f Stdout</a>`,
    `<a href="${log}/stderr">Tail -f Stderr</a>`,
  ]
}

/** A button that carries out an action. */
export function button(action: string, label: string, processName?: string): string {
  const name = processName === undefined ? '' : hidden('processname', processName)
  return `<form method="post" action="index.html">${name}${hidden('action', action)}<button>${label}</button></form>`
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escape(value)}">`
}

/** The end of the stdout log of a process. */
export async function tailView(
  controlled: Controlled,
  form: Form,
  room: Room,
): Promise<{ title: string; content: string }> {
  const name = form.get('processname')
  const given = form.get('limit') ?? ''
  const limit = Math.max(TAIL_BYTES, /^\d+$/.test(given) ? Number(given) : 0)
  const text = name === undefined ? 'No process name found' : await tailOf(controlled, name, limit, room)
  const refresh = `tail.html?processname=${encodeURIComponent(name ?? '')}&limit=${limit}`
  const link = name === undefined ? '' : `\n<p><a href="${escape(refresh)}">Refresh</a></p>`
  return { title: `Supervisor tail of process ${name ?? 'None'}`, content: `<pre>${escape(text)}</pre>${link}` }
}

async function tailOf(controlled: Controlled, name: string, limit: number, room: Room): Promise<string> {
  try {
    const of = { name, stream: 'stdout' } as const
    return (await readLogPart.run(controlled, { of, offset: -limit, length: 0, room })).toString('utf8')
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return error.code === 'NO_LOG' ? `No file for ${name}` : `ERROR: ${error.message}`
  }
}
