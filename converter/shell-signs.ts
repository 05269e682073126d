// Words that are shell operators, and plain arguments without a shell.

/** `&&`, `|`, `>` and similar ones, as separate words. */
export const SHELL_SIGNS: readonly string[] = [
  '&&',
  '||',
  ';',
  '|',
  '>',
  '>>',
  '<',
  '2>&1',
  '&',
  '&>',
  '>&',
  '2>',
  '2>>',
]

/** Programs for which such words are arguments with a meaning. */
const TAKERS = /(?:^|\/)(?:find|expr|test|\[|parallel|xargs)$/

/** The first such word of a command that runs without a shell; undefined when there is none. */
export function findShellSign(words: readonly string[]): string | undefined {
  if (words.some((word) => TAKERS.test(word))) return undefined
  return words.slice(1).find((word) => SHELL_SIGNS.includes(word) || /^\d?>{1,2}(?:&\d|\/\S+)$|^[^'"\s]+;$/.test(word))
}
