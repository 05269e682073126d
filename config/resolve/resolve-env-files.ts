// Reads the files of `env_file`. A path is relative to the file that names it.

import { statSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import { findEntry, type Table } from '../keys/document.ts'
import { ConfigError, type Place } from '../model/diagnostic.ts'
import type { EnvFile, EnvFiles } from '../model/env-file.ts'
import { readEnvDirectory, readEnvFile } from '../values/read-env-file.ts'
import { ValueError } from '../values/values.ts'
import type { Resolver } from './resolver.ts'

/** The files and their variables; undefined without files. A file that cannot be read is reported. */
export function resolveEnvFiles(resolver: Resolver, table: Table, given: readonly EnvFile[]): EnvFiles | undefined {
  if (given.length === 0) return undefined
  const place = findEntry(table, 'env_file')?.place ?? table.place
  const files = given.map(({ path, optional }) => ({ path: absolute(resolver, table, place, path), optional }))
  const found = files.flatMap((file) =>
    Object.entries(read(resolver, file, place)).map(([name, value]) => ({ name, value, path: file.path })),
  )
  return {
    files,
    variables: Object.fromEntries(found.map(({ name, value }) => [name, value])),
    origins: Object.fromEntries(found.map(({ name, path }) => [name, path])),
  }
}

/** The files with the variables that the program does not set itself. */
export function withoutOwn(read: EnvFiles | undefined, own: Readonly<Record<string, string>>): EnvFiles | undefined {
  if (read === undefined) return undefined
  const variables = Object.entries(read.variables).filter(([name]) => !Object.hasOwn(own, name))
  return { ...read, variables: Object.fromEntries(variables) }
}

/** The variables that have a value. */
export function textsOf(read: EnvFiles | undefined): Readonly<Record<string, string>> {
  const texts = Object.entries(read?.variables ?? {}).filter((one): one is [string, string] => one[1] !== null)
  return Object.fromEntries(texts)
}

/** Variables of the daemon that no file of the program sets. */
export function withoutFiles(
  outer: Readonly<Record<string, string>>,
  read: EnvFiles | undefined,
): Readonly<Record<string, string>> {
  if (read === undefined) return outer
  return Object.fromEntries(Object.entries(outer).filter(([name]) => !Object.hasOwn(read.variables, name)))
}

/** What a client adds is in no file: its paths are relative to the directory of the configuration. */
function absolute({ document, machine }: Resolver, { isDynamic }: Table, place: Place, path: string): string {
  const base = isDynamic === true ? document.here : resolvePath(machine.workingDirectory, dirname(place.file))
  return resolvePath(base, machine.expandHome(path))
}

function read(resolver: Resolver, { path, optional }: EnvFile, place: Place): EnvFiles['variables'] {
  try {
    return statSync(path).isDirectory() ? readEnvDirectory(path) : readEnvFile(path)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && /^(?:ENOENT|ENOTDIR)$/.test(String(error.code))
    if (isMissing && optional) return {}
    const hint = 'create it, or write { path = "…", optional = true }'
    if (isMissing) resolver.missing(`Cannot read "env_file": there is no file ${path}`, place, hint)
    else resolver.findings.error(`Cannot read "env_file": ${reasonOf(error)}`, place)
    return {}
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.diagnostics.map(({ message }) => message).join('; ')
  if (error instanceof ValueError || error instanceof Error) return error.message
  throw error
}
