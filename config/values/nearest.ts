// Suggestions for "did you mean …": the candidate with the fewest edits, if they are few enough. The cost of one
// question is limited, however many candidates there are and however long they are.

/** Longer words are not compared. */
const LONGEST = 64
/** Further candidates are ignored. */
const MOST = 2000

/** The nearest of the candidates, or undefined when none is near. `not` is excluded. */
export function nearest(word: string, candidates: Iterable<string>, not?: string): string | undefined {
  if (word.length > LONGEST) return undefined
  let limit = Math.max(1, Math.floor(word.length / 3))
  let found: string | undefined
  let looked = 0
  for (const candidate of candidates) {
    looked += 1
    if (looked > MOST) break
    if (candidate === not || Math.abs(candidate.length - word.length) > limit) continue
    const distance = editDistance(word, candidate, limit)
    if (distance > limit) continue
    found = candidate
    limit = distance - 1
    if (limit < 0) break
  }
  return found
}

/**
 * Two neighbours in the wrong order are one edit. Computes only cells that may be within the limit; larger distances are given
 * as limit + 1.
 */
function editDistance(a: string, b: string, limit: number): number {
  const over = limit + 1
  let earlier: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next: number[] = Array.from({ length: b.length + 1 }, () => over)
    const [from, to] = [Math.max(1, i - limit), Math.min(b.length, i + limit)]
    next[0] = i
    let best = i <= limit ? i : over
    for (let j = from; j <= to; j += 1) {
      const substitute = (row[j - 1] ?? over) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwapped ? (earlier[j - 2] ?? over) + 1 : over
      const cell = Math.min(substitute, swapped, (row[j] ?? over) + 1, (next[j - 1] ?? over) + 1)
      next[j] = cell
      best = Math.min(best, cell)
    }
    if (best > limit) return over
    earlier = row
    row = next
  }
  return row[b.length] ?? over
}
