// The graph as a picture, without Graphviz. Each column contains the units that may start at the same time; their
// dependencies are to the left. Within a column a unit is near its dependencies, so that few lines cross. A line that
// goes further than to the next column passes between the boxes, together with the other lines of its unit.

import { append } from '../../config/model/append.ts'
import type { GraphModel, GraphNode } from './model.ts'

const BOX_HEIGHT = 26
const ROW = 40
/** Width of a line between boxes. */
const LANE = 14
const GAP = 90
const MARGIN = 16
/** Width of a character at 12 pixels. */
const CHARACTER = 7.3

/**
 * The box of a unit, or, without `node`, the place where lines of a unit pass through a column on their way to the
 * right.
 */
interface Spot {
  readonly node: GraphNode | undefined
  readonly x: number
  /** Position of the middle. */
  readonly y: number
  readonly width: number
}

type Columns = readonly (readonly GraphNode[])[]
/** By column, then by name of the unit. */
type Spots = readonly ReadonlyMap<string, Spot>[]

/** An SVG file. */
export function asSvg({ services }: GraphModel): string {
  const spots = placeSpots(columnsOf(services))
  const all = spots.flatMap((column) => [...column.values()])
  const boxes = all.flatMap((spot) => (spot.node === undefined ? [] : [{ ...spot, node: spot.node }]))
  const width = Math.max(0, ...all.map((spot) => spot.x + spot.width)) + MARGIN
  const height = Math.max(0, ...all.map((spot) => spot.y + BOX_HEIGHT / 2)) + MARGIN
  const lines = boxes.flatMap(({ node }) =>
    node.needs.map((need) => drawLine(spots, need.name, node.name, need.reached)),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="12">`,
    '<style>rect{fill:#eef3fb;stroke:#456}path{fill:none;stroke:#678}.ordered{stroke-dasharray:4 3}text{fill:#123}</style>',
    ...lines,
    ...boxes.map(drawBox),
    '</svg>',
  ].join('\n')
}

/** A unit is one column to the right of its rightmost dependency. */
function columnsOf(services: readonly GraphNode[]): Columns {
  const byName = new Map(services.map((node) => [node.name, node]))
  const depths = new Map<string, number>()
  const open = [...services].reverse()
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    const missing = node.dependencies.flatMap((name) => (depths.has(name) ? [] : (byName.get(name) ?? [])))
    if (missing.length > 0) append(open, missing)
    else {
      depths.set(node.name, 1 + Math.max(-1, ...node.dependencies.map((name) => depths.get(name) ?? -1)))
      open.pop()
    }
  }
  const columns: GraphNode[][] = []
  for (const node of services) {
    const depth = depths.get(node.name) ?? 0
    columns[depth] = [...(columns[depth] ?? []), node]
  }
  return columns
}

function placeSpots(columns: Columns): Spots {
  const lastUse = new Map<string, number>()
  for (const [index, column] of columns.entries())
    for (const { dependencies } of column) for (const name of dependencies) lastUse.set(name, index)
  const spots: Map<string, Spot>[] = []
  let x = MARGIN
  for (const [index, column] of columns.entries()) {
    const before = spots.at(-1) ?? new Map<string, Spot>()
    const passing = [...before].filter(([name]) => (lastUse.get(name) ?? 0) > index)
    const lanes = passing.map(([name, { y }]) => ({ name, node: undefined, pull: y }))
    const boxes = column.map((node) => ({ name: node.name, node, pull: pullOf(node, before) }))
    const width = Math.ceil(Math.max(...column.map(({ name }) => name.length)) * CHARACTER) + 20
    const placed = new Map<string, Spot>()
    let y = MARGIN
    for (const { name, node } of [...boxes, ...lanes].sort((a, b) => a.pull - b.pull)) {
      const height = node === undefined ? LANE : ROW
      placed.set(name, { node, x, y: y + height / 2, width })
      y += height
    }
    spots.push(placed)
    x += width + GAP
  }
  return spots
}

/** The average position of the dependencies of a box. */
function pullOf({ dependencies }: GraphNode, before: ReadonlyMap<string, Spot>): number {
  const heights = dependencies.flatMap((name) => before.get(name)?.y ?? [])
  return heights.reduce((sum, y) => sum + y, 0) / Math.max(1, heights.length)
}

function drawBox({ node, x, y, width }: Spot & { readonly node: GraphNode }): string {
  const round = node.type === 'oneshot' ? 0 : BOX_HEIGHT / 2
  const box = `<rect x="${x}" y="${y - BOX_HEIGHT / 2}" width="${width}" height="${BOX_HEIGHT}" rx="${round}"/>`
  return `${box}<text x="${x + width / 2}" y="${y + 4}" text-anchor="middle">${escapeXml(node.name)}</text>`
}

/** Draws a line from box to box, straight through the columns between. */
function drawLine(spots: Spots, from: string, to: string, reached: string): string {
  const first = spots.findIndex((column) => column.get(from)?.node !== undefined)
  const last = spots.findIndex((column) => column.get(to)?.node !== undefined)
  const way = spots.slice(first, last).flatMap((column) => column.get(from) ?? [])
  const end = spots[last]?.get(to)
  const [start, ...lanes] = way
  if (start === undefined || end === undefined) return ''
  let [x, y] = [start.x + start.width, start.y]
  let path = `M${x} ${y}`
  for (const spot of [...lanes, end]) {
    const middle = (x + spot.x) / 2
    path += `C${middle} ${y} ${middle} ${spot.y} ${spot.x} ${spot.y}`
    if (spot !== end) path += `H${spot.x + spot.width}`
    x = spot.x + spot.width
    y = spot.y
  }
  const title = `<title>${escapeXml(`${to} after ${from} ${reached}`)}</title>`
  return `<path class="${reached}" d="${path}">${title}</path>`
}

/** Escapes text for XML. Characters that XML cannot contain are dropped. */
export function escapeXml(text: string): string {
  const clean = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
