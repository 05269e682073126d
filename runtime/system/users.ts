// Users, groups and paths of this machine, for reading configuration files. /etc/passwd and /etc/group are read at the
// first question and cached, so make a new Machine for each load.

import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Machine, UserIds } from '../../config/model/machine.ts'

interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** This machine as configuration files see it. */
export function thisMachine(): Machine {
  return machineWith('/etc/passwd', '/etc/group', process.env)
}

/** As thisMachine(), with other account files and another environment. */
export function machineWith(passwdFile: string, groupFile: string, environment: Machine['environment']): Machine {
  const users = once(() => readTable(passwdFile).flatMap(parsePasswdEntry))
  const groups = once(() => readTable(groupFile).flatMap(parseGroupEntry))
  return {
    environment,
    hostName: hostname(),
    uid: process.getuid?.() ?? 0,
    workingDirectory: workingDirectory(),
    temporaryDirectory: temporaryDirectory(environment),
    findUser: (nameOrId) => findUser(users(), groups(), nameOrId),
    findGroup: (nameOrId) => findByNameOrId(groups(), nameOrId, (group) => group.gid)?.gid,
    isDirectory,
    expandHome: (path) => expandHome(path, environment.HOME, users()),
  }
}

/**
 * The variables that a login sets for the user with this id; undefined when there is no such user. Source: login(1).
 */
export function loginVariables(uid: number, passwdFile = '/etc/passwd'): Record<string, string> | undefined {
  const user = readTable(passwdFile)
    .flatMap(parsePasswdEntry)
    .find((entry) => entry.uid === uid)
  if (user === undefined) return undefined
  return { HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell }
}

/**
 * The user with its primary group and all groups that list its name. Source: supervisor 4.2.5,
 * ServerOptions.dropPrivileges.
 */
function findUser(users: readonly PasswdEntry[], groups: readonly GroupEntry[], nameOrId: string): UserIds | undefined {
  const user = findByNameOrId(users, nameOrId, (entry) => entry.uid)
  if (user === undefined) return undefined
  const listing = groups.filter((group) => group.members.includes(user.name)).map((group) => group.gid)
  return { uid: user.uid, gid: user.gid, groups: [...new Set([user.gid, ...listing])] }
}

function findByNameOrId<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  nameOrId: string,
  idOf: (entry: Entry) => number,
): Entry | undefined {
  if (/^\d+$/.test(nameOrId)) return entries.find((entry) => idOf(entry) === Number(nameOrId))
  return entries.find((entry) => entry.name === nameOrId)
}

/** Replaces `~`; an unknown user leaves the path unchanged. Source: CPython 3.11, os.path.expanduser. */
function expandHome(path: string, home: string | undefined, users: readonly PasswdEntry[]): string {
  if (!path.startsWith('~')) return path
  const end = path.includes('/') ? path.indexOf('/') : path.length
  const name = path.slice(1, end)
  const found = name === '' ? (home ?? homeOfUid(users)) : users.find((user) => user.name === name)?.home
  if (found === undefined) return path
  return `${found.replace(/\/+$/, '')}${path.slice(end)}` || '/'
}

function homeOfUid(users: readonly PasswdEntry[]): string | undefined {
  return users.find((user) => user.uid === process.getuid?.())?.home
}

/** Source: CPython 3.11, tempfile.gettempdir. */
function temporaryDirectory(environment: Machine['environment']): string {
  const { TMPDIR, TEMP, TMP } = environment
  const candidates = [TMPDIR, TEMP, TMP, '/tmp', '/var/tmp', '/usr/tmp']
  return candidates.find((path) => path !== undefined && path !== '' && isDirectory(path)) ?? workingDirectory()
}

/** The working directory; `/` when it was removed: files with absolute paths can still be read. */
function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function parsePasswdEntry(line: string): PasswdEntry[] {
  const [name, , uid, gid, , home, shell] = line.split(':')
  if (name === undefined || uid === undefined || gid === undefined) return []
  return [{ name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh' }]
}

function parseGroupEntry(line: string): GroupEntry[] {
  const [name, , gid, members] = line.split(':')
  if (name === undefined || gid === undefined) return []
  return [{ name, gid: Number(gid), members: (members ?? '').split(',').filter((member) => member !== '') }]
}

function readTable(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
  } catch {
    return []
  }
}

function once<Value>(read: () => Value): () => Value {
  let value: Value | undefined
  return () => {
    value ??= read()
    return value
  }
}
