// Source directories of s6-rc as a format.

import { basename, join, relative, resolve as resolvePath } from 'node:path'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { isDirectory } from '../folders.ts'
import type { Asked, ConvertOptions, Format, FormatOption, Given, Source } from '../format.ts'
import { convertS6Rc } from './convert.ts'
import { witnessS6Rc } from './expected.ts'
import { findSource } from './load.ts'
import { imageAround } from './overlay-places.ts'

/** Options of trees, and of images that contain one. */
export const TREE_OPTIONS: Readonly<Record<string, FormatOption>> = {
  base: {
    type: 'string',
    many: true,
    summary: 'The s6-rc trees of the images below, the lowest first: PATH is laid over them, file by file',
  },
  inline: { type: 'boolean', summary: 'Write the scripts of an s6-rc tree into the TOML instead of naming them' },
  translate: {
    type: 'boolean',
    summary:
      'Translate scripts of execline into keys and scripts of sh where the result is the same; what stays, and why, is reported',
  },
  at: { type: 'string', summary: 'The path of PATH when it is run, if it will not be the current one' },
}

/** Source directories of s6-rc. */
export const s6RcFormat: Format = {
  name: 's6-rc',
  title: 'a source directory of s6-rc',
  endings: [],
  holds: 'NAME/type, the name s6-rc.d',
  options: TREE_OPTIONS,
  takesSources: true,
  detect,
  meets: (path, isFolder) => isFolder && findSource(path) === path,
}

/** TREE_OPTIONS as options of converters. */
export function treeOptions({ base, inline, translate, at }: Given): ConvertOptions {
  return {
    bases: Array.isArray(base) ? base.map(String) : typeof base === 'string' ? [base] : [],
    inline: inline === true,
    translate: translate === true,
    at: typeof at === 'string' ? at : undefined,
  }
}

function detect(path: string, { format, sources = [], options: given = {} }: Asked): Source | undefined {
  const asked = { ...treeOptions(given), sources }
  const source = findSource(path) ?? (isMeant(path, format, asked) ? path : undefined)
  if (source === undefined) return undefined
  const options = { ...asked, at: placeOfTree(path, source, asked.at) }
  return {
    format: s6RcFormat.name,
    path: source,
    note: noteOn(path, source, options.at),
    convert: (machine, reading) => convertS6Rc(source, machine, { ...options, ...reading }),
    witness: (machine) => witnessS6Rc(source, machine, options),
  }
}

/** The later path of the tree that was found in PATH; --at may be the path of the tree itself. */
function placeOfTree(path: string, source: string, at: string | undefined): string | undefined {
  if (at === undefined) return undefined
  const [folder, tree] = [resolvePath(path), resolvePath(source)]
  const image = imageAround(tree)
  if (folder === tree) return at === '/' && image !== undefined ? join(at, relative(image, tree)) : at
  const inner = relative(folder, tree)
  return basename(at) === basename(tree) ? at : join(at, inner)
}

/**
 * A directory without definitions of its own is a tree if the user says so, if it is laid over others, or if it has the
 * usual name.
 */
function isMeant(path: string, format: string | undefined, { bases = [] }: ConvertOptions): boolean {
  if (!isDirectory(path)) return false
  return format !== undefined || bases.length > 0 || basename(resolvePath(path)) === 's6-rc.d'
}

/** In a copy of the file tree of an image, the scripts will have other paths. */
function noteOn(path: string, source: string, at: string | undefined): Diagnostic | undefined {
  if (source !== path) return { severity: 'note', message: `Converting ${source}, the s6-rc tree in ${path}` }
  const inside = /^(.+)(\/etc\/s6-overlay\/s6-rc\.d)\/*$/.exec(resolvePath(path))?.[2]
  if (inside === undefined || at !== undefined) return undefined
  const message = `The scripts are named by their current paths; --at ${inside} names them by their paths in the image`
  return { severity: 'note', message }
}
