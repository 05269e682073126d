// The value of `env_file`: paths of files with variables, each of which may be optional.

import type { EnvFile } from '../model/env-file.ts'
import type { Value } from '../model/value.ts'
import { ValueError, type ValueType } from './values.ts'

/** A path, a table such as `{ path = ".env", optional = true }`, or a list of both. */
export const envFiles: ValueType<readonly EnvFile[]> = {
  name: 'files of variables',
  fromText: (text) => [fileFrom(text)],
  fromToml: (value) => (Array.isArray(value) ? (value as readonly Value[]).map(fileFrom) : [fileFrom(value)]),
  toToml: (files) => files.map(({ path, optional }) => (optional ? { path, optional } : path)),
}

function fileFrom(value: Value): EnvFile {
  const given = typeof value === 'string' ? { path: value } : Object.fromEntries(Object.entries(value))
  const { path, optional = false, ...others }: Readonly<Record<string, unknown>> = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined && typeof path === 'string')
    throw new ValueError(`there is no "${unknown}", only path and optional`)
  if (typeof path !== 'string' || path === '') throw new ValueError('a file is neither a path nor a table with path')
  if (typeof optional !== 'boolean') throw new ValueError('optional is neither true nor false')
  return { path, optional }
}
