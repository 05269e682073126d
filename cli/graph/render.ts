// The graph as text, for Graphviz and for Mermaid. Arrows lead from a dependency to its dependent: the order of a
// start.

import type { GraphModel, GraphNode } from './model.ts'

/** One line for each unit: `web  longrun  after migrate (completed), db (ready)`. */
export function asText({ services, bundles }: GraphModel): string {
  const width = Math.max(0, ...services.map(({ name }) => name.length))
  const lines = services.map(({ name, type, needs }) => {
    const after = needs.map((need) => `${need.name} (${need.reached})`).join(', ')
    return `${name.padEnd(width)}  ${type.padEnd(7)}${after === '' ? '' : `  after ${after}`}`
  })
  const names = bundles.map(({ name, contents }) => `${name} = ${contents.join(', ')}`)
  return [...lines, ...(names.length === 0 ? [] : ['', ...names])].map((line) => line.trimEnd()).join('\n')
}

/** For Graphviz. Oneshots are boxes; dependencies that only order are dashed lines. */
export function asDot({ services }: GraphModel): string {
  const nodes = services.map(({ name, type }) => `  ${quoted(name)} [shape=${type === 'oneshot' ? 'box' : 'ellipse'}]`)
  const edges = services.flatMap(({ name, needs }) =>
    needs.map((need) => {
      const look = need.reached === 'ordered' ? 'style=dashed' : `label=${quoted(need.reached)}`
      return `  ${quoted(need.name)} -> ${quoted(name)} [${look}]`
    }),
  )
  return ['digraph kahi {', '  rankdir=LR', ...nodes, ...edges, '}'].join('\n')
}

/** For Mermaid, in Markdown pages. */
export function asMermaid({ services }: GraphModel): string {
  const ids = new Map(services.map(({ name }, index) => [name, `n${index}`]))
  const node = ({ name, type }: GraphNode): string => {
    const text = `"${name.replaceAll('"', '#quot;')}"`
    return `  ${ids.get(name)}${type === 'oneshot' ? `[${text}]` : `(${text})`}`
  }
  const edges = services.flatMap(({ name, needs }) =>
    needs.map((need) => {
      const arrow = need.reached === 'ordered' ? '-.->' : `-->|${need.reached}|`
      return `  ${ids.get(need.name)} ${arrow} ${ids.get(name)}`
    }),
  )
  return ['flowchart LR', ...services.map(node), ...edges].join('\n')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
