// What kahi can do better than what was converted: found in the Document, said with the lines to write, never done unasked.

import type { Place } from '../../config/diagnostic.ts'
import type { Document, Table, Value } from '../../config/document.ts'

/** What advice can be about, with its heading in the report; in the order of the report. */
export const ADVICE_KINDS = {
  oneshot: 'jobs that end can be oneshots',
  ending: 'the daemon can end by itself when a program does',
  wait: 'waiting can be said instead of done',
  restart: 'programs that control others',
  wrapper: 'a shell is not needed to start one command',
  log: 'output that nobody sees',
  copy: 'output can go where it is wanted without a copying program',
  user: 'no need to run as root',
} as const

/** One of ADVICE_KINDS. */
export type AdviceKind = keyof typeof ADVICE_KINDS

/** The name of a table. */
export type TableId = Pick<Table, 'kind' | 'name'>

/** What to change in one table. */
export interface Change {
  /** A table that is not there yet is added. */
  readonly table: TableId
  /** Another name for it, or null when it goes. */
  readonly becomes?: TableId | null
  readonly set?: Readonly<Record<string, Value>>
  readonly unset?: readonly string[]
  /** What only the reader can know. */
  readonly note?: string
}

/** One piece of advice. */
export interface Advice {
  readonly kind: AdviceKind
  /** What it is about, in the old file. */
  readonly place: Place
  /** Name of the program. */
  readonly program: string
  /** One sentence. */
  readonly reason: string
  /** Whether nothing but the named change follows from it, so that `--modernize` may make it. */
  readonly certain: boolean
  readonly changes: readonly Change[]
}

/** Advice with the lines to write, and whether they are written already. */
export interface Suggestion extends Advice {
  readonly toml: string
  readonly applied: boolean
}

/** Looks at a Document for one kind of thing. */
export type AdviceRule = (document: Document) => readonly Advice[]

/** The tables of programs. */
export function programsOf({ tables }: Document): readonly Table[] {
  return tables.filter(({ kind }) => kind === 'programs')
}

/** The value of a key as text; undefined when it is not there. */
export function textIn(table: Table | undefined, key: string): string | undefined {
  const value = table?.entries.find((entry) => entry.key === key)?.value
  return value === undefined ? undefined : String(value)
}

/** Whether a key is there and on. */
export function isOn(table: Table | undefined, key: string): boolean {
  return /^(?:true|yes|on|1)$/i.test(textIn(table, key) ?? '')
}

/** Whether a group names the program, so that it cannot become something else alone. */
export function isGrouped({ tables }: Document, { name }: Table): boolean {
  const groups = tables.filter(({ kind }) => kind === 'groups')
  return groups.some((group) =>
    textIn(group, 'programs')
      ?.split(',')
      .some((member) => member.trim() === name),
  )
}

/** The place of a key, or of the table where it is not there. */
export function placeOf(table: Table, key: string): Place {
  return table.entries.find((entry) => entry.key === key)?.place ?? table.place
}
