// `kahi migrate DIR --out DIR`: converts every configuration below a directory; the results have the same folders. A file that is included by another one becomes part of its TOML. One
// invalid file does not stop the others.

import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { errnoCode } from '../../runtime/system/files.ts'
import type { Given, Source } from '../../converter/format.ts'
import { contentsOf, oldFormats } from '../../converter/formats.ts'
import { identify } from '../../converter/identify.ts'
import { WriteError, writeWhole } from '../write-file.ts'
import { convertOne, type Migrated, permissionsOf } from './convert-one.ts'
import { findFiles, findTrees, formatAt } from './find-trees.ts'
import { nameTargets } from './targets.ts'

/** Options of the conversion of a directory. */
export interface TreeOptions {
  readonly out: string
  readonly verify: boolean
  readonly modernize: boolean
  readonly force: boolean
  /** Convert and report, but write nothing. */
  readonly isDry: boolean
  /** The options of formats. */
  readonly given: Given
  /** A lost line is a failure of the whole. */
  readonly isStrict: boolean
  /** The number of other files that are converted beside these. */
  readonly others: number
  /** Called before each file with its number, the number of files, and its path in the directory. */
  progress(number: number, total: number, path: string): void
}

/** The result for one file, or for a directory with its format. */
export type Outcome = { readonly path: string; readonly format?: string } & (
  | { readonly kind: 'converted'; readonly target: string; readonly migrated: Migrated }
  | { readonly kind: 'included'; readonly by: string }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] }
)

/**
 * Converts all. The outcomes have paths in the directory, in order. Throws ConfigError when there is nothing to
 * convert.
 */
export function convertTree(directory: string, machine: Machine, options: TreeOptions): readonly Outcome[] {
  const out = resolvePath(options.out)
  const files = findFiles(directory, out)
  const trees = findTrees(directory, out)
  if (files.length + trees.length + options.others === 0) {
    const message = `There is nothing to convert below ${directory}`
    throw new ConfigError([{ severity: 'error', message, hint: `looked for ${contentsOf(oldFormats)}` }])
  }
  const total = files.length + trees.length
  const targets = nameTargets(files.map((file) => [relative(directory, file), formatAt(file, false)?.endings ?? []]))
  const includedBy = new Map<string, string>()
  const outcomes = new Map<string, Outcome>()
  const leads = (file: string): boolean => formatAt(file, false)?.leads?.(file) === true
  const ordered = [...files.filter(leads), ...files.filter((file) => !leads(file))]
  for (const [index, file] of ordered.entries()) {
    const path = relative(directory, file)
    options.progress(index + 1, total, path)
    const by = includedBy.get(realpathSync(file))
    const target = join(out, targets.get(path) ?? path)
    const outcome: Outcome =
      by === undefined
        ? convertSource(() => identify(file), path, target, machine, options)
        : { path, kind: 'included', by }
    outcomes.set(path, outcome)
    if (outcome.kind !== 'converted') continue
    for (const included of outcome.migrated.conversion.files.slice(1)) includedBy.set(realpathSync(included), path)
  }
  const ofTrees = trees.map((tree, index) => {
    const path = relative(directory, tree)
    options.progress(files.length + index + 1, total, path)
    return convertFolder(tree, path, machine, options)
  })
  return [...files.flatMap((file) => outcomes.get(relative(directory, file)) ?? []), ...ofTrees]
}

/** `a/s6-rc.d` → `a/s6-rc.d.toml`; the directory itself is `kahi.toml`. */
function convertFolder(tree: string, path: string, machine: Machine, options: TreeOptions): Outcome {
  const target = join(resolvePath(options.out), path === '' ? 'kahi.toml' : `${path}.toml`)
  const format = formatAt(tree, true)?.name
  const find = (): Source => identify(tree, { options: options.given })
  const outcome = convertSource(find, path === '' ? '.' : path, target, machine, options)
  return format === undefined ? outcome : { ...outcome, format }
}

function convertSource(
  find: () => Source,
  path: string,
  target: string,
  machine: Machine,
  { verify, modernize, force, isDry, out }: TreeOptions,
): Outcome {
  try {
    const migrated = convertOne(find(), machine, { target, verify, modernize })
    if (!isDry) {
      makeFolders(resolvePath(out), dirname(target))
      writeWhole(target, migrated.layout.text, { force, mode: permissionsOf(migrated.conversion.files) })
    }
    return { path, kind: 'converted', target, migrated }
  } catch (error) {
    if (error instanceof ConfigError) return { path, kind: 'failed', diagnostics: error.diagnostics }
    if (!(error instanceof WriteError)) throw error
    return { path, kind: 'failed', diagnostics: [{ severity: 'error', message: error.message, hint: error.hint }] }
  }
}

/** Makes the folders from `out` to `folder`. A link among them could lead anywhere and is refused. */
function makeFolders(out: string, folder: string): void {
  if (folder !== out) makeFolders(out, dirname(folder))
  const found =
    folder === out ? statSync(folder, { throwIfNoEntry: false }) : lstatSync(folder, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) return
  if (found !== undefined)
    throw new WriteError(`Cannot write below ${folder}: it is ${found.isSymbolicLink() ? 'a link' : 'no directory'}`)
  try {
    mkdirSync(folder, { recursive: folder === out })
  } catch (error) {
    throw new WriteError(`Cannot make the directory ${folder}: ${errnoCode(error)}`)
  }
}
