// The picture of the first start: for each unit the time that it waited, and the time until it was up.

import { html, svg, type TemplateResult } from 'lit-html'
import type { BootObject } from '../../operations/shapes/graph.ts'
import { ask } from './api.ts'
import { milliseconds } from './format.ts'
import { changed } from './world.ts'

const ROW = 30
const NAMES = 190
const WIDTH = 1000
const LINES = 5

let boot: BootObject | undefined
let isAsking = false

/** Asks again: the view was opened, or something has happened during the start. */
export async function loadBoot(): Promise<void> {
  if (isAsking) return
  isAsking = true
  boot = await ask<BootObject>('GET', 'api/v1/boot').catch(() => boot)
  isAsking = false
  changed()
}

/** The timeline. */
export function bootView(): TemplateResult {
  const services = boot?.services ?? []
  if (services.length === 0)
    return html`<h1>Start</h1>
      <p class="empty">Nothing was started yet</p>`
  const ends = services.map(({ up, started, begun }) => up ?? started ?? begun ?? 0)
  const isDone = services.every(({ up, failure }) => up !== null || failure !== '')
  const total = Math.max(1, isDone ? Math.max(...ends) : (boot?.elapsed ?? 1))
  const height = (services.length + 1) * ROW
  const x = (ms: number): number => NAMES + (ms / total) * (WIDTH - NAMES - 90)
  return html`
    <div class="title">
      <h1>Start</h1>
      <p class="soft">${isDone ? `Everything was up after ${milliseconds(total)}` : 'Not all units are up yet'}</p>
    </div>
    <div class="picture" tabindex="0" role="group" aria-label="Timeline of the first start">
      <svg class="wide" width=${WIDTH} height=${height} viewBox="0 0 ${WIDTH} ${height}">
        ${Array.from({ length: LINES }, (_, index) => mark((total / (LINES - 1)) * index, x, height))}
        ${services.map((service, index) => span(service, index, x, total))}
      </svg>
    </div>
    <p class="soft">Pale: waited for dependencies. Amber: determined how long the whole start took.</p>
  `
}

function mark(ms: number, x: (ms: number) => number, height: number): TemplateResult {
  return svg`<line class="grid" x1=${x(ms)} y1="20" x2=${x(ms)} y2=${height}></line>
    <text class="soft" x=${x(ms)} y="12" text-anchor="middle">${milliseconds(ms)}</text>`
}

function span(
  { name, begun, started, up, failure, critical }: BootObject['services'][number],
  index: number,
  x: (ms: number) => number,
  total: number,
): TemplateResult {
  const y = ROW * (index + 1)
  const from = begun ?? 0
  const to = up ?? (failure === '' ? total : (started ?? from))
  const words = up === null ? (failure === '' ? 'on its way' : failure) : milliseconds(up - from)
  const kind = failure === '' ? (critical ? 'critical' : '') : 'failed'
  return svg`<g><title>${name}: ${words}</title>
    <text x="0" y=${y + 14}>${name.length > 24 ? `${name.slice(0, 23)}\u2026` : name}</text>
    <rect class="span before" x=${x(0)} y=${y + 6} width=${Math.max(0, x(from) - x(0))} height="7" rx="3.5"></rect>
    <rect class="span ${kind}" x=${x(from)} y=${y + 3} width=${Math.max(3, x(to) - x(from))} height="13" rx="4"></rect>
    <text class="soft" x=${x(to) + 8} y=${y + 14}>${words}</text></g>`
}
