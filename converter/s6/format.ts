// A scan directory of s6, as `s6-svscan DIR` runs it, as a format: service directories without dependencies.

import { join, relative, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { ConfigError, type Diagnostic, type Place } from '../../config/model/diagnostic.ts'
import type { Table } from '../../config/keys/document.ts'
import { isDirectory, isFile, listDirectory } from '../folders.ts'
import type { Asked, Conversion, Format, Source } from '../format.ts'
import { Ledger } from '../s6-rc/ledger.ts'
import { lintDefinition } from '../s6-rc/lint.ts'
import { TREE_OPTIONS } from '../s6-rc/format.ts'
import { readServiceDirectories } from '../s6-rc/service-directories.ts'
import { witnessScan } from './expected.ts'

const { at } = TREE_OPTIONS

/** Scan directories of s6. */
export const s6Format: Format = {
  name: 's6',
  title: 'a scan directory of s6',
  endings: [],
  holds: 'NAME/run in each directory',
  options: at === undefined ? {} : { at },
  takesSources: false,
  detect,
  meets: (path, isFolder) => isFolder && isScanDirectory(path),
}

function detect(path: string, { format, options = {} }: Asked): Source | undefined {
  if (!isDirectory(path) || (format === undefined && !isScanDirectory(path))) return undefined
  const place = typeof options.at === 'string' ? options.at : undefined
  const moved = (file: string): string => (place === undefined ? file : join(place, relative(resolvePath(path), file)))
  return {
    format: s6Format.name,
    path,
    convert: (machine) => convertScan(path, machine, moved),
    witness: () => witnessScan(path, moved),
  }
}

/**
 * Whether a directory contains service directories, each with a `run`, and no other directories with files of s6-rc.
 */
function isScanDirectory(path: string): boolean {
  const folders = (listDirectory(path) ?? []).filter(
    ({ name }) => !name.startsWith('.') && isDirectory(join(path, name)),
  )
  return folders.length > 0 && folders.every(({ name }) => isFile(join(path, name, 'run')))
}

function convertScan(path: string, machine: Machine, moved: (file: string) => string): Conversion {
  const root = resolvePath(machine.workingDirectory, path)
  const ledger = new Ledger()
  const { services, diagnostics, definitions } = readServiceDirectories(root, { ledger, at: moved })
  const place: Place = { file: root, line: 1, column: 1 }
  if (services.length === 0) {
    const message = `${path} contains no service directory: none of its directories has a file "run"`
    throw new ConfigError([{ severity: 'error', message, place }])
  }
  const daemon: Table = {
    kind: 'supervisor',
    name: '',
    place,
    entries: [{ key: 'output_format', value: 'raw', place }],
  }
  const tables: readonly Table[] = [daemon, ...services.flat()]
  return {
    document: { file: join(root, 'kahi.toml'), here: root, tables },
    diagnostics: [...diagnostics, ...definitions.flatMap(lintDefinition), ...ownScripts(root)],
    ledger: ledger.entries,
    lines: ledger.lines,
    files: ledger.files,
    isFragment: false,
  }
}

/** Scripts that s6-svscan itself runs: at its end, after a crash, and for signals. Source: s6 2.15, s6-svscan. */
function ownScripts(root: string): readonly Diagnostic[] {
  return (listDirectory(join(root, '.s6-svscan')) ?? [])
    .filter(({ name }) => /^(?:finish|crash|SIG[A-Z0-9]+)$/.test(name))
    .map(({ name }): Diagnostic => {
      const place = { file: join(root, '.s6-svscan', name), line: 1, column: 1 }
      return { severity: 'warning', message: `"${name}" is a script of s6-svscan itself: kahi does not run it`, place }
    })
}
