// The graph as a picture, without Graphviz: a column for all that may start at the same time, what it waits for to its
// left. Within a column each stands near what it needs, so that lines seldom cross.

import type { GraphModel, GraphNode } from './model.ts'

const BOX_HEIGHT = 26
const ROW = 40
const GAP = 90
const MARGIN = 16
/** Of one character at 12 pixels. */
const CHARACTER = 7.3

interface Box {
  readonly node: GraphNode
  readonly x: number
  readonly y: number
  readonly width: number
}

/** An SVG file. */
export function asSvg({ services }: GraphModel): string {
  const boxes = placeBoxes(columnsOf(services))
  const all = [...boxes.values()]
  const width = Math.max(0, ...all.map((box) => box.x + box.width)) + MARGIN
  const height = Math.max(0, ...all.map((box) => box.y + BOX_HEIGHT)) + MARGIN
  const lines = all.flatMap((box) => box.node.needs.map((need) => drawLine(boxes.get(need.name), box, need.reached)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="12">`,
    '<style>rect{fill:#eef3fb;stroke:#456}path{fill:none;stroke:#678}.ordered{stroke-dasharray:4 3}text{fill:#123}</style>',
    ...lines,
    ...all.map(drawBox),
    '</svg>',
  ].join('\n')
}

/** A unit stands one column to the right of the last one that it needs. */
function columnsOf(services: readonly GraphNode[]): readonly (readonly GraphNode[])[] {
  const byName = new Map(services.map((node) => [node.name, node]))
  const depths = new Map<string, number>()
  const open = [...services].reverse()
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    const missing = node.dependencies.flatMap((name) => (depths.has(name) ? [] : (byName.get(name) ?? [])))
    if (missing.length > 0) open.push(...missing)
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

function placeBoxes(columns: readonly (readonly GraphNode[])[]): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>()
  let x = MARGIN
  for (const column of columns) {
    const pull = ({ dependencies }: GraphNode): number => {
      const heights = dependencies.map((name) => boxes.get(name)?.y ?? 0)
      return heights.reduce((sum, y) => sum + y, 0) / Math.max(1, heights.length)
    }
    const width = Math.ceil(Math.max(...column.map(({ name }) => name.length)) * CHARACTER) + 20
    const sorted = [...column].sort((a, b) => pull(a) - pull(b))
    for (const [row, node] of sorted.entries()) boxes.set(node.name, { node, x, y: MARGIN + row * ROW, width })
    x += width + GAP
  }
  return boxes
}

function drawBox({ node, x, y, width }: Box): string {
  const round = node.type === 'oneshot' ? 0 : BOX_HEIGHT / 2
  const box = `<rect x="${x}" y="${y}" width="${width}" height="${BOX_HEIGHT}" rx="${round}"/>`
  return `${box}<text x="${x + width / 2}" y="${y + 17}" text-anchor="middle">${escapeXml(node.name)}</text>`
}

function drawLine(from: Box | undefined, to: Box, reached: string): string {
  if (from === undefined) return ''
  const [x1, y1] = [from.x + from.width, from.y + BOX_HEIGHT / 2]
  const [x2, y2] = [to.x, to.y + BOX_HEIGHT / 2]
  const middle = (x1 + x2) / 2
  const title = `<title>${escapeXml(`${to.node.name} after ${from.node.name} ${reached}`)}</title>`
  return `<path class="${reached}" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}">${title}</path>`
}

/** Text as it is written between tags; characters that XML cannot have are dropped. */
export function escapeXml(text: string): string {
  const clean = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
