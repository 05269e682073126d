// Loads a complete set of services: the first source laid over those of its base images, further sources beside it, and
// the placeholders for s6-overlay.

import { existsSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { isDirectory, isFile } from '../folders.ts'
import { OVERLAY_NAMES, placeholders, withPackage } from './base-services.ts'
import { checkTree } from './check-tree.ts'
import type { Definition, Tree } from './definition.ts'
import { Layers } from './layers.ts'
import { readTree } from './read-tree.ts'

/** Paths of trees below the root of an image. */
const WITHIN_IMAGE = ['etc/s6-overlay/s6-rc.d', 'etc/s6-rc/source', 'etc/s6-rc.d', 's6-rc.d']

/** What is loaded. */
export interface LoadOptions {
  /** Further sources, which share one set of names. */
  readonly sources?: readonly string[]
  /** The same tree in the images below, the lowest first. */
  readonly bases?: readonly string[]
  /** The source directory in the package of s6-overlay, to which an image may have added services. */
  readonly packaged?: string | undefined
  /** It belongs to s6-overlay, whatever it looks like. */
  readonly isOverlay?: boolean
}

/** The definitions with all findings. */
export interface LoadedTree {
  readonly tree: Tree
  readonly diagnostics: readonly Diagnostic[]
}

/** The source directory: the path itself, or the one in the file tree of an image. Undefined when there is none. */
export function findSource(path: string): string | undefined {
  if (!isDirectory(path)) return undefined
  if (isSource(path)) return path
  return WITHIN_IMAGE.map((inner) => join(path, inner)).find(isSource)
}

/** Loads all. */
export function loadTree(
  path: string,
  { sources = [], bases = [], packaged, isOverlay: isKnown = false }: LoadOptions = {},
): LoadedTree {
  const [first = path, ...others] = [path, ...sources].map((one) => findSource(one) ?? one)
  const layers = new Layers([...bases.map((base) => findSource(base) ?? base), first])
  const all = [layers, ...others.map((other) => new Layers([other]))]
  const missing = [first, ...others, ...bases].filter((one) => !isDirectory(one))
  const isOverlay = isKnown || isForOverlay(first, readTree(layers, false).definitions)
  const trees = all.map((one) => readTree(one, isOverlay))
  const read = trees.flatMap(({ definitions }) => definitions)
  const broken = trees.flatMap((one) => one.broken)
  const added = isOverlay ? placeholders(new Set([...read.map(({ name }) => name), ...broken]), layers.root) : []
  const own = [...read.filter(({ name }, index) => read.findIndex((one) => one.name === name) === index), ...added]
  const definitions = packaged === undefined ? own : withPackage(own, packagedIn(packaged))
  const diagnostics = [
    ...missing.map((one): Diagnostic => ({ severity: 'error', message: `There is no directory ${one}` })),
    ...trees.flatMap((one) => one.diagnostics),
    ...doubles(read),
    ...checkTree(definitions, broken),
  ]
  return { tree: { definitions, isOverlay, root: layers.root }, diagnostics }
}

/** The definitions in the package of s6-overlay. */
export function packagedIn(path: string): readonly Definition[] {
  return readTree(new Layers([path]), true).definitions
}

function isSource(path: string): boolean {
  if (!isDirectory(path)) return false
  const layers = new Layers([path])
  const inner = (layers.list('.') ?? []).filter((name) => layers.find(name)?.kind === 'directory')
  return inner.some(
    (name) =>
      isFile(join(path, name, 'type')) ||
      ['contents.d', 'dependencies.d'].some((folder) => isDirectory(join(path, name, folder))),
  )
}

/**
 * Detects a tree of s6-overlay: by its path, its scripts or its names (the bundle `user` filled by files, or services
 * that only s6-overlay has).
 */
function isForOverlay(source: string, definitions: readonly Definition[]): boolean {
  if (/(?:^|\/)s6-overlay\//.test(resolvePath(source))) return true
  if (['user', 'user2'].some((name) => existsSync(join(source, name, 'contents.d')))) return true
  const scripts = definitions.flatMap(({ texts }) => [...texts.values()].map(({ text }) => text))
  if (scripts.some((text) => /\/s6-overlay\/|\bwith-contenv\b/.test(text))) return true
  const named = definitions.flatMap(({ dependencies, contents }) =>
    [...dependencies, ...contents].map(({ name }) => name),
  )
  return OVERLAY_NAMES.some((name) => named.includes(name) && !definitions.some((one) => one.name === name))
}

/** Sources beside each other are not merged: a name may be defined only once. */
function doubles(definitions: readonly Definition[]): readonly Diagnostic[] {
  return definitions.flatMap(({ name, place }, index) => {
    const other = definitions.findIndex((one) => one.name === name)
    if (other === index) return []
    const hint = `the other one is ${definitions[other]?.directory}; --base lays trees over each other`
    return [{ severity: 'error', message: `${name} is defined twice`, place, hint }]
  })
}
