// The lines of a supervisord.conf: tables become sections and entries become keys, in their order. Keys and tables that
// only kahi has are reported and left out.

import { dirname, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../../config/model/machine.ts'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import { type Document, type Entry, findEntry, type Table, tableName } from '../../../config/keys/document.ts'
import { environmentNames, expand, type Names } from '../../../config/values/expand.ts'
import { isDefault, type Key, supervisordName } from '../../../config/keys/key.ts'
import { tableRow, tableRows } from '../../../config/keys/tables.ts'
import { flag } from '../../../config/values/values.ts'
import { mapSection } from '../mapping.ts'
import type { Saying } from './text.ts'
import { sayValue } from './value.ts'

/** The entry or table of a line. */
export type Owner = Entry | Table

/** One line of the text, or several for a long value. */
export interface Line {
  readonly text: string
  readonly owner?: Owner | undefined
}

/** The section for each kind of table. */
const SECTIONS: Readonly<Record<string, string>> = {
  supervisor: 'supervisord',
  'server.unix': 'unix_http_server',
  'server.http': 'inet_http_server',
  ctl: 'supervisorctl',
  programs: 'program',
  groups: 'group',
  event_listeners: 'eventlistener',
  fcgi_programs: 'fcgi-program',
}

/** Whether `kind` is a kind of table that supervisord has nothing like. */
export function hasNoSection(kind: string): boolean {
  return SECTIONS[kind] === undefined && tableRows.some((row) => row.kind === kind)
}

const CONTROL = [
  '',
  '[rpcinterface:supervisor]',
  'supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface',
]

/** Values of keys that supervisord does not have, for what it does anyway. */
const SAME: Readonly<Record<string, string>> = { log_format: 'raw', output_format: 'raw' }

/** The lines of the text without entries that are `unsayable`, and diagnostics about them. */
export function writeSections(
  document: Document,
  machine: Machine,
  target: string,
  unsayable: ReadonlyMap<Owner, string>,
): { readonly lines: readonly Line[]; readonly diagnostics: readonly Diagnostic[] } {
  const writer = new Writer(document, machine, target, unsayable)
  return { lines: writer.write(), diagnostics: writer.diagnostics }
}

class Writer {
  readonly diagnostics: Diagnostic[] = []
  readonly #document: Document
  readonly #unsayable: ReadonlyMap<Owner, string>
  readonly #names: Names
  readonly #keepsHere: boolean

  constructor(document: Document, machine: Machine, target: string, unsayable: ReadonlyMap<Owner, string>) {
    this.#document = document
    this.#unsayable = unsayable
    this.#names = { ...environmentNames(machine.environment), here: document.here, host_node_name: machine.hostName }
    this.#keepsHere = dirname(resolvePath(machine.workingDirectory, target)) === document.here
  }

  write(): readonly Line[] {
    const { tables } = this.#document
    const nowhere = { file: this.#document.file, line: 1, column: 1 }
    const hasDaemon = tables.some(({ kind }) => kind === 'supervisor')
    const daemon: Table[] = hasDaemon ? [] : [{ kind: 'supervisor', name: '', place: nowhere, entries: [] }]
    const blocks = [...daemon, ...tables].map((table) => this.#writeTable(table)).filter((lines) => lines.length > 0)
    const isControlled = tables.some(({ kind }) => kind.startsWith('server.'))
    const control = isControlled ? CONTROL.map((text) => ({ text })) : []
    return [...blocks.flatMap((lines, index) => (index === 0 ? lines : [{ text: '' }, ...lines])), ...control]
  }

  #writeTable(table: Table): readonly Line[] {
    const kind: string = table.kind
    const section = SECTIONS[kind]
    const rows = tableRow(table.kind).keys
    if (kind === 'server.http' && !this.#isEnabled(table)) return []
    if (section === undefined) {
      this.#warn(`supervisord has nothing like [${tableName(table)}]: it is left out`, table)
      return []
    }
    const name = table.name === '' ? `${section}${this.#number(table)}` : `${section}:${table.name}`
    const lines = table.entries.flatMap((entry) => this.#writeEntry(table, name, entry, rows[entry.key]))
    if (this.#isUnsayable(table)) return []
    return [{ text: `[${name}]`, owner: table }, ...lines, ...this.#writeDefaults(table, Object.entries(rows))]
  }

  #isUnsayable(owner: Owner): boolean {
    const reason = this.#unsayable.get(owner)
    if (reason === undefined) return false
    const what = 'key' in owner ? `"${owner.key}"` : `[${tableName(owner)}]`
    this.#warn(`${what} cannot be expressed in supervisord.conf and is left out: ${reason}`, owner)
    return true
  }

  /** Further servers of a kind need a name of their own. */
  #number(table: Table): string {
    const index = this.#document.tables.filter(({ kind }) => kind === table.kind).indexOf(table)
    return index > 0 ? `:${index + 1}` : ''
  }

  #isEnabled(table: Table): boolean {
    return flag.fromText(expand(String(findEntry(table, 'enabled')?.value ?? false), this.#names))
  }

  /** A user that supervisord refuses, although the converter accepts it. */
  #userOfGroup(key: string, { value }: Entry): string | undefined {
    return key === 'user' && String(value).includes(':') ? 'supervisord takes no other group for a user' : undefined
  }

  #writeEntry(table: Table, section: string, entry: Entry, row: Key<unknown> | undefined): readonly Line[] {
    if (row === undefined || this.#isUnsayable(entry)) return []
    const key = supervisordName(entry.key, row)
    if (key === undefined) {
      const isSame = isDefault(entry.value, row) || SAME[entry.key] === entry.value
      if (table.kind !== 'server.http' && !isSame)
        this.#warn(`supervisord has no key like "${entry.key}" of [${tableName(table)}]: it is left out`, entry)
      return []
    }
    const reason = this.#userOfGroup(key, entry)
    const said = reason === undefined ? sayValue(entry.value, row, this.#saying(section, key, entry)) : { reason }
    if ('reason' in said) {
      this.#warn(`"${entry.key}" cannot be expressed in supervisord.conf and is left out: ${said.reason}`, entry)
      return []
    }
    if (said.loss !== undefined) this.#warn(`"${entry.key}" is not quite the same there: ${said.loss}`, entry)
    return [{ text: `${key} = ${said.text}`.trimEnd(), owner: entry }]
  }

  #saying(section: string, key: string, entry: Entry): Saying {
    const mapping = mapSection(section)
    const allowed = mapping?.allowed(key)
    return {
      knowsHere: allowed === undefined || allowed.includes('here'),
      names: this.#names,
      twice: mapping?.twice.includes(entry.key) ?? false,
      isKnown: (name) => {
        if (name === 'here' && !this.#keepsHere) return false
        return name.startsWith('ENV_') || allowed === undefined || allowed.includes(name)
      },
      fix: (expansion) => {
        if (expansion === '%(here)s') return
        const value = expand(expansion, this.#names)
        this.#warn(
          `${expansion} in "${entry.key}" cannot be expressed there: it is fixed to ${JSON.stringify(value)}`,
          entry,
        )
      },
    }
  }

  /** Writes the defaults of kahi where supervisord's differ. */
  #writeDefaults(table: Table, rows: readonly (readonly [string, Key<unknown>])[]): readonly Line[] {
    const has = (key: string): boolean => findEntry(table, key) !== undefined
    const isRedirected = findEntry(table, 'redirect_stderr')?.value === true
    return rows.flatMap(([key, row]) => {
      if (row.supervisordDefault === undefined || has(key) || key === 'pidfile') return []
      if (supervisordName(key, row) === undefined) return []
      if (key === 'stderr_logfile' && isRedirected) return []
      const value = row.fallback === undefined ? '/dev/null' : String(row.type.toToml?.(row.fallback))
      const size = `${key}_maxbytes`
      return [`${key} = ${value}`, ...(has(size) ? [] : [`${size} = 0`])].map((text) => ({ text, owner: table }))
    })
  }

  #warn(message: string, { place }: Owner): void {
    this.diagnostics.push({ severity: 'warning', message, place })
  }
}
