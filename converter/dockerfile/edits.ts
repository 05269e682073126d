// Changes of a text: what is replaced, and why. The reason stands as a comment above the instruction that is changed, so
// that the diff explains itself and can be applied.

import { append } from '../../config/model/append.ts'

/** One change. */
export interface Edit {
  /** Offsets of the replaced part in the old text. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A change with the reason, for the report. */
export interface Change {
  /** The lines of the old text that it touches, or behind which it adds lines; from 1. */
  readonly line: number
  readonly reason: string
}

/** The text after all edits, which must not overlap; equal ones count once. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let [result, at] = ['', 0]
  for (const { start, end, text: added } of sorted(edits)) {
    result += text.slice(at, start) + added
    at = Math.max(at, end)
  }
  return result + text.slice(at)
}

/** Edits in order; what an outer one removes, inner ones need not remove. */
export function sorted(edits: readonly Edit[]): readonly Edit[] {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  const kept: Edit[] = []
  for (const edit of ordered) {
    const before = kept.at(-1)
    if (before !== undefined && edit.start < before.end) {
      if (edit.end <= before.end) continue
      kept[kept.length - 1] = { ...before, end: edit.end, text: before.text + edit.text }
    } else kept.push(edit)
  }
  return kept
}

const CONTEXT = 3

interface Block {
  /** The first replaced line, from 0, and the one behind the last. */
  readonly first: number
  readonly last: number
  readonly lines: readonly string[]
}

/** A unified diff of a file, as `diff -u` prints it; empty when nothing changes. */
export function unifiedDiff(name: string, text: string, edits: readonly Edit[]): string {
  const old = linesOf(text)
  const blocks = blocksOf(text, old, sorted(edits))
  const hunks: Block[][] = []
  for (const block of blocks) {
    const hunk = hunks.at(-1)
    const before = hunk?.at(-1)
    if (hunk !== undefined && before !== undefined && block.first - before.last <= 2 * CONTEXT) hunk.push(block)
    else hunks.push([block])
  }
  let shift = 0
  const texts = hunks.map((hunk) => {
    const shown = showHunk(old, hunk, shift)
    shift += hunk.reduce((sum, { first, last, lines }) => sum + lines.length - (last - first), 0)
    return shown
  })
  return texts.length === 0 ? '' : `--- ${name}\n+++ ${name}\n${texts.join('')}`
}

/** Lines with their ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** Whole lines that are replaced by others. */
function blocksOf(text: string, old: readonly string[], edits: readonly Edit[]): readonly Block[] {
  const starts: number[] = []
  let offset = 0
  for (const line of old) {
    starts.push(offset)
    offset += line.length
  }
  starts.push(offset)
  const blocks: { first: number; last: number; edits: Edit[] }[] = []
  let line = 0
  for (const edit of edits) {
    while (line < old.length && (starts[line + 1] ?? Infinity) <= edit.start) line += 1
    let last = line
    while (last < old.length && (starts[last] ?? Infinity) < edit.end) last += 1
    const isWhole = edit.start === starts[line] && (edit.text === '' || edit.text.endsWith('\n'))
    const end = isWhole && edit.end === starts[last] ? last : Math.max(last, line + 1)
    const before = blocks.at(-1)
    if (before !== undefined && line < before.last) {
      before.last = Math.max(before.last, end)
      before.edits.push(edit)
    } else blocks.push({ first: line, last: end, edits: [edit] })
  }
  const replaced = blocks.flatMap(({ first, last, edits: own }) => {
    const [from, to] = [starts[first] ?? offset, starts[Math.min(last, old.length)] ?? offset]
    const inner = own.map((one) => ({ ...one, start: one.start - from, end: one.end - from }))
    return trim(old, {
      first,
      last: Math.min(last, old.length),
      lines: linesOf(applyEdits(text.slice(from, to), inner)),
    })
  })
  return joinNeighbours(replaced)
}

/** What is added beside a replaced line belongs to it: removed lines are shown before added ones. */
function joinNeighbours(blocks: readonly Block[]): readonly Block[] {
  const joined: { first: number; last: number; texts: string[] }[] = []
  for (const { first, last, lines } of blocks) {
    const before = joined.at(-1)
    if (before === undefined || before.last < first) joined.push({ first, last, texts: [...lines] })
    else {
      before.last = last
      append(before.texts, lines)
    }
  }
  return joined.map(({ first, last, texts }) => ({ first, last, lines: linesOf(texts.join('')) }))
}

/** Without lines that stay at the beginning and at the end. */
function trim(old: readonly string[], { first, last, lines }: Block): readonly Block[] {
  let [from, to] = [0, 0]
  while (first + from < last && from < lines.length && old[first + from] === lines[from]) from += 1
  while (last - to > first + from && lines.length - to > from && old[last - to - 1] === lines.at(-to - 1)) to += 1
  const block = { first: first + from, last: last - to, lines: lines.slice(from, lines.length - to) }
  return block.first === block.last && block.lines.length === 0 ? [] : [block]
}

function showHunk(old: readonly string[], hunk: readonly Block[], shift: number): string {
  const [firstBlock, lastBlock] = [hunk[0], hunk.at(-1)]
  if (firstBlock === undefined || lastBlock === undefined) return ''
  const from = Math.max(0, firstBlock.first - CONTEXT)
  const to = Math.min(old.length, lastBlock.last + CONTEXT)
  const shown: string[] = []
  let at = from
  let added = 0
  for (const { first, last, lines } of hunk) {
    for (const line of old.slice(at, first)) shown.push(` ${line}`)
    for (const line of old.slice(first, last)) shown.push(`-${line}`)
    for (const line of lines) shown.push(`+${line}`)
    added += lines.length - (last - first)
    at = last
  }
  for (const line of old.slice(at, to)) shown.push(` ${line}`)
  const count = to - from
  const head = `@@ -${range(from, count)} +${range(from + shift, count + added)} @@\n`
  return head + shown.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('')
}

function range(from: number, count: number): string {
  return count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`
}
