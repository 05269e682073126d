// Images of s6-overlay as a format: the root of an image's files, its etc, or one of the old directories in it.

import { basename, dirname, join, relative, resolve as resolvePath } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { isDirectory } from '../folders.ts'
import type { Asked, ConvertOptions, Format, Given, Source } from '../format.ts'
import { TREE_OPTIONS, treeOptions } from '../s6-rc/format.ts'
import { convertS6Overlay } from './convert.ts'
import { witnessS6Overlay } from './expected.ts'
import { isImage, LEGACY_FOLDERS, openImage } from './image.ts'

/** Images of s6-overlay. */
export const s6OverlayFormat: Format = {
  name: 's6-overlay',
  title: 'an image of s6-overlay',
  endings: [],
  holds: `${LEGACY_FOLDERS.join(', ')}, s6-overlay, each also below etc`,
  options: {
    ...TREE_OPTIONS,
    command: {
      type: 'string',
      summary:
        'The command of the container, which runs beside the services, as a JSON list: \'["nginx", "-g", "daemon off;"]\'',
    },
  },
  takesSources: true,
  detect,
  meets: (path, isFolder) => isFolder && isImage(path),
}

function detect(path: string, { format, options: given = {}, sources = [] }: Asked): Source | undefined {
  const root = findRoot(path, format !== undefined)
  if (root === undefined) return undefined
  const asked = treeOptions(given)
  if (format === undefined && asked.translate === true && isTreeOnly(root)) return undefined
  const options = { ...asked, at: placeOfImage(root, asked.at), sources, laterCommand: readCommand(given.command) }
  return {
    format: s6OverlayFormat.name,
    path: root,
    note: noteOn(path, root, options),
    convert: (machine, reading) => convertS6Overlay(root, machine, { ...options, ...reading }),
    witness: (machine) => witnessS6Overlay(root, machine, options),
  }
}

function findRoot(path: string, isNamed: boolean): string | undefined {
  const etc = dirname(resolvePath(path))
  if (isImage(path)) return path
  if (LEGACY_FOLDERS.some((name) => name === basename(resolvePath(path))) && isImage(etc)) return etc
  return isNamed && isDirectory(path) ? path : undefined
}

/** Whether only the tree is converted: it is, when its scripts are to be translated. */
function isTreeOnly(root: string): boolean {
  const { etc, sources } = openImage(root)
  return sources.length > 0 && !LEGACY_FOLDERS.some((name) => isDirectory(join(etc, name)))
}

/** The later path of the image; --at may be the path of the tree in it. */
function placeOfImage(root: string, at: string | undefined): string | undefined {
  const [tree] = openImage(root).sources
  const inner = tree === undefined ? '' : `/${relative(resolvePath(root), tree)}`
  if (at === undefined || inner === '' || !join(at, '.').endsWith(inner)) return at
  return join(at, '.').slice(0, -inner.length) || '/'
}

function noteOn(
  path: string,
  root: string,
  { at, inline }: Pick<ConvertOptions, 'at' | 'inline'>,
): Diagnostic | undefined {
  const { etc } = openImage(root)
  const files = LEGACY_FOLDERS.filter((name) => name !== 'fix-attrs.d' && isDirectory(join(etc, name)))
  const place = isDirectory(join(root, 'etc')) ? '/' : '/etc'
  const said = [
    root === path ? '' : `Converting ${root}, to which ${basename(path)} belongs.`,
    at !== undefined || resolvePath(root) === place
      ? ''
      : `The scripts are named by their current paths; --at ${place} names them by their paths in the image`,
    inline === true && files.length > 0
      ? `--inline writes the scripts of s6-rc.d into the TOML; those of ${files.join(', ')} remain files.`
      : '',
  ].filter((sentence) => sentence !== '')
  return said.length === 0 ? undefined : { severity: 'note', message: said.join(' ') }
}

/** The words of --command. Throws ConfigError. */
function readCommand(given: Given[string]): readonly string[] | undefined {
  if (typeof given !== 'string') return undefined
  try {
    const words: unknown = JSON.parse(given)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words
  } catch {
    // reported below
  }
  const hint = 'write a JSON list of words, such as \'["nginx", "-g", "daemon off;"]\''
  throw new ConfigError([{ severity: 'error', message: `Cannot read --command ${given}`, hint }])
}
