// The lines of `kahi ctl status`: name, state, description, and how often the process has ended. Without a terminal the columns
// are those of supervisorctl; on a terminal they fit its width. Source: supervisor 4.2.5, supervisorctl._show_statuses.

import { namespec } from '../../config/model/names.ts'
import { signalName } from '../../config/values/signal.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import { colourFor } from '../print.ts'

const NAME_WIDTH = 30
const STATE_WIDTH = 10
/** The description has this much room at least. */
const NARROWEST = 20
/** A list of ends may be full: then there were more. */
const MANY = 100

/** The lines for all processes. States are in colour on a terminal. `columns` is the width of the terminal, if there is one. */
export function statusLines(processes: readonly ProcessObject[], columns: number | undefined): readonly string[] {
  const longest = Math.max(0, ...processes.map(({ group, name }) => namespec(group, name).length))
  const width = columns === undefined ? Math.max(NAME_WIDTH, longest) + 3 : Math.min(longest, columns >> 2) + 2
  return processes.flatMap((one) => {
    const name = namespec(one.group, one.name)
    const state = shownState(one)
    const rest = [one.description || startOf(one), endsOf(one)].filter((text) => text !== '').join(', ')
    const [first = '', ...others] =
      columns === undefined ? [rest] : wrapped(rest, Math.max(NARROWEST, columns - width - STATE_WIDTH))
    const isLong = name.length + 2 > width
    const words = `${inColour(state)(state.padEnd(STATE_WIDTH))}${first}`
    const indent = ' '.repeat(width)
    return [
      ...(isLong ? [name, `${indent}${words}`] : [`${name.padEnd(width)}${words}`]),
      ...others.map((text) => `${indent}${' '.repeat(STATE_WIDTH)}${text}`),
    ]
  })
}

function startOf({ pid, state }: ProcessObject): string {
  return state === 'STARTING' && pid > 0 ? `pid ${pid}` : ''
}

/** `3 exits, last exit status 1, 12 s ago` of a process that is up again. The others say it in their description. */
export function endsOf({ state, pid, deaths, now }: ProcessObject): string {
  const last = deaths.at(-1)
  if (last === undefined || pid === 0 || (state !== 'RUNNING' && state !== 'STARTING')) return ''
  const count = `${deaths.length}${deaths.length < MANY ? '' : ' or more'} ${deaths.length === 1 ? 'exit' : 'exits'}`
  const how = 'signal' in last ? signalName(last.signal) : `exit status ${last.exitcode}`
  return `${count}, last ${how}, ${agoText(now - last.at)} ago`
}

function agoText(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, seconds)} s`
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`
}

/** Lines of at most so many characters, broken at spaces; a longer word is broken anywhere. */
function wrapped(text: string, room: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room)
    const end = space > 0 ? space : room
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

/** A process that waits for its dependencies is on its way up. */
function shownState({ state, waiting_for: needs }: ProcessObject): string {
  return needs.length > 0 && (state === 'STOPPED' || state === 'EXITED') ? 'STARTING' : state
}

function inColour(state: string): (text: string) => string {
  const colour = colourFor(process.stdout)
  if (state === 'RUNNING') return colour.green
  if (state === 'FATAL' || state === 'UNKNOWN') return colour.red
  return state === 'BACKOFF' || state === 'STARTING' || state === 'STOPPING' || state === 'FINISHING'
    ? colour.yellow
    : colour.dim
}
