// The places of the keys and tables in a TOML text, because smol-toml gives values without places. A property test
// compares these places with smol-toml's paths and with the ranges of a parser for ESLint (decision 19).

import type { Place } from '../model/diagnostic.ts'
import { type Node, type Path, Scanner, type Statement } from './scanner.ts'

/** No key of kahi.toml has more parts. The code that reads values uses recursion to this depth. */
export const MOST_PARTS = 100

/**
 * Finds the place of a key by its path. Elements of arrays of tables are numbers: `['server', 'http', 0, 'listen']`.
 */
export class Positions {
  readonly #root: Node
  readonly #lines: readonly number[]
  readonly #file: string
  readonly #long: Statement | undefined

  /** The text must be valid TOML. */
  constructor(text: string, file: string) {
    this.#file = file
    this.#lines = lineStarts(text)
    const scanner = new Scanner(text)
    for (const statement of scanner.statements()) if (statement.path.length > MOST_PARTS) this.#long ??= statement
    this.#root = scanner.root
  }

  /** The place of a key or table, or of its nearest parent that is in the text. */
  find(path: Path): Place {
    return this.placeAt(lastOf(this.#root, path).offset)
  }

  /** The first key with more than MOST_PARTS parts, including those of its table. */
  get tooLong(): { readonly place: Place; readonly parts: number } | undefined {
    return this.#long && { place: this.placeAt(this.#long.start), parts: this.#long.path.length }
  }

  /** Line and column of an offset; the beginning of the file for -1. */
  placeAt(offset: number): Place {
    const index = lineOf(this.#lines, offset)
    return { file: this.#file, line: index + 1, column: Math.max(offset, 0) - (this.#lines[index] ?? 0) + 1 }
  }
}

/** The node of the path, or of its nearest parent that exists. */
export function lastOf(root: Node, path: Path): Node {
  let node = root
  for (const name of path) {
    const inner = node.children.get(name)
    if (inner === undefined) break
    node = inner
  }
  return node
}

/** The offset at which each line begins. */
export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1)
  return starts
}

/** The number of the line with that offset; the first line is 0. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
