// s6-rc source directories → Document: each definition becomes a table, in the order of their names, and what s6-overlay adds
// stands at the end. Scripts stay where they are and are named by their paths, or stand in the TOML if that is asked for.

import { dirname, join } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from '../../config/diagnostic.ts'
import type { Document, Entry, Table, Value } from '../../config/document.ts'
import type { Conversion, ConvertOptions } from '../format.ts'
import { OVERLAY_TOP } from './base-services.ts'
import { convertDefinition, escapeValue, type Surroundings } from './convert-definition.ts'
import type { Definition, Tree } from './definition.ts'
import { Ledger } from './ledger.ts'
import { lintDefinition } from './lint.ts'
import { loadTree } from './load.ts'
import { findMistakes } from './mistakes.ts'
import { bundleMembers, findPipelines } from './pipelines.ts'
import { namedScript } from './scripts.ts'
import { callsTools } from './tools.ts'
import { type TranslatedTree, translateTree } from './translate.ts'

/** Bundles that people start at boot without s6-overlay, by custom. */
const BOOT_BUNDLES = ['default', 'ok-all', 'all']
/** Where s6-overlay has it, and most others. */
const SCAN_DIRECTORY = '/run/service'
const NOTHING: TranslatedTree = { definitions: new Map(), diagnostics: [] }
const STAND_INS = 'What s6-overlay itself does between the services of the tree; nothing here.'

/** Reads a source directory with those below and beside it. Throws ConfigError with every error found. */
export function convertS6Rc(path: string, _machine: Machine, options: ConvertOptions = {}): Conversion {
  const { tree, diagnostics } = loadTree(path, options)
  const at = (file: string, name: string): string => (options.at === undefined ? file : join(options.at, name))
  const translated: TranslatedTree =
    options.translate === true ? translateTree(tree.definitions, at, options.inline === true) : NOTHING
  const found: readonly Diagnostic[] = [
    ...diagnostics,
    ...findMistakes(tree),
    ...tree.definitions.flatMap(lintDefinition),
    ...translated.diagnostics,
    ...(options.at === undefined ? otherPlaces(tree) : []),
  ]
  if (hasErrors(found)) throw new ConfigError(found)
  const ledger = new Ledger()
  const home = tree.definitions.some(callsTools) ? 'service_files' : 'directory'
  const around = surround(tree, ledger, options, undefined, translated.definitions, home)
  const tables = [...convertDaemon(tree, ledger, home === 'service_files'), ...convertTree(tree, around)]
  const document: Document = { file: join(tree.root, 'kahi.toml'), here: tree.root, tables }
  const { entries, lines, files } = ledger
  return { document, diagnostics: found, ledger: entries, lines, files, isFragment: false }
}

/** Oneshots name scripts of the tree by where it lies in its image, which may not be where it lies now. */
function otherPlaces({ definitions, root }: Tree): readonly Diagnostic[] {
  const named = definitions.flatMap(({ scripts }) =>
    [...scripts.values()].flatMap((words) => {
      const [first] = words
      return first !== undefined && namedScript(words, definitions) !== undefined ? [first] : []
    }),
  )
  const place = dirname(dirname(named[0]?.text ?? ''))
  if (named.length === 0 || place === root || root.endsWith('/etc/s6-overlay/s6-rc.d')) return []
  const message = `The oneshots name their scripts in ${place}, the programs where they lie now; --at ${place} names all of them there`
  return [{ severity: 'note', message }]
}

/** What is the same for all definitions of a tree. `moved` says where a path will lie, unless `at` does. */
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

/** The tables of a tree, those of s6-overlay itself at the end. */
export function convertTree(tree: Tree, around: Surroundings): readonly Table[] {
  const { definitions } = tree
  const own = definitions
    .filter(({ isStandIn }) => !isStandIn)
    .map((definition) => convertDefinition(definition, around))
  const added = definitions
    .filter(({ isStandIn }) => isStandIn)
    .map((definition) => convertDefinition(definition, around))
  const place: Place = { file: tree.root, line: 1, column: 1 }
  const noted = added.map((table, index) =>
    index === 0 ? { ...table, comments: [{ text: STAND_INS, place }] } : table,
  )
  return [...own, ...convertPipelines(definitions), ...noted]
}

/** What is started with the daemon, and where the tools of s6 find its services if scripts call them. */
function convertDaemon({ definitions, isOverlay, root }: Tree, ledger: Ledger, isScanned: boolean): readonly Table[] {
  const custom = BOOT_BUNDLES.find((name) => definitions.some((one) => one.name === name && one.type === 'bundle'))
  const boot = isOverlay ? OVERLAY_TOP : custom
  const bootNote = isOverlay ? 's6-overlay starts the bundle top' : 'the bundle that is started at boot by custom'
  const said: readonly (readonly [key: string, value: Value, note: string] | undefined)[] = [
    boot === undefined ? undefined : ['boot', [boot], bootNote],
    isScanned ? ['scan_directory', SCAN_DIRECTORY, 'scripts of services call tools of s6'] : undefined,
    isOverlay
      ? ['environment', { PATH: '/command:${PATH:-/usr/bin:/bin}' }, 's6-overlay keeps its programs in /command']
      : undefined,
  ]
  const rows = said.filter((row) => row !== undefined)
  const place: Place = { file: root, line: 1, column: 1 }
  for (const [key, , note] of rows)
    ledger.entries.push({ place, section: '', key, fate: 'defaulted', to: `supervisor.${key}`, note })
  const entries = rows.map(([key, value]): Entry => ({ key, value, place }))
  return rows.length === 0 ? [] : [{ kind: 'supervisor', name: '', place, entries }]
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
