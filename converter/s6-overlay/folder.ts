// The files of one of the old directories in the form of a definition, so that the ledger of s6-rc can record them.

import { readBytes } from '../../config/values/read-text.ts'
import type { Definition, TextFile } from '../s6-rc/definition.ts'
import type { Layers, Node } from '../s6-rc/layers.ts'

/**
 * All entries of a directory, or of one below it, that do not begin with a dot, sorted. `name` is its name in reports.
 */
export function readFolder(name: string, layers: Layers, inner = '.'): Definition {
  const nodes = new Map<string, Node>()
  const texts = new Map<string, TextFile>()
  for (const one of layers.list(inner) ?? []) {
    const node = layers.find(`${inner}/${one}`)
    if (one.startsWith('.') || node === undefined) continue
    nodes.set(one, node)
    if (node.kind === 'file') texts.set(one, { ...node, text: readBytes(node.path).toString() })
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
    isPlaceholder: false,
  }
}
