// `kahi migrate DIR --out DIR`: converts every supervisord file below a directory into a tree of the same shape. A file that
// another one includes stands in the TOML of that one. One broken file does not stop the others.

import { type Dirent, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve as resolvePath } from 'node:path'
import { compareText } from '../../config/compare.ts'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic } from '../../config/diagnostic.ts'
import { errnoCode } from '../../runtime/system/files.ts'
import { WriteError, writeWhole } from '../write-file.ts'
import { convertOne, type Migrated, permissionsOf } from './convert-one.ts'

/** How a tree is converted. */
export interface TreeOptions {
  readonly out: string
  readonly verify: boolean
  readonly modernize: boolean
  readonly force: boolean
  /** Convert and report, but write nothing. */
  readonly isDry: boolean
  /** Losing a line is a failure of the whole. */
  readonly isStrict: boolean
  /** Told before each file: its number from 1, how many there are, its path in the tree. */
  progress(number: number, total: number, path: string): void
}

/** What became of one file. */
export type Outcome =
  | { readonly path: string; readonly kind: 'converted'; readonly target: string; readonly migrated: Migrated }
  | { readonly path: string; readonly kind: 'included'; readonly by: string }
  | { readonly path: string; readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] }

const SECTION =
  /^\[(?:supervisord|supervisorctl|unix_http_server|inet_http_server|include|(?:program|group|eventlistener|fcgi-program|rpcinterface):[^\]]+)\]/m

/** Converts all; paths in the outcomes are those in the tree, in their order. Throws ConfigError when there is nothing to convert. */
export function convertTree(directory: string, machine: Machine, options: TreeOptions): readonly Outcome[] {
  const out = resolvePath(options.out)
  const files = listFiles(directory, out).filter(isSupervisord)
  if (files.length === 0) {
    const message = `There is no supervisord file below ${directory}`
    throw new ConfigError([{ severity: 'error', message, hint: 'files are looked for that end in .conf or .ini' }])
  }
  const targets = nameTargets(files.map((file) => relative(directory, file)))
  const includedBy = new Map<string, string>()
  const outcomes = new Map<string, Outcome>()
  const ordered = [...files.filter(includesOthers), ...files.filter((file) => !includesOthers(file))]
  for (const [index, file] of ordered.entries()) {
    const path = relative(directory, file)
    options.progress(index + 1, files.length, path)
    const by = includedBy.get(realpathSync(file))
    const target = join(out, targets.get(path) ?? path)
    const outcome: Outcome =
      by === undefined ? convertFile(file, path, target, machine, options, out) : { path, kind: 'included', by }
    outcomes.set(path, outcome)
    if (outcome.kind !== 'converted') continue
    for (const included of outcome.migrated.conversion.files.slice(1)) includedBy.set(realpathSync(included), path)
  }
  return files.flatMap((file) => outcomes.get(relative(directory, file)) ?? [])
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

function listDirectory(directory: string): Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name))
  } catch {
    return undefined
  }
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

function convertFile(
  file: string,
  path: string,
  target: string,
  machine: Machine,
  { verify, modernize, force, isDry }: TreeOptions,
  out: string,
): Outcome {
  try {
    const migrated = convertOne({ path: file }, machine, { target, verify, modernize })
    if (!isDry) {
      makeFolders(out, dirname(target))
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
