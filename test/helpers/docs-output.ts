// Compares the output that a page shows with the output of the command.

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?Z?/g, 'TIME'],
  [/\b\d{1,2}:\d{2}:\d{2}\b/g, 'TIME'],
  [/\b[A-Z][a-z]{2} \d{2} \d{2}:\d{2} [AP]M\b/g, 'TIME'],
  [/\bpid \d+/g, 'pid N'],
  [/\b\d+(?:\.\d+)?(?= (?:seconds?|ms|s)\b)/g, 'N'],
]

/** The text with process ids, times and durations made equal, without blanks at the ends of lines. */
export function mask(text: string): string {
  const masked = MASKS.reduce((before, [pattern, word]) => before.replaceAll(pattern, word), text)
  return masked.replaceAll(/ +$/gm, '').trimEnd()
}

/** Whether a page shows this output. A line `…` matches any lines; `…` in a line matches any text. */
export function fits(shown: string, printed: string): boolean {
  const pattern = mask(shown)
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.split('…').map(escape).join('.*')}\n`))
    .join('')
  return new RegExp(`^${pattern}$`).test(`${mask(printed)}\n`)
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
