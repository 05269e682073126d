// Compares two configurations key by key: the proof that two texts have the same meaning. Every field is compared by
// its name, so a new key needs no code here.

import { isDeepStrictEqual } from 'node:util'
import type { EnvFiles } from '../model/env-file.ts'
import type { TableKind } from '../keys/tables.ts'
import { namespec } from '../model/names.ts'
import type { Config, Group } from './config.ts'
import type { ProcessSettings } from './process.ts'

/** One value that differs; undefined stands for a missing value. */
export interface Difference {
  /** The table of the value; undefined when the difference is in no key, for example in an order. */
  readonly table: { readonly kind: TableKind; readonly name: string } | undefined
  /** A name for users: `web`, `group:name`, `supervisor`, `the first server`. */
  readonly subject: string
  /** `stopwaitsecs`, `environment.PATH`, `stdout_logfile`. */
  readonly key: string
  readonly before: unknown
  readonly after: unknown
}

type Origin = Pick<Difference, 'table' | 'subject'>
type Fields = Readonly<Record<string, unknown>>

/** All differences. Paths of the configuration files are not compared. */
export function findDifferences(before: Config, after: Config): readonly Difference[] {
  const { file: _, supervisor, servers, ctl, groups, ...rest } = before
  const { file: __, supervisor: supervisor2, servers: servers2, ctl: ctl2, groups: groups2, ...rest2 } = after
  return [
    ...compareFields({ table: { kind: 'supervisor', name: '' }, subject: 'supervisor' }, supervisor, supervisor2),
    ...compareLists(servers, servers2).flatMap(([a, b], index) => {
      const table = { kind: a?.kind === 'unix' ? 'server.unix' : 'server.http', name: '' } as const
      return compareFields({ table, subject: `server ${index + 1}` }, a, b)
    }),
    ...compareFields({ table: { kind: 'ctl', name: '' }, subject: 'ctl' }, ctl, ctl2),
    ...compareGroups(groups, groups2),
    ...compareFields({ table: undefined, subject: 'the file' }, rest, rest2),
  ]
}

function compareGroups(before: readonly Group[], after: readonly Group[]): readonly Difference[] {
  const order = compareFields(
    { table: undefined, subject: 'the file' },
    { 'order of groups': before.map(({ name }) => name) },
    { 'order of groups': after.map(({ name }) => name) },
  )
  const found = compareLists(before, after).flatMap(([a, b]) => (a && b && a.name === b.name ? compareGroup(a, b) : []))
  return [...order, ...found]
}

/** All differences between two groups with one name. Their processes are compared only if they have the same names. */
export function compareGroup(before: Group, after: Group): readonly Difference[] {
  const origin: Origin = { table: { kind: 'groups', name: before.name }, subject: before.name }
  const { processes, ...rest } = before
  const { processes: processes2, ...rest2 } = after
  const namesOf = (list: readonly ProcessSettings[]): readonly string[] => list.map(({ name }) => name)
  const names = compareFields(origin, { processes: namesOf(processes) }, { processes: namesOf(processes2) })
  const inside = compareLists(processes, processes2).flatMap(([a, b]) => (a && b ? compareProcess(a, b) : []))
  return [...compareFields(origin, rest, rest2), ...names, ...(names.length > 0 ? [] : inside)]
}

function compareProcess(before: ProcessSettings, after: ProcessSettings): readonly Difference[] {
  const subject = namespec(before.group, before.name)
  return compareFields({ table: { kind: 'programs', name: before.program }, subject }, before, after)
}

function compareFields(origin: Origin, before: object | undefined, after: object | undefined): Difference[] {
  const [old, now] = [flatten(before), flatten(after)]
  const keys = new Set([...Object.keys(old), ...Object.keys(now)])
  return [...keys]
    .filter((key) => !isDeepStrictEqual(old[key], now[key]))
    .map((key) => ({ ...origin, key, before: old[key], after: now[key] }))
}

/**
 * `environment` becomes a field for each variable, `stdout` a field for each of its settings, with their names in the
 * file.
 */
function flatten(fields: object | undefined): Fields {
  const pairs = Object.entries(fields ?? {}).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (typeof value !== 'object' || value === null) return [[name, value]]
    if (name === 'env_file') return flattenFiles(value as EnvFiles)
    if (name === 'environment') return Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner])
    if (/^std(?:out|err)$/.test(name)) return Object.entries(value).map(([key, inner]) => [`${name}_${key}`, inner])
    return [[name, value]]
  })
  return Object.fromEntries(pairs)
}

function flattenFiles({ files, variables }: EnvFiles): [string, unknown][] {
  return [
    ['env_file', files],
    ...Object.entries(variables).map(([key, value]): [string, unknown] => [`env_file.${key}`, value]),
  ]
}

function compareLists<T>(before: readonly T[], after: readonly T[]): (readonly [T | undefined, T | undefined])[] {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => [before[index], after[index]])
}
