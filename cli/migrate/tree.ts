// `kahi migrate DIR --out DIR`: converts every supervisord file, tree of s6-rc and image of s6-overlay below a directory into a
// tree of the same shape. A file that another one includes stands in the TOML of that one. One broken file does not stop the others.

import { lstatSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic } from '../../config/diagnostic.ts'
import { errnoCode } from '../../runtime/system/files.ts'
import { isImage } from '../../converter/s6-overlay/image.ts'
import { WriteError, writeWhole } from '../write-file.ts'
import { convertOne, type Migrated, permissionsOf } from './convert-one.ts'
import { findTrees, listDirectory } from './find-trees.ts'
import { findInput, type Input } from './input.ts'

/** How a tree is converted. */
export interface TreeOptions {
  readonly out: string
  readonly verify: boolean
  readonly modernize: boolean
  readonly force: boolean
  /** Convert and report, but write nothing. */
  readonly isDry: boolean
  /** How trees of s6-rc and images are converted. */
  readonly tree: Pick<Input, 'inline' | 'translate' | 'at'>
  /** Losing a line is a failure of the whole. */
  readonly isStrict: boolean
  /** Told before each file: its number from 1, how many there are, its path in the tree. */
  progress(number: number, total: number, path: string): void
}

/** What became of one file, or of one tree with its format. */
export type Outcome = { readonly path: string; readonly format?: string } & (
  | { readonly kind: 'converted'; readonly target: string; readonly migrated: Migrated }
  | { readonly kind: 'included'; readonly by: string }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] }
)

const SECTION =
  /^\[(?:supervisord|supervisorctl|unix_http_server|inet_http_server|include|(?:program|group|eventlistener|fcgi-program|rpcinterface):[^\]]+)\]/m

/** Converts all; paths in the outcomes are those in the tree, in their order. Throws ConfigError when there is nothing to convert. */
export function convertTree(directory: string, machine: Machine, options: TreeOptions): readonly Outcome[] {
  const out = resolvePath(options.out)
  const files = listFiles(directory, out).filter(isSupervisord)
  const trees = findTrees(directory, out)
  if (files.length + trees.length === 0) {
    const message = `There is no supervisord file below ${directory}, no tree of s6-rc and no image of s6-overlay`
    throw new ConfigError([{ severity: 'error', message, hint: 'files are looked for that end in .conf or .ini' }])
  }
  const total = files.length + trees.length
  const targets = nameTargets(files.map((file) => relative(directory, file)))
  const includedBy = new Map<string, string>()
  const outcomes = new Map<string, Outcome>()
  const ordered = [...files.filter(includesOthers), ...files.filter((file) => !includesOthers(file))]
  for (const [index, file] of ordered.entries()) {
    const path = relative(directory, file)
    options.progress(index + 1, total, path)
    const by = includedBy.get(realpathSync(file))
    const target = join(out, targets.get(path) ?? path)
    const outcome: Outcome =
      by === undefined ? convertInput({ path: file }, path, target, machine, options) : { path, kind: 'included', by }
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
  const input = { ...findInput(tree), ...options.tree }
  const outcome = convertInput(input, path === '' ? '.' : path, target, machine, options)
  return { ...outcome, format: isImage(tree) ? 's6-overlay' : 's6-rc' }
}

/** Files that may be meant, sorted; links to directories and the output itself are not entered. */
function listFiles(directory: string, out: string): string[] {
  const entries = listDirectory(directory)
  if (entries === undefined) return [directory]
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return resolvePath(path) === out ? [] : listFiles(path, out)
    return /\.(?:conf|ini)$/.test(entry.name) ? [path] : []
  })
}

function isSupervisord(file: string): boolean {
  const text = textOf(file)
  return text === undefined || SECTION.test(text)
}

function includesOthers(file: string): boolean {
  return /^\[include\]/m.test(textOf(file) ?? '')
}

/** Undefined for what cannot be read; it is among the files then, so that its conversion says why. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}

/** `a/web.conf` → `a/web.toml`; where two would meet, both keep their whole name in front of `.toml`. */
function nameTargets(paths: readonly string[]): ReadonlyMap<string, string> {
  const short = (path: string): string => path.replace(/\.(?:conf|ini)$/, '.toml')
  const isAlone = (path: string): boolean => paths.filter((other) => short(other) === short(path)).length === 1
  return new Map(paths.map((path) => [path, isAlone(path) ? short(path) : `${path}.toml`]))
}

function convertInput(
  input: Input,
  path: string,
  target: string,
  machine: Machine,
  { verify, modernize, force, isDry, out }: TreeOptions,
): Outcome {
  try {
    const migrated = convertOne(input, machine, { target, verify, modernize })
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

/** The folders from `out` down to `folder`; a link among them could lead anywhere and is refused. */
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
