// Writes YAML with the package `yaml`, with comments above the entries of a map.

import { Document, isMap, isScalar } from 'yaml'

/** A document as text. `comments` are for keys of the map at `path`. */
export function yamlText(
  value: unknown,
  path: readonly string[] = [],
  comments: ReadonlyMap<string, readonly string[]> = new Map(),
): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' })
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true)
  if (isMap(map)) {
    for (const { key } of map.items) {
      const lines = isScalar(key) ? comments.get(String(key.value)) : undefined
      if (isScalar(key) && lines !== undefined && lines.length > 0) {
        key.commentBefore = lines.map((line) => ` ${line}`).join('\n')
      }
    }
  }
  return document.toString({ lineWidth: 0 })
}
