// Matches patterns of single characters and `*` in time proportional to pattern times text: a regular expression would
// try the positions of all `*` against each other.

/** Any number of characters, also none. */
export const ANY: unique symbol = Symbol('*')

/** One step of a pattern: ANY, or a function that says whether a character (a code point) matches. */
export type Step = typeof ANY | ((character: string) => boolean)

/** The steps for a text without wildcards. */
export function literal(text: string): readonly Step[] {
  return Array.from(text, (own) => (character: string) => character === own)
}

/** Whether the whole text matches the pattern. After a mismatch only the last `*` is extended by one character. */
export function fits(steps: readonly Step[], text: string): boolean {
  const characters = Array.from(text)
  let [at, step] = [0, 0]
  let last: { step: number; at: number } | undefined
  while (at < characters.length) {
    const own = steps[step]
    if (own === ANY) {
      last = { step: (step += 1), at }
    } else if (own?.(characters[at] ?? '') === true) {
      at += 1
      step += 1
    } else if (last === undefined) return false
    else {
      last.at += 1
      at = last.at
      step = last.step
    }
  }
  return steps.slice(step).every((own) => own === ANY)
}
