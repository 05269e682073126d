// Looks up users, groups and directories of the machine for a document, and reports those that are missing.

import { dirname, resolve as resolvePath } from 'node:path'
import type { Machine, UserIds } from '../model/machine.ts'
import type { Place } from '../model/diagnostic.ts'
import type { Document, Table } from '../keys/document.ts'
import type { TableKind } from '../keys/tables.ts'
import type { Names } from '../values/expand.ts'
import { Findings } from './findings.ts'
import { strip } from '../values/values.ts'

/** Options for resolving a document. */
export interface ResolveOptions {
  /** Missing users, groups and directories are notes instead of errors: the file is for another image. */
  readonly assumeImage?: boolean
}

/** The machine, and the findings about the document. */
export interface Resolver {
  readonly document: Document
  readonly machine: Machine
  readonly findings: Findings
  /** The names that all tables may use: `here`, `host_node_name` and `ENV_…`. */
  readonly names: Names
  /** The tables of that kind, in the order of the file. */
  tables(kind: TableKind): readonly Table[]
  /** All tables with that name; blanks around names are ignored. */
  named(name: string): readonly Table[]
  /**
   * Ids of a user (`name`, `uid`, `name:group`). A missing user is an error; with assumeImage it is a note, and the ids
   * are unused ones.
   */
  user(name: string, place: Place): UserIds | undefined
  group(name: string, place: Place): number | undefined
  /** Reports what this machine does not have: an error, but a note with assumeImage. */
  missing(message: string, place: Place, hint: string): void
  /** Reports a missing directory. */
  directory(path: string, place: Place): void
  /** Reports a file whose directory is missing. Gives the path with `~` replaced. */
  filePath(path: string, place: Place): string
}

/** A resolver without findings. */
export function createResolver(document: Document, machine: Machine, names: Names, options: ResolveOptions): Resolver {
  const findings = new Findings()
  const assume = options.assumeImage ?? false
  const missing = (message: string, place: Place, hint: string): void => {
    findings.add({ severity: assume ? 'note' : 'error', message, place, hint: assume ? undefined : hint })
  }
  const elsewhere = 'if the file is meant for another machine or image: kahi check --assume-image'
  let nextId = 900_000
  const invented = new Map<string, number>()
  const inventId = (kind: string, name: string): number => {
    const known = invented.get(kind + name) ?? (/^\d+$/.test(name) ? Number(name) : nextId++)
    invented.set(kind + name, known)
    return known
  }
  const group = (name: string, place: Place): number | undefined => {
    const gid = machine.findGroup(name)
    if (gid !== undefined) return gid
    missing(`There is no group "${name}" on this machine`, place, elsewhere)
    return assume ? inventId('group ', name) : undefined
  }
  const user = (name: string, place: Place): UserIds | undefined => {
    const [userName = '', groupName] = splitOwner(name)
    const found = machine.findUser(userName)
    if (found === undefined) missing(`There is no user "${userName}" on this machine`, place, elsewhere)
    const invent = (id: number): UserIds => ({ uid: id, gid: id, groups: [id] })
    const ids = found ?? (assume ? invent(inventId('user ', userName)) : undefined)
    const gid = groupName === undefined ? ids?.gid : group(groupName, place)
    return ids === undefined || gid === undefined ? undefined : { ...ids, gid }
  }
  const directory = (path: string, place: Place): void => {
    const absolute = resolvePath(machine.workingDirectory, path)
    if (!machine.isDirectory(absolute))
      missing(`There is no directory ${absolute}`, place, `create it, or ${elsewhere}`)
  }
  const filePath = (path: string, place: Place): string => {
    const expanded = machine.expandHome(path)
    if (expanded.includes('/')) directory(dirname(expanded), place)
    return expanded
  }
  return { document, machine, findings, names, ...indexTables(document), missing, user, group, directory, filePath }
}

function indexTables({ tables }: Document): Pick<Resolver, 'tables' | 'named'> {
  const [byKind, byName] = [new Map<TableKind, Table[]>(), new Map<string, Table[]>()]
  const add = <Id>(index: Map<Id, Table[]>, id: Id, table: Table): void => {
    const list = index.get(id)
    if (list === undefined) index.set(id, [table])
    else list.push(table)
  }
  for (const table of tables) {
    add(byKind, table.kind, table)
    add(byName, strip(table.name), table)
  }
  return { tables: (kind) => byKind.get(kind) ?? [], named: (name) => byName.get(name) ?? [] }
}

function splitOwner(owner: string): readonly [string, string | undefined] {
  const colon = owner.indexOf(':')
  return colon < 0 ? [owner, undefined] : [owner.slice(0, colon), owner.slice(colon + 1)]
}
