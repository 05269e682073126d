// Finds the instructions of a Dockerfile with the package dockerfile-ast, which only a Dockerfile loads.

import type * as DockerfileAst from 'dockerfile-ast'
import type { Span } from './words.ts'

type Ast = typeof DockerfileAst

/** A heredoc: its text, and where the lines of it begin. */
export interface FoundHeredoc extends Span {
  readonly name: string
  /** The offset of the first line after the instruction itself. */
  readonly head: number
}

/** An instruction. */
export interface Found extends Span {
  /** In capitals. */
  readonly keyword: string
  /** What stands behind the keyword. */
  readonly body: Span
  readonly heredocs: readonly FoundHeredoc[]
}

/** The instructions in order, and the character that continues lines. */
export async function parse(
  text: string,
): Promise<{ readonly escape: string; readonly instructions: readonly Found[] }> {
  const loaded: Ast & { readonly default?: unknown } = await import('dockerfile-ast')
  // A bundle has what the package exports as its default, Node as names.
  const { DockerfileParser } = (loaded.default ?? loaded) as Ast
  const parsed = DockerfileParser.parse(text)
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)]
  const offset = ({ line, character }: Position): number => (starts[line] ?? text.length) + character
  const instructions = parsed.getInstructions().map((one): Found => {
    const range = one.getRange()
    const [start, end] = [offset(range.start), offset(range.end)]
    const keywordEnd = offset(one.getInstructionRange().end)
    const found = heredocsOf(one)
    const line = found.reduce((least, heredoc) => Math.min(least, heredoc.getStartRange().start.line), Infinity)
    const heredocs = found.map((heredoc): FoundHeredoc => {
      const content = heredoc.getContentRange()
      const at = content === null ? end : offset(content.start)
      return {
        name: heredoc.getName(),
        start: at,
        end: content === null ? end : offset(content.end),
        head: starts[line + 1] ?? end,
      }
    })
    return { keyword: one.getKeyword(), start, end, body: { start: keywordEnd, end }, heredocs }
  })
  return { escape: parsed.getEscapeCharacter(), instructions }
}

interface Position {
  readonly line: number
  readonly character: number
}

interface Range {
  readonly start: Position
  readonly end: Position
}

interface AstHeredoc {
  getName(): string
  getStartRange(): Range
  getContentRange(): Range | null
}

/** RUN, COPY and ADD have them. */
function heredocsOf(instruction: object): readonly AstHeredoc[] {
  return hasHeredocs(instruction) ? instruction.getHeredocs() : []
}

/** The package does not say so in the type of all instructions. */
function hasHeredocs(instruction: object): instruction is { getHeredocs(): readonly AstHeredoc[] } {
  return 'getHeredocs' in instruction
}
