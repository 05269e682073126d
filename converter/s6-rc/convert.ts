// Converts source directories of s6-rc to a Document: each definition becomes a table, in the order of names; tables
// for s6-overlay are at the end. Scripts stay where they are and are named by their paths, or are written into the TOML
// on request.

import { dirname, join } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from '../../config/model/diagnostic.ts'
import type { Document, Entry, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import type { Conversion, ConvertOptions } from '../format.ts'
import { OVERLAY_TOP } from './base-services.ts'
import { convertDefinition, escapeValue, type Surroundings } from './convert-definition.ts'
import type { Definition, Tree } from './definition.ts'
import { Ledger } from './ledger.ts'
import { lintDefinition } from './lint.ts'
import { loadTree } from './load.ts'
import { findMistakes } from './mistakes.ts'
import { keepsEnvironment, PLACES, placesIn, readsNewlines, SET_AT_START } from './overlay-places.ts'
import { bundleMembers, findPipelines } from './pipelines.ts'
import { namedScript } from './scripts.ts'
import { callsTools } from './tools.ts'
import { type TranslatedTree, translateTree } from './translate.ts'

/** Bundles that are usually started at boot without s6-overlay. */
const BOOT_BUNDLES = ['default', 'ok-all', 'all']
/** The path in s6-overlay and in most other set-ups. */
const SCAN_DIRECTORY = '/run/service'
const NOTHING: TranslatedTree = { definitions: new Map(), diagnostics: [], isInherited: false, callsContenv: false }
/** PATH as the init of s6-overlay completes it. */
export const OVERLAY_PATH = '/command:${PATH:-/usr/bin:/bin}'
const PLACEHOLDERS =
  'Placeholders for the work of s6-overlay itself between the services of the tree; they do nothing here.'

/** Reads a source directory with those below and beside it. Throws ConfigError with all errors. */
export function convertS6Rc(path: string, { environment }: Machine, options: ConvertOptions = {}): Conversion {
  const { tree, diagnostics } = loadTree(path, options)
  const at = (file: string, name: string): string => (options.at === undefined ? file : join(options.at, name))
  const translated: TranslatedTree =
    options.translate === true ? translateTree(tree, at, options.inline === true) : NOTHING
  const found: readonly Diagnostic[] = [
    ...diagnostics,
    ...findMistakes(tree),
    ...tree.definitions.flatMap(lintDefinition),
    ...translated.diagnostics,
    ...(options.at === undefined ? otherPlaces(tree) : []),
  ]
  if (hasErrors(found)) throw new ConfigError(found)
  const ledger = new Ledger()
  const { isOverlay } = tree
  const home = isOverlay || tree.definitions.some(callsTools) ? 'service_files' : 'directory'
  const servicedirs = isOverlay ? PLACES[3].servicedirs : undefined
  const around = { ...surround(tree, ledger, options, undefined, translated.definitions, home), servicedirs }
  const said = isOverlay ? overlayRows(tree, translated, environment) : plainRows(tree, home === 'service_files')
  const tables = [...convertDaemon(tree, ledger, said), ...convertTree(tree, around)]
  const document: Document = { file: join(tree.root, 'kahi.toml'), here: tree.root, tables }
  const { entries, lines, files } = ledger
  const uncompared = [
    ...(options.translate === true ? ['the scripts that --translate rewrote'] : []),
    ...(isOverlay ? SET_AT_START : []),
  ]
  return { document, diagnostics: found, ledger: entries, lines, files, uncompared, isFragment: false }
}

/** Oneshots contain paths of scripts in their image, which may be another path than the current one. */
function otherPlaces({ definitions, root }: Tree): readonly Diagnostic[] {
  const named = definitions.flatMap(({ scripts }) =>
    [...scripts.values()].flatMap((words) => {
      const [first] = words
      return first !== undefined && namedScript(words, definitions) !== undefined ? [first] : []
    }),
  )
  const place = dirname(dirname(named[0]?.text ?? ''))
  if (named.length === 0 || place === root || root.endsWith('/etc/s6-overlay/s6-rc.d')) return []
  const message = `The oneshots name their scripts in ${place}, the programs by their current paths; --at ${place} names all of them there`
  return [{ severity: 'note', message }]
}

/** What all definitions of a tree have in common. `moved` gives the later path of a file, unless `at` does. */
export function surround(
  { definitions, isOverlay }: Tree,
  ledger: Ledger,
  { inline = false, at }: ConvertOptions,
  moved: (path: string) => string = (path) => path,
  translated: Surroundings['translated'] = NOTHING.definitions,
  home: Surroundings['home'] = 'service_files',
): Surroundings {
  const members = bundleMembers(definitions)
  const essential = definitions
    .filter(({ type, nodes }) => type === 'bundle' && nodes.has('flag-essential'))
    .flatMap(({ name }) => members.get(name) ?? [])
  return {
    ledger,
    definitions,
    essential: new Set(essential),
    isInline: inline,
    isOverlay,
    home,
    translated,
    at: (path, name) => (at === undefined ? moved(path) : join(at, name)),
  }
}

/** The tables of a tree; those of s6-overlay itself are at the end. */
export function convertTree(tree: Tree, around: Surroundings): readonly Table[] {
  const { definitions } = tree
  const own = definitions
    .filter(({ isPlaceholder }) => !isPlaceholder)
    .map((definition) => convertDefinition(definition, around))
  const added = definitions
    .filter(({ isPlaceholder }) => isPlaceholder)
    .map((definition) => convertDefinition(definition, around))
  const place: Place = { file: tree.root, line: 1, column: 1 }
  const noted = added.map((table, index) =>
    index === 0 ? { ...table, comments: [{ text: PLACEHOLDERS, place }] } : table,
  )
  return [...own, ...convertPipelines(definitions), ...noted]
}

/** A key of [supervisor], with the reason for it. */
type Row = readonly [key: string, value: Value, note: string]

/** Lines are not changed, as with s6. */
const OUTPUT: Row = ['output_format', 'raw', 's6 writes lines as they are']

/** What is usually started, and where the tools of s6 find its services, if scripts call them. */
function plainRows({ definitions }: Tree, isScanned: boolean): readonly Row[] {
  const boot = BOOT_BUNDLES.find((name) => definitions.some((one) => one.name === name && one.type === 'bundle'))
  const rows: readonly (Row | undefined)[] = [
    OUTPUT,
    boot === undefined ? undefined : ['boot', [boot], 'the bundle that is usually started at boot'],
    isScanned ? ['scan_directory', SCAN_DIRECTORY, 'scripts of services call tools of s6'] : undefined,
  ]
  return rows.filter((row) => row !== undefined)
}

/**
 * What s6-overlay starts, and the paths that its scripts know. When with-contenv was translated away (`isInherited`),
 * programs have all variables, and a with-contenv that another script calls must not change them.
 */
function overlayRows(
  { root }: Tree,
  { isInherited, callsContenv }: TranslatedTree,
  environment: Machine['environment'],
): readonly Row[] {
  const isKept = isInherited || keepsEnvironment(environment)
  const places = Object.entries(placesIn(PLACES[3], isKept))
  const kept = isInherited && callsContenv ? { S6_KEEP_ENV: '1' } : {}
  return [
    ['boot', [OVERLAY_TOP], 's6-overlay starts the bundle top'],
    ...places.map(([key, value]): Row => [key, value, 's6-overlay keeps it there']),
    OUTPUT,
    ...(isKept || readsNewlines(root)
      ? []
      : ([['environment_newline', false, 'as this s6-overlay reads them']] as const)),
    ['environment', { PATH: OVERLAY_PATH, ...kept }, 's6-overlay keeps its programs in /command'],
  ]
}

function convertDaemon({ root }: Tree, ledger: Ledger, rows: readonly Row[]): readonly Table[] {
  const place: Place = { file: root, line: 1, column: 1 }
  for (const [key, , note] of rows)
    ledger.entries.push({ place, section: '', key, fate: 'defaulted', to: `supervisor.${key}`, note })
  const entries = rows.map(([key, value]): Entry => ({ key, value, place }))
  return [{ kind: 'supervisor', name: '', place, entries }]
}

/** The bundles that pipeline-name makes. */
function convertPipelines(definitions: readonly Definition[]): readonly Table[] {
  return findPipelines(definitions).map(({ name: { name, place }, contents }) => ({
    kind: 'bundles',
    name,
    place,
    entries: [{ key: 'contents', value: escapeValue(contents), place }],
  }))
}
