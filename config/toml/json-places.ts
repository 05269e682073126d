// The places of the keys of a JSON object in its text, for errors about their values.

import type { Place } from '../model/diagnostic.ts'

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g

/** The places of the keys of the outermost object. The text must be valid JSON. */
export function placesInJson(text: string, file: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  let depth = 0
  let isKey = false
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (depth === 1 && isKey && token.startsWith('"'))
      places.set(JSON.parse(token) as string, placeAt(text, index, file))
    if (token === '{' || token === '[') depth += 1
    if (token === '}' || token === ']') depth -= 1
    isKey = token === '{' || token === ','
  }
  return places
}

function placeAt(text: string, index: number, file: string): Place {
  const lines = text.slice(0, index).split('\n')
  return { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
