// Expands `%(name)s` with Python's conversion syntax, and `${NAME}` and `${NAME:-default}`. There is one pass from left
// to right: an inserted text is not expanded again. Source: CPython 3.11, str % mapping, as supervisor 4.2.5 uses it in
// options.expand.

import { ValueError } from './values.ts'

/** The values of `%(name)…`; environment variables have names like `ENV_NAME`. */
export type Names = Readonly<Record<string, string | number | undefined>>

/** Which syntaxes are used: supervisord knows only `%`. */
export type Syntax = 'percent' | 'percent and dollar'

/** Replaces every expansion. Throws ValueError for unknown names and invalid syntax. */
export function expand(text: string, names: Names, syntax: Syntax = 'percent and dollar'): string {
  const dollar = syntax === 'percent and dollar'
  let result = ''
  let position = 0
  while (position < text.length) {
    const character = text.charAt(position)
    const piece =
      character === '%'
        ? expandPercent(text, position, names)
        : character === '$' && dollar
          ? expandDollar(text, position, names)
          : { text: character, end: position + 1 }
    result += piece.text
    position = piece.end
  }
  return result
}

/** Escapes a text so that each `$` means itself and `%` expansions still work. */
export function escapeDollars(text: string): string {
  return text.replaceAll(/\$(?=[${])/g, '$$$$')
}

/** Escapes a text so that its expansion is the same text. */
export function escapeAll(text: string): string {
  return escapeDollars(text.replaceAll('%', '%%'))
}

/** The names in `%(name)` and `${NAME}`; the latter get the prefix `ENV_`. */
export function namesIn(text: string): string[] {
  const found: string[] = []
  for (const match of text.matchAll(/%%|%\(([^()]*)\)|\$\$|\$\{(\w+)/g)) {
    if (match[1] !== undefined) found.push(match[1])
    else if (match[2] !== undefined) found.push(`ENV_${match[2]}`)
  }
  return found
}

/** `ENV_X` for every variable X. */
export function environmentNames(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names: Record<string, string> = {}
  for (const [key, value] of Object.entries(environment)) if (value !== undefined) names[`ENV_${key}`] = value
  return names
}

interface Piece {
  readonly text: string
  readonly end: number
}

function expandDollar(text: string, start: number, names: Names): Piece {
  const next = text.charAt(start + 1)
  if (next === '$') return { text: '$', end: start + 2 }
  if (next !== '{') return { text: '$', end: start + 1 }
  const match = /^\$\{(\w+)(?::-([^}]*))?\}/.exec(text.slice(start))
  if (match === null) {
    throw new ValueError(
      `"\${" at character ${start + 1} is not \${NAME} or \${NAME:-default}; write "$\${" for a literal one`,
    )
  }
  const [all, name, fallback] = match
  const value = names[`ENV_${name}`]
  if (value === undefined && fallback === undefined)
    throw new ValueError(`the variable ${name} is not set and has no default, as in \${${name}:-default}`)
  return { text: value === undefined || value === '' ? (fallback ?? '') : String(value), end: start + all.length }
}

/** The largest width: nothing useful is wider, and a text of that length would have to be made. */
const WIDEST = 4096
const CONVERSION = /^%(?:\(((?:[^()]|\([^()]*\))*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S]?)/

function expandPercent(text: string, start: number, names: Names): Piece {
  const match = CONVERSION.exec(text.slice(start))
  const [all = '', name, flags = '', width, precision, conversion = ''] = match ?? []
  const end = start + all.length
  if (all === '%%') return { text: '%', end }
  if (conversion === '')
    throw new ValueError(`the expansion at character ${start + 1} is incomplete; write "%%" for a literal "%"`)
  if (!/[diouxXeEfFgGcrsa]/.test(conversion)) {
    throw new ValueError(`"%${conversion}" at character ${start + 1} is no expansion; write "%%" for a literal "%"`)
  }
  if (name === undefined)
    throw new ValueError(`"%${conversion}" at character ${start + 1} has no name; write "%%" for a literal "%"`)
  if (width === '*' || precision === '*')
    throw new ValueError(`"*" at character ${start + 1} cannot be used with names`)
  const value = names[name]
  if (value === undefined) throw new ValueError(unknownName(name, names))
  const limit = precision === undefined ? undefined : Number(precision)
  if (Math.max(Number(width ?? 0), limit ?? 0) > WIDEST)
    throw new ValueError(`the width of "${all}" is too large: ${WIDEST} is the most`)
  return { text: pad(convert(value, conversion, flags, limit, start), flags, Number(width ?? 0), conversion), end }
}

function unknownName(name: string, names: Names): string {
  if (name.startsWith('ENV_')) return `the variable ${name.slice(4)} is not set`
  const known = Object.keys(names).filter((candidate) => !candidate.startsWith('ENV_'))
  return `"%(${name})s" is unknown here; known are ${known.join(', ')} and ENV_…`
}

function convert(
  value: string | number,
  conversion: string,
  flags: string,
  limit: number | undefined,
  start: number,
): string {
  if (conversion === 's') return String(value).slice(0, limit)
  if (conversion === 'r' || conversion === 'a')
    return (typeof value === 'number' ? String(value) : pythonQuote(value)).slice(0, limit)
  if (conversion === 'c' && typeof value === 'number') return String.fromCodePoint(value)
  if (conversion === 'c' && [...value.toString()].length === 1) return String(value)
  if (typeof value !== 'number')
    throw new ValueError(`"%${conversion}" at character ${start + 1} needs a number, not text`)
  return sign(value, flags) + digits(Math.abs(value), conversion, flags, limit)
}

function sign(value: number, flags: string): string {
  if (value < 0) return '-'
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
}

function digits(value: number, conversion: string, flags: string, limit: number | undefined): string {
  const lower = conversion.toLowerCase()
  if (lower === 'e') return exponent(value.toExponential(limit ?? 6), conversion)
  if (lower === 'f') return value.toFixed(limit ?? 6)
  if (lower === 'g') return exponent(String(Number(value.toPrecision(limit === 0 ? 1 : (limit ?? 6)))), conversion)
  const base = lower === 'x' ? 16 : lower === 'o' ? 8 : 10
  const prefix = flags.includes('#') && base !== 10 ? (base === 16 ? '0x' : '0o') : ''
  const all = prefix + value.toString(base).padStart(limit ?? 0, '0')
  return conversion === 'X' ? all.toUpperCase() : all
}

function exponent(value: string, conversion: string): string {
  const padded = value.replace(/e([+-])(\d)$/, 'e$10$2')
  return conversion === conversion.toUpperCase() ? padded.toUpperCase() : padded
}

function pad(value: string, flags: string, width: number, conversion: string): string {
  if (flags.includes('-')) return value.padEnd(width)
  if (!flags.includes('0') || /[srac]/.test(conversion)) return value.padStart(width)
  const lead = /^[+\- ]?(?:0[xXo])?/.exec(value)?.[0] ?? ''
  return lead + value.slice(lead.length).padStart(width - lead.length, '0')
}

function pythonQuote(value: string): string {
  const mark = value.includes("'") && !value.includes('"') ? '"' : "'"
  const body = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r')
  return mark + body.replaceAll(mark, `\\${mark}`) + mark
}
