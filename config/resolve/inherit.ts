// Gives programs the values that they start from: those of the program that `like` names, and those of
// [defaults.programs]. An inherited entry keeps its place, so messages and `kahi ctl config` name the line where it is
// written.

import { type Document, type Entry, findEntry, type Table, tableName } from '../keys/document.ts'
import { type TableKind, tableRow } from '../keys/tables.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { isList, type Value } from '../model/value.ts'
import { nearest } from '../values/nearest.ts'
import { quote } from '../values/values.ts'

/** Tables that may have the key `like`. */
const HEIRS: readonly TableKind[] = ['programs', 'event_listeners', 'fcgi_programs']

/** The document with all values in place, without `like` and [defaults.programs]. Errors become its mistakes. */
export function inherit(document: Document): Document {
  const defaults = document.tables.find(({ kind }) => kind === 'defaults.programs')
  if (defaults === undefined && !document.tables.some(hasModel)) return document
  const mistakes: Diagnostic[] = []
  const heirs = new Heirs(document.tables, defaults, mistakes)
  const tables = document.tables.filter((table) => table !== defaults).map((table) => heirs.filled(table))
  return { ...document, tables, mistakes: [...(document.mistakes ?? []), ...mistakes] }
}

function hasModel(table: Table): boolean {
  return HEIRS.includes(table.kind) && findEntry(table, 'like') !== undefined
}

/** Each program may inherit what another one has inherited, so values could add up with the square of a file's size. */
const MOST_INHERITED = 1_000_000

class Heirs {
  #inheritedLeft = MOST_INHERITED
  readonly #named = new Map<string, Table>()
  readonly #defaults: Table | undefined
  readonly #mistakes: Diagnostic[]
  readonly #done = new Map<Table, Table>()

  constructor(tables: readonly Table[], defaults: Table | undefined, mistakes: Diagnostic[]) {
    for (const table of tables) if (HEIRS.includes(table.kind)) this.#named.set(`${table.kind} ${table.name}`, table)
    this.#defaults = defaults
    this.#mistakes = mistakes
    this.#checkDefaults()
  }

  /** The table with the values that it starts from. Follows the chain of models without recursion. */
  filled(table: Table): Table {
    const chain = new Set<Table>()
    let next: Table | undefined = table
    while (next !== undefined && !this.#done.has(next)) {
      if (chain.has(next)) {
        this.#tellCycle([...chain], next)
        break
      }
      chain.add(next)
      next = this.#modelOf(next)
    }
    for (const one of [...chain].toReversed()) this.#done.set(one, this.#fill(one))
    return this.#done.get(table) ?? table
  }

  #fill(table: Table): Table {
    if (!HEIRS.includes(table.kind)) return table
    const model = this.#modelOf(table, true)
    const filled = model === undefined ? undefined : this.#done.get(model)
    const isOfFile = table.kind === 'programs' && table.isDynamic !== true
    const base = filled ?? (isOfFile ? this.#defaults : undefined)
    const { keys } = tableRow(table.kind)
    const known = (base?.entries ?? [])
      .filter(({ key }) => Object.hasOwn(keys, key))
      .map((entry) => (base === undefined ? entry : inherited(entry, tableName(base))))
    if (!this.#mayInherit(table, known)) return table
    // What the model lacks is not reported where there is no model.
    const own = table.entries.filter(({ key }) => key !== 'like' || filled === undefined)
    const entries = own.map((entry) =>
      merge(
        known.find(({ key }) => key === entry.key),
        entry,
      ),
    )
    const added = known.filter(({ key }) => !own.some((entry) => entry.key === key))
    return { ...table, entries: [...entries, ...added] }
  }

  /** Counts inherited values and variables. False when there are too many; the first time with an error. */
  #mayInherit(table: Table, entries: readonly Entry[]): boolean {
    const isFirst = this.#inheritedLeft >= 0
    if (isFirst)
      for (const { value, parts = [] } of entries)
        this.#inheritedLeft -= 1 + parts.length + (isTree(value) ? Object.keys(value).length : 0)
    if (isFirst && this.#inheritedLeft < 0)
      this.#error(`Programs inherit more than ${MOST_INHERITED} values and variables in all`, table, undefined)
    return this.#inheritedLeft >= 0
  }

  /** The table that `like` names: a program, or one of the same kind. */
  #modelOf(table: Table, isQuiet = false): Table | undefined {
    const entry = HEIRS.includes(table.kind) ? findEntry(table, 'like') : undefined
    if (entry === undefined) return undefined
    const found = [table.kind, 'programs'].map((kind) => this.#named.get(`${kind} ${String(entry.value)}`))
    const model = found.find((one) => one !== undefined)
    if (model !== undefined || isQuiet) return model
    const close = nearest(
      String(entry.value),
      [...this.#named.values()].map(({ name }) => name),
    )
    this.#error(
      `"like" of [${tableName(table)}] names the unknown program ${quote(String(entry.value))}`,
      entry,
      close && `did you mean "${close}"?`,
    )
    return undefined
  }

  #tellCycle(chain: readonly Table[], again: Table): void {
    const loop = [...chain.slice(chain.indexOf(again)), again]
    const entry = findEntry(again, 'like')
    if (entry === undefined) return
    const names = loop.map(({ name }) => name).join(' → ')
    this.#error(`"like" leads back to where it began: ${names}`, entry, 'let one of them have its own values')
  }

  #checkDefaults(): void {
    const { keys } = tableRow('defaults.programs')
    for (const entry of this.#defaults?.entries ?? []) {
      if (Object.hasOwn(keys, entry.key)) continue
      const close = nearest(entry.key, Object.keys(keys))
      this.#error(`Unknown key "${entry.key}" in [defaults.programs]`, entry, close && `did you mean "${close}"?`)
    }
  }

  #error(message: string, { place }: Pick<Entry, 'place'>, hint: string | undefined): void {
    this.#mistakes.push({ severity: 'error', message, place, hint })
  }
}

/** The entry with the table that it comes from, unless that one had inherited it. */
function inherited(entry: Entry, from: string): Entry {
  const parts = entry.parts?.map((part) => ({ from, ...part }))
  return { from, ...entry, ...(parts !== undefined && { parts }) }
}

/** `environment` is inherited variable by variable where both are tables; any other value is replaced. */
function merge(base: Entry | undefined, own: Entry): Entry {
  if (base === undefined || own.key !== 'environment' || !isTree(base.value) || !isTree(own.value)) return own
  return { ...own, value: { ...base.value, ...own.value }, parts: [...(base.parts ?? [base]), own] }
}

function isTree(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && !isList(value)
}
