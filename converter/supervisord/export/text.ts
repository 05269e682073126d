// How a text of kahi.toml is said in supervisord.conf: `${X}` in Python's syntax, and what the INI reader would take for a
// comment or cut off protected by an expansion that gives nothing.

import { expand, type Names } from '../../../config/expand.ts'

/** What holds for the value of one key. */
export interface Saying {
  /** Values of what supervisord may not know: `here`, `host_node_name`, `ENV_X`. */
  readonly names: Names
  /** Whether supervisord knows a name in this value. */
  isKnown(name: string): boolean
  /** Whether `%(here)s` may stand there, whatever it means. */
  readonly knowsHere: boolean
  /** The original expands the value twice. */
  readonly twice: boolean
  /** Told when a value is fixed to what it is here. */
  fix(expansion: string): void
}

const EXPANSION = /%%|%\(([^)]*)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|\$\$|\$\{(\w+)(:-[^}]*)?\}/g

/** The text with the same expansions in supervisord's syntax; those that it does not know become what they are here. */
export function sayText(text: string, { names, isKnown, twice, fix }: Saying): string {
  const escape = (literal: string): string => escapePercent(literal, twice)
  return text.replaceAll(EXPANSION, (match: string, name?: string, variable?: string, fallback?: string) => {
    if (match === '%%') return escape('%')
    if (match === '$$') return '$'
    if (variable !== undefined && fallback === undefined && isKnown(`ENV_${variable}`)) return `%(ENV_${variable})s`
    if (name !== undefined && (isKnown(name) || names[name] === undefined)) return match
    fix(match)
    return escape(expand(match, names))
  })
}

/** Nothing, as an expansion: keeps apart a blank and a `;`, which together would begin a comment. */
const NOTHING = '%(here).0s'

/** The text as the INI reader gives it back, further lines indented; undefined when it cannot: a carriage return, or no expansion is known. */
export function protect(text: string, knowsHere: boolean): string | undefined {
  if (text.includes('\r')) return undefined
  const lines = text.split('\n').map((line, index) => {
    const inside = line.replaceAll(/(\s)(?=[;#])/g, `$1${NOTHING}`)
    const start = /^[\s;#]/.test(inside) || (inside === '' && index > 0) ? NOTHING : ''
    const end = /\s$/.test(inside) ? NOTHING : ''
    return `${index > 0 ? '  ' : ''}${start}${inside}${end}`
  })
  const result = lines.join('\n')
  return result.includes(NOTHING) && !text.includes(NOTHING) && !knowsHere ? undefined : result
}

/** One word of a command line, quoted where a shell would need it; expansions stay. */
export function quoteWord(word: string): string {
  if (/^[^\s'"\\]+$/.test(word)) return word
  if (!word.includes("'")) return `'${word}'`
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`
}

/** A literal that expansion gives back. */
function escapePercent(literal: string, twice: boolean): string {
  const once = literal.replaceAll('%', '%%')
  return twice ? once.replaceAll('%', '%%') : once
}
