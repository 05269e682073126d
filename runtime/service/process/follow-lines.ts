// Calls back for each line of a program's output that matches a regular expression.

import type { ServiceOutput } from './output.ts'
import { lineMatcher } from './line-matcher.ts'

/** Of a longer line only the end is kept; in characters. */
const LONGEST_LINE = 8192

/** What happens with the lines. */
export interface LineReader {
  /** Aborting it ends the reading. */
  readonly ended: AbortSignal
  /** At least one of the lines of a chunk matches. */
  fits(): void
  /** The engine does not accept the expression. */
  failed(error: unknown): void
}

/** Reads both streams. A line may come in several chunks, and before the matcher is loaded. */
export function followLines(
  output: Pick<ServiceOutput, 'kept'>,
  pattern: string,
  { ended, fits, failed }: LineReader,
): void {
  const matcher = lineMatcher(pattern)
  matcher.catch(failed)
  for (const stream of output.kept()) {
    let rest = ''
    const stop = stream.follow((chunk) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop()?.slice(-LONGEST_LINE) ?? ''
      matcher.then(
        (isMatch) => {
          if (!ended.aborted && lines.some(isMatch)) fits()
        },
        () => {},
      )
    })
    ended.addEventListener('abort', stop, { once: true })
  }
}
