// Writes words in the syntax of unit files. Source: systemd 252, systemd.syntax(7), systemd.service(5) "Command lines".

import { hasVariables, writeText } from '../plan/variables.ts'

const PLAIN = /^[\w@+=:,./-]+$/
const NAMED: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\t': String.raw`\t`, '\r': String.raw`\r` }

/** A word of a command line. Variables are `${X}`, which stays one word. */
export function commandWord(text: string): string {
  if (PLAIN.test(text)) return text
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"'
  const shown = writeText(
    text,
    ({ variable }) => `\${${variable}}`,
    (literal) => escaped(literal, quote).replaceAll('$', '$$$$'),
  )
  return `${quote}${shown}${quote}`
}

/** A command line. */
export function commandLine(words: readonly string[]): string {
  return words.map(commandWord).join(' ')
}

/** An assignment for `Environment=`, which knows no variables. */
export function assignment(name: string, value: string): string {
  const text = `${name}=${value}`
  return PLAIN.test(text) ? text : `"${escaped(text)}"`
}

/** A line of an environment file. */
export function environmentLine(name: string, value: string): string {
  return PLAIN.test(value) ? `${name}=${value}` : `${name}="${value.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`
}

/** A path or text that is the whole value of a setting. */
export function plainValue(text: string): string {
  return text.replaceAll('%', '%%')
}

/** Whether `Environment=` and environment files accept the value. */
export function isAllowedValue(value: string): boolean {
  return !/[\0-\x08\x0b-\x1f\x7f]/.test(value) && !hasVariables(value)
}

/** Specifiers, quotes and control characters; `%` is doubled. */
function escaped(text: string, quote = '"'): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('%', '%%')
    .replaceAll(/[\x01-\x1f\x7f]/g, (one) => NAMED[one] ?? `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
