// Pieces that several views show.

import { html, svg, type TemplateResult } from 'lit-html'
import type { ProcessObject } from '../../operations/shapes/process.ts'

/** What a state means for a person. */
export type Mood = 'good' | 'wait' | 'bad' | 'rest'

/** What a number of programs in a mood is called. */
export const TOTALS: Readonly<Record<Mood, string>> = {
  bad: 'need attention',
  wait: 'on their way',
  good: 'up',
  rest: 'down',
}

/** The mood of a process. */
export function moodOf({ state, kind, ready, health, waiting_for: waits, spawnerr, exitstatus }: ProcessObject): Mood {
  if (state === 'FATAL' || state === 'UNKNOWN' || health?.status === 'unhealthy') return 'bad'
  if (state === 'BACKOFF') return 'bad'
  if (waits.length > 0 || state === 'STARTING' || state === 'STOPPING' || state === 'FINISHING') return 'wait'
  if (state === 'RUNNING') return ready === false ? 'wait' : 'good'
  if (spawnerr !== '') return 'bad'
  if (kind === 'oneshot' && state === 'EXITED') return 'good'
  return state === 'EXITED' && exitstatus !== 0 ? 'bad' : 'rest'
}

/** The state in a word. */
export function wordOf(process: ProcessObject): string {
  const { state, kind, ready, health, waiting_for: waits } = process
  if (waits.length > 0) return 'waiting'
  if (state === 'RUNNING' && health?.status === 'unhealthy') return 'unhealthy'
  if (state === 'RUNNING' && ready === false) return 'not ready'
  if (kind === 'oneshot' && state === 'EXITED') return 'completed'
  return state.toLowerCase()
}

/** Why it is in that state, where there is something to say. */
export function whyOf(process: ProcessObject): string {
  const { waiting_for: waits, spawnerr, health, status_text: status, state, exitstatus } = process
  if (waits.length > 0) return `waits for ${waits.join(', ')}`
  if (spawnerr !== '') return spawnerr
  if (health?.status === 'unhealthy') return health.problem
  if (state === 'EXITED' && process.kind === 'program')
    return exitstatus < 0 ? 'ended by a signal' : `exit code ${exitstatus}`
  return status
}

/** The state with its mark. */
export function stateMark(process: ProcessObject): TemplateResult {
  return html`<span class="state ${moodOf(process)}">${wordOf(process)}</span>`
}

/** A small curve. */
export function spark(values: readonly number[], title: string): TemplateResult | string {
  if (values.length < 2) return ''
  const most = Math.max(...values, Number.EPSILON)
  const step = 100 / (values.length - 1)
  const points = values.map((value, index) => `${(index * step).toFixed(1)} ${(22 - (value / most) * 20).toFixed(1)}`)
  return html`<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=${title}>
    ${svg`<path d="M${points.join('L')}"></path>`}
  </svg>`
}
