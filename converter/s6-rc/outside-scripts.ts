// Scripts that a tree runs and that lie outside of it, as those in etc/s6-overlay/scripts, with the scripts that these run in
// turn: they may need tools that nothing inside the tree needs.

import { append } from '../../config/model/append.ts'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isFile } from '../folders.ts'
import type { Definition } from './definition.ts'
import { imageAround } from './overlay-places.ts'
import { isTool, toolsIn } from './tools.ts'

/** Nothing that an image holds lies there. */
const PATH = /(?<![\w./$}-])\/(?!command\/|dev\/|proc\/|run\/|var\/|tmp\/)[\w.-]+(?:\/[\w.-]+)+/g
/** Where a command without a slash is looked for. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** What an image itself adds lies elsewhere. */
const OF_SYSTEM = /^\/(?:usr\/)?s?bin\//
/** By their names these are scripts. */
const LIKELY_SCRIPT = /\/scripts?\/|\.sh$|^\/usr\/local\/s?bin\//
const LARGEST_SCRIPT = 1024 ** 2
/** So many files are read: more is no set of scripts. */
const MOST_SCRIPTS = 1000

/** What is known about scripts outside. */
export interface OutsideScripts {
  /** `/etc/s6-overlay/scripts/web (with-contenv)` for each script that needs tools. */
  readonly needs: readonly string[]
  /** Paths that do not exist here, so their scripts are unknown. */
  readonly unseen: readonly string[]
  /** A script that uses the files of the container's variables. */
  readonly writer: string | undefined
}

interface Script {
  readonly path: string
  /** Undefined where there is no file; empty where it is no script. */
  readonly text: string | undefined
}

/** Looks at what the scripts of a tree run, in the file tree of the image that holds it. */
export function lookOutside(definitions: readonly Definition[], root: string): OutsideScripts {
  const image = imageAround(root)
  const isInside = (path: string): boolean => path.startsWith('/etc/s6-overlay/s6-rc.d/') || path.startsWith(`${root}/`)
  const own = definitions.filter(({ isPlaceholder }) => !isPlaceholder).flatMap((one) => [...one.texts.values()])
  const queue = own.flatMap(({ text }) => scriptsIn(text, image))
  const found = new Map<string, Script>()
  while (queue.length > 0 && found.size < MOST_SCRIPTS) {
    const script = queue.shift()
    if (script === undefined || isInside(script.path) || found.has(script.path)) continue
    found.set(script.path, script)
    append(queue, scriptsIn(script.text ?? '', image))
  }
  const scripts = [...found.values()]
  const commands = definitions.flatMap((one) => [...one.scripts.values()].map(([word]) => word?.text))
  return {
    needs: scripts.flatMap(({ path, text = '' }) => {
      const tools = toolsOf(text)
      return tools.length === 0 ? [] : [`${path} (${tools.join(', ')})`]
    }),
    writer: scripts.find(({ text = '' }) => /container_environment/.test(text))?.path,
    unseen: scripts.flatMap(({ path, text }) =>
      text === undefined && !OF_SYSTEM.test(path) && (LIKELY_SCRIPT.test(path) || commands.includes(path))
        ? [path]
        : [],
    ),
  }
}

/** What a script names: by path, whether a shell reads it or it runs by itself, or as a command of the image. */
function scriptsIn(script: string, image: string | undefined): readonly Script[] {
  const text = script.replaceAll(/^\s*#(?!!).*$/gm, '')
  const isRead = (path: string): boolean =>
    new RegExp(`(?:^|[\\s;&|({])(?:\\.|source)\\s+["']?${escaped(path)}`).test(text)
  const paths = [...new Set([...text.matchAll(PATH)].map(([path]) => path))]
  const byPath = paths
    .filter((path) => !isTool(path))
    .map((path) => ({ path, text: image === undefined ? undefined : textAt(join(image, path), isRead(path)) }))
  if (image === undefined) return byPath
  const words = new Set(text.split(/[\s;&|()`"'<>{}=$#!]+/).filter((word) => /^[a-z][\w.+-]*$/i.test(word)))
  const byName = [...words].filter((word) => !isTool(word)).flatMap((word) => commandAt(word, image) ?? [])
  return [...byPath, ...byName]
}

/** The first of that name in PATH, where it is a script. */
function commandAt(name: string, image: string): Script | undefined {
  const path = FOLDERS.map((folder) => join(folder, name)).find((one) => isFile(join(image, one)))
  const text = path === undefined ? undefined : textAt(join(image, path), false)
  return path === undefined || text === undefined || text === '' ? undefined : { path, text }
}

function textAt(file: string, isRead: boolean): string | undefined {
  if (!isFile(file)) return undefined
  const text = statSync(file).size > LARGEST_SCRIPT ? '' : readFileSync(file, 'latin1')
  return isRead || text.startsWith('#!') ? text : ''
}

function toolsOf(text: string): readonly string[] {
  return [...new Set(toolsIn(text).map(({ tool }) => tool))]
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
