// The examples of the full sample file.

/** Keys that belong together. */
const PAIRS = [/^#(?:username|password) = /, /^#certificate(?:_key)? = /]

/** The text of the sample file with the example on `line` switched on, its table and what the table requires. */
export function withExample(lines: readonly string[], line: number): string {
  const first = lines.findLastIndex((text, at) => at <= line && /^#?\[/.test(text))
  const after = lines.findIndex((text, at) => at > first && /^#?\[/.test(text))
  const last = after < 0 ? lines.length : after
  const required = /^#(?:command|file|listen|up|events|socket|programs|contents|kind|url) = /
  const pair = PAIRS.find((one) => one.test(lines[line] ?? '')) ?? /^$/
  const isOn = (text: string, at: number) =>
    at === line ||
    at === first ||
    (at > first && at < last && (required.test(text) || (pair.test(text) && text !== '')))
  return lines.map((text, at) => (isOn(text, at) ? text.replace(/^#/, '') : text)).join('\n')
}
