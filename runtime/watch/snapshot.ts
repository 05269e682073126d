// What a list of paths leads to at one moment: files, all files below directories, and all that patterns match.

import { join } from 'node:path'
import { glob } from '../../config/values/glob.ts'
import { namesInDirectory } from '../../config/values/names-in.ts'
import { ValueError } from '../../config/values/values.ts'
import { type Content, type Contents, isSame } from './contents.ts'
import { type Destination, interestedIn, type Interests, type Trail, walkPath } from './walk-path.ts'

/** A watched file. */
export interface Entry {
  /** The path without links. */
  readonly target: string
  readonly content: Content
  /** When it, or a link on the way to it, was changed last; wall-clock time in milliseconds. */
  readonly changedMs: number
}

/** All watched files at one moment. */
export interface Snapshot {
  /** By the path that was asked for. A path without a file is not in it. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly interests: Interests
  /** There are more files than are watched. */
  readonly isCut: boolean
}

/** One difference. */
export interface Change {
  readonly path: string
  readonly what: 'created' | 'removed' | 'content' | 'target'
  /** Where the path leads now; empty when it is gone. */
  readonly target: string
}

/** So many files of one program are watched at most. */
export const MOST_FILES = 10_000
/** So many names are looked at, with all names on the way through links. */
const MOST_STEPS = 50_000

const WILDCARD = /[*?[]/

/** Looks at all files that the absolute `paths` stand for. */
export function takeSnapshot(paths: readonly string[], contents: Contents): Snapshot {
  const taker = new Taker(contents)
  for (const path of paths) taker.add(path)
  contents.keep(taker.read)
  return taker
}

/** The differences between two snapshots, in the order of paths. */
export function compareSnapshots(before: Snapshot, now: Snapshot): readonly Change[] {
  const paths = [...new Set([...before.entries.keys(), ...now.entries.keys()])].sort()
  return paths.flatMap((path): readonly Change[] => {
    const [old, next] = [before.entries.get(path), now.entries.get(path)]
    if (next === undefined) return [{ path, what: 'removed', target: '' }]
    const { target } = next
    if (old === undefined) return [{ path, what: 'created', target }]
    if (!isSame(old.content, next.content)) return [{ path, what: 'content', target }]
    return old.target === target ? [] : [{ path, what: 'target', target }]
  })
}

/** The snapshot `now`, in which files that are gone since `before` are still what they were. */
export function withRemoved(before: Snapshot, now: Snapshot): Snapshot {
  const { interests, isCut } = now
  return { entries: new Map([...before.entries, ...now.entries]), interests, isCut }
}

/** The files that were changed after that wall-clock time. */
export function changedSince({ entries }: Snapshot, atMs: number): readonly Change[] {
  return [...entries].flatMap(([path, { target, changedMs }]) =>
    changedMs > atMs ? [{ path, what: 'content', target }] : [],
  )
}

class Taker implements Snapshot {
  readonly entries = new Map<string, Entry>()
  readonly interests: Interests = new Map()
  readonly read = new Set<string>()
  readonly #trail: Trail = { interests: this.interests, stepsLeft: MOST_STEPS }
  #isCut = false
  readonly #contents: Contents
  readonly #listed = new Set<string>()

  constructor(contents: Contents) {
    this.#contents = contents
  }

  get isCut(): boolean {
    return this.#isCut || this.#trail.stepsLeft < 0
  }

  /** Adds a path or a pattern. */
  add(path: string): void {
    if (!WILDCARD.test(path)) {
      this.#addPath(path)
      return
    }
    const parts = path.split('/')
    for (const [index, part] of parts.entries()) {
      if (!WILDCARD.test(part)) continue
      const base = parts.slice(0, index).join('/') || '/'
      if (!WILDCARD.test(base)) walkPath(base, this.#trail)
      for (const directory of this.#find(base)) this.#listen(directory)
    }
    for (const found of this.#find(path)) this.#addPath(found)
  }

  /** Nothing for a pattern that would read too many directories. */
  #find(pattern: string): readonly string[] {
    try {
      return glob(pattern, MOST_STEPS)
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      this.#isCut = true
      return []
    }
  }

  #addPath(path: string): void {
    if (this.isCut) return
    const found = walkPath(path, this.#trail)
    if (found !== undefined) this.#addFound(path, found)
  }

  #addFound(path: string, { path: target, stats, changedMs }: Destination): void {
    if (this.entries.size >= MOST_FILES) {
      this.#isCut = true
      return
    }
    this.read.add(target)
    this.entries.set(path, { target, content: this.#contents.of(target, stats), changedMs })
    if (stats.isDirectory()) this.#addAll(path, target)
  }

  /**
   * Adds all below a directory. Names that begin with two dots are Kubernetes' own (`..data`, `..2026_11_29`), and no
   * ConfigMap or Secret can have such a key.
   */
  #addAll(path: string, target: string): void {
    if (this.#listed.has(target)) return
    this.#listed.add(target)
    interestedIn(this.interests, target, '')
    for (const name of namesInDirectory(target, MOST_FILES + 1).sort()) {
      if (this.isCut) return
      const found = name.startsWith('..') ? undefined : walkPath(name, this.#trail, target)
      if (found !== undefined) this.#addFound(join(path, name), found)
    }
  }

  #listen(directory: string): void {
    const path = walkPath(directory, this.#trail)?.path
    if (path !== undefined) interestedIn(this.interests, path, '')
  }
}
