// Writes the value of one key for supervisord.conf.

import type { Value } from '../../../config/model/value.ts'
import { readEnvironment } from '../../../config/values/environment.ts'
import { namesIn } from '../../../config/values/expand.ts'
import type { Key } from '../../../config/keys/key.ts'
import { bytes, command, environment } from '../../../config/values/values.ts'
import { protect, quoteWord, type Saying, sayText } from './text.ts'

/** The text after `key =`, or the reason why there is none; `loss` is what is lost although a text is written. */
export type Said = { readonly text: string; readonly loss?: string | undefined } | { readonly reason: string }

/** Writes a value of that type. */
export function sayValue(value: Value, { type }: Key<unknown>, saying: Saying): Said {
  if (type === environment && isTable(value)) return sayVariables(value, saying)
  if (type === command && Array.isArray(value)) return sayWords(value.map(String), saying)
  const literal = Array.isArray(value) ? value.map(String).join(',') : String(value)
  if (Array.isArray(value) && value.some((item) => String(item).includes(',')))
    return { reason: 'a name contains a comma' }
  return finish(sayText(type === bytes ? literal.replace(/^(\d+)B$/i, '$1') : literal, saying), saying)
}

function finish(text: string, saying: Saying, loss?: string): Said {
  const safe = protect(text, saying.knowsHere)
  if (safe !== undefined) return { text: safe, loss }
  return { reason: 'the format would cut off comments or blanks, or break the line' }
}

/** supervisord splits words after expansion, so a variable that contains a quote could end its word. */
function sayWords(words: readonly string[], saying: Saying): Said {
  const isOpen = words.some((word) => namesIn(word).some((name) => name.startsWith('ENV_')))
  const loss = isOpen
    ? 'supervisord splits it into words after it has inserted variables: quotes in their values would count'
    : undefined
  return finish(words.map((word) => quoteWord(sayText(word, saying))).join(' '), saying, loss)
}

function sayVariables(variables: Readonly<Record<string, Value>>, saying: Saying): Said {
  const said: string[] = []
  const lost: string[] = []
  for (const [name, value] of Object.entries(variables)) {
    const text = sayText(String(value), saying)
    const quoted = [`"${text}"`, `'${text}'`, text].find((candidate) => isReadAs(name, candidate, text))
    if (quoted === undefined) lost.push(name)
    else said.push(`${name}=${quoted}`)
  }
  if (said.length === 0 && lost.length > 0) return { reason: `no quotes can protect the value of ${lost.join(', ')}` }
  const loss = lost.length === 0 ? undefined : `no quotes can protect the value of ${lost.join(', ')}, left out`
  return finish(said.join(','), saying, loss)
}

function isReadAs(name: string, quoted: string, text: string): boolean {
  const read = readEnvironment(`${name}=${quoted}`)
  return 'variables' in read && Object.keys(read.variables).length === 1 && read.variables[name] === text
}

function isTable(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && !Array.isArray(value)
}
