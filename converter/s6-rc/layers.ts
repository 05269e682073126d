// Directories laid over each other, like the layers of an image: a file of an upper layer hides that of a lower one;
// directories are merged. Names are relative to the layers' roots.

import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { compareText } from '../../config/model/compare.ts'

/** A file in the uppermost layer that has it; links are followed. */
export interface Node {
  /** Its absolute path. */
  readonly path: string
  /** `broken` is a link to a missing file. */
  readonly kind: 'file' | 'directory' | 'other' | 'broken'
  /** Permission bits. */
  readonly mode: number
}

/** Several directories seen as one. */
export class Layers {
  readonly #roots: readonly string[]

  /** Layers from the lowest to the uppermost. */
  constructor(roots: readonly string[]) {
    this.#roots = roots.map((root) => resolvePath(root)).reverse()
  }

  /** The uppermost directory. */
  get root(): string {
    return this.#roots[0] ?? '/'
  }

  /** The file of that name; undefined when there is none. */
  find(name: string): Node | undefined {
    return this.#all(name)[0]
  }

  /** The names in a directory, in byte order; undefined when it is no directory. */
  list(name: string): readonly string[] | undefined {
    const nodes = this.#all(name)
    const firstOther = nodes.findIndex(({ kind }) => kind !== 'directory')
    const folders = firstOther < 0 ? nodes : nodes.slice(0, firstOther)
    if (folders.length === 0) return undefined
    return [...new Set(folders.flatMap(({ path }) => readdirSync(path)))].sort(compareText)
  }

  #all(name: string): readonly Node[] {
    return this.#roots.flatMap((root) => describe(join(root, name)) ?? [])
  }
}

function describe(path: string): Node | undefined {
  const found = look(statSync, path)
  if (found !== undefined) {
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
    return { path, kind, mode: found.mode & 0o7777 }
  }
  const isThere = look(lstatSync, path) !== undefined
  return isThere ? { path, kind: 'broken', mode: 0 } : undefined
}

/** Also undefined when a lower layer has a file where an upper one has a directory. */
function look(stat: (path: string) => Stats, path: string): Stats | undefined {
  try {
    return stat(path)
  } catch {
    return undefined
  }
}
