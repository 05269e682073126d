// The result: a line for each row with the figure of each supervisor, the ratio to supervisord and the goal.

import { PEERS, type PeerName } from './peers.ts'
import type { Goal, Row, Samples } from './scene.ts'
import { type Summary, summarize } from './statistics.ts'

/** A row with its figures. */
export interface Measured {
  readonly row: Row
  readonly peers: Readonly<Partial<Record<PeerName, Summary>>>
  /** kahi's median divided by that of supervisord, or of the supervisor that the row names; undefined without it. */
  readonly ratio: number | undefined
  readonly isMet: boolean | undefined
}

/** Sums up the samples of a row; undefined when no supervisor has any. */
export function measured(row: Row, samples: Samples): Measured | undefined {
  const peers: Partial<Record<PeerName, Summary>> = {}
  for (const name of PEERS) {
    const values = (samples.get(name) ?? []).map((figures) => figures[row.id]).filter((value) => value !== undefined)
    const summary = summarize(values)
    if (summary !== undefined) peers[name] = summary
  }
  if (Object.keys(peers).length === 0) return undefined
  const { kahi, [row.against ?? 'supervisord']: other } = peers
  const ratio = kahi === undefined || !other?.median ? undefined : kahi.median / other.median
  return { row, peers, ratio, isMet: isMet(row.goal, kahi?.median, ratio) }
}

function isMet(goal: Goal | undefined, median: number | undefined, ratio: number | undefined): boolean | undefined {
  if (goal === undefined) return undefined
  if ('ratio' in goal) return ratio === undefined ? undefined : ratio <= goal.ratio
  return median === undefined ? undefined : median <= goal.value
}

/** The table as text: medians with min and max, in columns. */
export function formatTable(rows: readonly Measured[]): string {
  const names = PEERS.filter((name) => rows.some(({ peers }) => peers[name] !== undefined))
  const head = ['measure', ...names, 'ratio', 'goal', '']
  const lines = [head, ...rows.map((row) => cells(row, names))]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  const format = (line: string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [format(head), rule.trimEnd(), ...lines.slice(1).map(format), ''].join('\n')
}

function cells({ row, peers, ratio, isMet }: Measured, names: readonly PeerName[]): string[] {
  const figures = names.map((name) => figure(peers[name], row.unit))
  const verdict = isMet === undefined ? '' : isMet ? 'met' : 'MISSED'
  return [row.title, ...figures, ratio === undefined ? '' : `${ratio.toFixed(3)}x`, goalText(row), verdict]
}

function goalText({ goal, unit }: Row): string {
  if (goal === undefined) return ''
  return 'ratio' in goal ? `<= ${goal.ratio}x` : `<= ${goal.value}${unit === '/s' ? '/s' : ` ${unit}`}`.trimEnd()
}

function figure(summary: Summary | undefined, unit: Row['unit']): string {
  if (summary === undefined) return '-'
  const { median, min, max, samples } = summary
  const range = samples.length > 1 ? ` (${short(min)}..${short(max)})` : ''
  return `${short(median)}${unit === '/s' || unit === '' ? unit : ` ${unit}`}${range}`
}

/** Three significant digits. */
function short(value: number): string {
  if (Number.isInteger(value) || value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3)
}
