// Matches lines against a regular expression of the configuration, in time that is linear in the length of the line.

/** Of a longer line only the end is matched. */
const LONGEST_LINE = 8192

/**
 * Gives the matcher for `pattern`, in the syntax that config/values/line-pattern.ts accepts. The engine is loaded at
 * the first call. Of a longer text only the last `longest` characters are matched. Rejects when the engine does not
 * accept the pattern.
 */
export async function lineMatcher(pattern: string, longest = LONGEST_LINE): Promise<(line: string) => boolean> {
  const { RE2JS } = await import('re2js')
  const expression = RE2JS.compile(RE2JS.translateRegExp(pattern))
  return (line) => expression.test(line.slice(-longest))
}
