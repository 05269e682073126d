// Advice: what kahi can do better than the converted configuration. It is found in the Document and shown with the
// lines to write. It is followed only on request.

import type { Place } from '../../config/model/diagnostic.ts'
import type { Document, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import type { FindsProgram } from './executable.ts'

/** The subjects of advice with their headings, in the order of the report. */
export const ADVICE_KINDS = {
  oneshot: 'jobs that end can be oneshots',
  ending: 'the daemon can end by itself when a program does',
  wait: 'dependencies instead of waiting',
  schedule: 'times of the clock instead of sleep',
  restart: 'programs that control others',
  wrapper: 'a shell is not needed to start one command',
  log: 'output that is not kept',
  copy: 'output can be redirected without a copying program',
  user: 'no need to run as root',
} as const

/** One of ADVICE_KINDS. */
export type AdviceKind = keyof typeof ADVICE_KINDS

/** The name of a table. */
export type TableId = Pick<Table, 'kind' | 'name'>

/** A change of one table. */
export interface Change {
  /** A table that does not exist is added. */
  readonly table: TableId
  /** Another name for it, or null when it is removed. */
  readonly becomes?: TableId | null
  readonly set?: Readonly<Record<string, Value>>
  readonly unset?: readonly string[]
  /** What only the user can know. */
  readonly note?: string
}

/** One piece of advice. */
export interface Advice {
  readonly kind: AdviceKind
  /** The place in the old file that it is about. */
  readonly place: Place
  /** Name of the program. */
  readonly program: string
  /** One sentence. */
  readonly reason: string
  /** Whether the change has no other effect than the one named, so that `--modernize` may make it. */
  readonly certain: boolean
  readonly changes: readonly Change[]
}

/** Advice with the lines to write, and whether they were written already. */
export interface Suggestion extends Advice {
  readonly toml: string
  readonly applied: boolean
}

/** Finds advice of one kind in a Document; `canStart` looks programs up. */
export type AdviceRule = (document: Document, canStart: FindsProgram) => readonly Advice[]

/** The tables of programs. */
export function programsOf({ tables }: Document): readonly Table[] {
  return tables.filter(({ kind }) => kind === 'programs')
}

/** The value of a key as text; undefined when it is absent. */
export function textIn(table: Table | undefined, key: string): string | undefined {
  const value = table?.entries.find((entry) => entry.key === key)?.value
  return value === undefined ? undefined : String(value)
}

/** Whether a flag is present and true. */
export function isOn(table: Table | undefined, key: string): boolean {
  return /^(?:true|yes|on|1)$/i.test(textIn(table, key) ?? '')
}

/** Whether a group contains the program: then it cannot become something else alone. */
export function isGrouped({ tables }: Document, { name }: Table): boolean {
  const groups = tables.filter(({ kind }) => kind === 'groups')
  return groups.some((group) =>
    textIn(group, 'programs')
      ?.split(',')
      .some((member) => member.trim() === name),
  )
}

/** The place of a key, or of the table when the key is absent. */
export function placeOf(table: Table, key: string): Place {
  return table.entries.find((entry) => entry.key === key)?.place ?? table.place
}
