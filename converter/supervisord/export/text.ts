// Writes a text of kahi.toml for supervisord.conf: `${X}` in Python's syntax. Text that the INI reader would take for a
// comment, or cut off, is protected by an empty expansion.

import { expand, type Names } from '../../../config/values/expand.ts'

/** Facts about the value of one key. */
export interface Saying {
  /** Values of names that supervisord may not know: `here`, `host_node_name`, `ENV_X`. */
  readonly names: Names
  /** Whether supervisord knows a name in this value. */
  isKnown(name: string): boolean
  /** Whether `%(here)s` may be used, whatever its value is. */
  readonly knowsHere: boolean
  /** supervisord expands the value twice. */
  readonly twice: boolean
  /** Called when an expansion is replaced by its current value. */
  fix(expansion: string): void
}

const EXPANSION = /%%|%\(([^)]*)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|\$\$|\$\{(\w+)(:-[^}]*)?\}/g

/** The text with the same expansions in supervisord's syntax; unknown ones are replaced by their current values. */
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

/** An empty expansion: it separates a blank from a `;`, because both together would begin a comment. */
const NOTHING = '%(here).0s'

/**
 * The text in a form that the INI reader gives back unchanged, with further lines indented. Undefined when that is
 * impossible: for a carriage return, or when no expansion is known.
 */
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

/** One word of a command line, with quotes where a shell would need them; expansions stay. */
export function quoteWord(word: string): string {
  if (/^[^\s'"\\]+$/.test(word)) return word
  if (!word.includes("'")) return `'${word}'`
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`
}

/** A literal in a form that expansion gives back unchanged. */
function escapePercent(literal: string, twice: boolean): string {
  const once = literal.replaceAll('%', '%%')
  return twice ? once.replaceAll('%', '%%') : once
}
