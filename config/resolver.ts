// Asks the machine on behalf of a document: users, groups and directories, with what to say when they are missing.

import { dirname, resolve as resolvePath } from 'node:path'
import type { Machine, UserIds } from './config.ts'
import type { Place } from './diagnostic.ts'
import type { Document } from './document.ts'
import type { Names } from './expand.ts'
import { Findings } from './settings.ts'

/** How strictly the machine is taken. */
export interface ResolveOptions {
  /** Users, groups and directories that are missing here are notes, not errors: the file is for another image. */
  readonly assumeImage?: boolean
}

/** The machine, with the findings that its answers lead to. */
export interface Resolver {
  readonly document: Document
  readonly machine: Machine
  readonly findings: Findings
  /** What all tables may use: `here`, `host_node_name` and `ENV_…`. */
  readonly names: Names
  /** Ids of a user (`name`, `uid`, `name:group`); an error, or with assumeImage a note and ids that nobody has. */
  user(name: string, place: Place): UserIds | undefined
  group(name: string, place: Place): number | undefined
  /** Says it when the directory is missing. */
  directory(path: string, place: Place): void
  /** Says it when the directory that should hold the file is missing; gives the path with `~` replaced. */
  filePath(path: string, place: Place): string
}

/** A resolver without findings yet. */
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
  return { document, machine, findings, names, user, group, directory, filePath }
}

function splitOwner(owner: string): readonly [string, string | undefined] {
  const colon = owner.indexOf(':')
  return colon < 0 ? [owner, undefined] : [owner.slice(0, colon), owner.slice(colon + 1)]
}
