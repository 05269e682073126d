// The files of an image that its daemon reads, and that come from the build context: they can be converted where they are.

import { posix } from 'node:path'
import { fitsName } from '../../config/values/glob.ts'
import { isImage } from '../s6-overlay/image.ts'
import type { Facts } from './facts.ts'
import type { Known } from './files.ts'

/** A configuration of the build context. */
export interface Input {
  /** Its path in the image. */
  readonly path: string
  /** The file or directory in the build context; undefined for a heredoc. */
  readonly source: string | undefined
  /** The text of a file, without its section [include]: files that it includes are inputs of their own. */
  readonly text: string | undefined
  readonly format: 'supervisord' | 's6-overlay' | 's6-rc' | 's6'
}

/** Source directories of s6-overlay, from the whole image to a part of it. */
const ROOTS = ['/', '/etc'] as const
const TREE = '/etc/s6-overlay/s6-rc.d'

/** What the daemon reads, as far as it comes from the build context. */
export function inputsOf({ daemon, conf, files, start }: Facts): readonly Input[] {
  if (daemon === 'supervisord')
    return conf?.known === undefined
      ? included(files, '/etc/supervisor/conf.d/*.conf')
      : supervisordInputs(conf.known, files)
  if (daemon === 's6') {
    const path = start.entry?.argv.slice(1).find((word) => !word.startsWith('-')) ?? ''
    const source = files.find(path)?.source
    return source === undefined ? [] : [{ path, source, text: undefined, format: 's6' }]
  }
  const root = ROOTS.map((path) => files.find(path)).find(
    (known) => known?.source !== undefined && isImage(known.source),
  )
  if (root !== undefined) return [{ path: root.path, source: root.source, text: undefined, format: 's6-overlay' }]
  const tree = files.find(TREE)
  return tree?.source === undefined ? [] : [{ path: TREE, source: tree.source, text: undefined, format: 's6-rc' }]
}

function supervisordInputs(main: Known, files: Facts['files']): readonly Input[] {
  const { text, path, source } = main
  if (text === undefined) return [] // a command of RUN makes it
  const section = /^\[include\][^\n]*\n((?:(?!\[).*\n?)*)/m.exec(text)
  const patterns =
    /^files\s*[=:](.*(?:\n[ \t]+\S.*)*)/m
      .exec(section?.[1] ?? '')?.[1]
      ?.trim()
      .split(/\s+/) ?? []
  const rest = section === null ? text : text.replace(section[0], section[0].replaceAll(/^.*$/gm, ''))
  const others = patterns.flatMap((pattern) =>
    included(files, posix.resolve(posix.dirname(path), pattern.replace('%(here)s', posix.dirname(path)))),
  )
  return [{ path, source, text: rest, format: 'supervisord' }, ...others]
}

/** Files of a directory whose names fit the last part of a pattern. */
function included(files: Facts['files'], pattern: string): readonly Input[] {
  const name = posix.basename(pattern)
  const found = files
    .list(posix.dirname(pattern))
    .filter(({ path, text }) => text !== undefined && fitsName(name, posix.basename(path)))
  return found.map(({ path, source, text }) => ({ path, source, text, format: 'supervisord' }))
}
