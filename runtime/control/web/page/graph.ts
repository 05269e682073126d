// The picture of dependencies: what a unit needs stands to the left of it.

import { html, svg, type TemplateResult } from 'lit-html'
import type { GraphObject } from '../../operations/shapes/graph.ts'
import { moodOf, wordOf } from './pieces.ts'
import { world } from './world.ts'

const BOX = { width: 168, height: 40 }
const GAP = { x: 64, y: 14 }

interface Place {
  readonly name: string
  readonly needs: readonly string[]
  readonly x: number
  readonly y: number
}

/** The graph, with the state of each unit. */
export function graphView(): TemplateResult {
  const units = world.graph?.services ?? []
  if (units.length === 0)
    return html`<h1>Dependencies</h1>
      <p class="empty">No programs</p>`
  const places = layOut(units)
  const at = new Map(places.map((place) => [place.name, place]))
  const width = Math.max(...places.map(({ x }) => x)) + BOX.width + 2
  const height = Math.max(...places.map(({ y }) => y)) + BOX.height + 2
  const edges = places.flatMap((place) =>
    place.needs.flatMap((need) => {
      const from = at.get(need)
      return from === undefined ? [] : [edge(from, place)]
    }),
  )
  return html`
    <div class="title">
      <h1>Dependencies</h1>
      <p class="soft">What a program needs stands to its left</p>
    </div>
    <div class="picture" tabindex="0" role="group" aria-label="Graph of dependencies">
      <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}">${edges}${places.map(box)}</svg>
    </div>
  `
}

function edge(from: Place, to: Place): TemplateResult {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2]
  const [x2, y2] = [to.x, to.y + BOX.height / 2]
  const middle = Math.max(24, (x2 - x1) / 2)
  return svg`<path class="edge" d="M${x1} ${y1}C${x1 + middle} ${y1} ${x2 - middle} ${y2} ${x2} ${y2}"></path>`
}

function box({ name, x, y, needs }: Place): TemplateResult {
  const process = world.processes.get(name)
  const mood = process === undefined ? 'rest' : moodOf(process)
  const word = process === undefined ? '' : wordOf(process)
  const label = `${name}, ${word}${needs.length > 0 ? `, needs ${needs.join(', ')}` : ''}`
  return svg`<a href="#/program/${encodeURIComponent(name)}" aria-label=${label}>
    <rect class="box" x=${x + 1} y=${y + 1} width=${BOX.width} height=${BOX.height} rx="9"></rect>
    <circle class="dot ${mood}" cx=${x + 18} cy=${y + BOX.height / 2} r="4.5"></circle>
    <text x=${x + 32} y=${y + 17}>${short(name)}</text>
    <text class="soft" x=${x + 32} y=${y + 32}>${word}</text>
  </a>`
}

function short(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}\u2026` : name
}

/** Each unit stands one column to the right of the last of its dependencies, near the middle of them. */
function layOut(units: GraphObject['services']): readonly Place[] {
  const byName = new Map(units.map((unit) => [unit.name, unit]))
  const columns = new Map<string, number>()
  const columnOf = (name: string, path: ReadonlySet<string>): number => {
    const known = columns.get(name)
    if (known !== undefined || path.has(name)) return known ?? 0
    const needs = byName.get(name)?.needs ?? []
    const column = Math.max(-1, ...needs.map((need) => columnOf(need, new Set([...path, name])))) + 1
    columns.set(name, column)
    return column
  }
  for (const { name } of units) columnOf(name, new Set())
  const rows = new Map<string, number>()
  const places: Place[] = []
  for (let column = 0; column <= Math.max(...columns.values()); column += 1) {
    const here = units.filter(({ name }) => columns.get(name) === column)
    const wish = (unit: GraphObject['services'][number]): number => {
      const above = unit.needs.flatMap((need) => rows.get(need) ?? [])
      return above.length === 0 ? 0 : above.reduce((sum, row) => sum + row, 0) / above.length
    }
    const sorted = column === 0 ? here : here.toSorted((left, right) => wish(left) - wish(right))
    let next = 0
    for (const unit of sorted) {
      const row = Math.max(next, Math.round(wish(unit)))
      rows.set(unit.name, row)
      next = row + 1
      places.push({
        name: unit.name,
        needs: unit.needs,
        x: column * (BOX.width + GAP.x),
        y: row * (BOX.height + GAP.y),
      })
    }
  }
  return places
}
