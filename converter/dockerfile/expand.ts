// Values of variables in a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-word}` and the rest. What has no value stays as it is
// written, so that a message can name it. Source: BuildKit 0.16, dockerfile/shell, Lex.

/** The value of a variable; undefined when it has none. */
export type Lookup = (name: string) => string | undefined

/** A text with its values. */
export interface Expanded {
  readonly text: string
  /** Variables without a value, each once. */
  readonly missing: readonly string[]
}

/** In `${NAME:-word}` the word may have one such variable, which has no other inside. */
const VARIABLE = /\\\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?]|##?|%%?)([^{}]*(?:\$\{[^{}]*\}[^{}]*)*))?\})/g

/** Replaces variables, removes quotes. Text in single quotes stays as it is. */
export function expandWord(raw: string, lookup: Lookup): Expanded {
  const missing = new Set<string>()
  const parts = raw.match(/'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^'"\\]+|['"\\]/g) ?? []
  const texts = parts.map((part) => {
    if (part.startsWith("'") && part.length > 1) return part.slice(1, -1)
    if (part.startsWith('"') && part.length > 1)
      return expandVariables(part.slice(1, -1), lookup, missing).replaceAll(/\\(["\\$`])/g, '$1')
    if (part.startsWith('\\')) return part.slice(1)
    return expandVariables(part, lookup, missing)
  })
  return { text: texts.join(''), missing: [...missing] }
}

function expandVariables(text: string, lookup: Lookup, missing: Set<string>): string {
  return text.replaceAll(
    VARIABLE,
    (all: string, plain?: string, braced?: string, how: string = '', word: string = '') => {
      const name = plain ?? braced
      if (name === undefined) return all
      const value = valueOf(lookup(name), how, () => expandVariables(word, lookup, missing))
      if (value === undefined) missing.add(name)
      return value ?? all
    },
  )
}

function valueOf(value: string | undefined, how: string, word: () => string): string | undefined {
  const isSet = value !== undefined && (value !== '' || !how.startsWith(':'))
  if (how.endsWith('-')) return isSet ? value : word()
  if (how.endsWith('+')) return isSet ? word() : ''
  if (value === undefined || how === '' || how.endsWith('?')) return value
  const part = word()
  if (how.startsWith('#')) return value.startsWith(part) ? value.slice(part.length) : value
  return value.endsWith(part) ? value.slice(0, value.length - part.length) : value
}
