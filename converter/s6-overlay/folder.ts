// The files of one of the old directories, seen as a definition so that the ledger of s6-rc can account for them.

import { readFileSync } from 'node:fs'
import type { Definition, TextFile } from '../s6-rc/definition.ts'
import type { Layers, Node } from '../s6-rc/layers.ts'

/** Everything in a directory, or in one below it, that does not begin with a dot, sorted. `name` is what it is called in reports. */
export function readFolder(name: string, layers: Layers, inner = '.'): Definition {
  const nodes = new Map<string, Node>()
  const texts = new Map<string, TextFile>()
  for (const one of layers.list(inner) ?? []) {
    const node = layers.find(`${inner}/${one}`)
    if (one.startsWith('.') || node === undefined) continue
    nodes.set(one, node)
    if (node.kind === 'file') texts.set(one, { ...node, text: readFileSync(node.path, 'utf8') })
  }
  const directory = layers.find(inner)?.path ?? layers.root
  return {
    name,
    type: 'longrun',
    place: { file: directory, line: 1, column: 1 },
    directory,
    nodes,
    texts,
    dependencies: [],
    contents: [],
    producerFor: undefined,
    consumerFor: [],
    pipelineName: undefined,
    numbers: new Map(),
    scripts: new Map(),
    isStandIn: false,
  }
}
