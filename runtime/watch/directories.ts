// Watches directories for several readers at once; each directory has one watch of the kernel.

import { type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'
import { errnoCode } from '../system/files.ts'
import type { Interests } from './walk-path.ts'

/** Called when something may have happened to a name that the reader is interested in. */
export type Reader = () => void

/**
 * A watch ends after so many events, and its readers look: who writes there without a pause would keep the daemon process
 * busy. The look begins the watch again.
 */
const MOST_EVENTS = 1000

interface Watched {
  readonly watcher: FSWatcher
  eventsLeft: number
  readonly readers: Map<Reader, ReadonlySet<string>>
}

/** All watched directories of a daemon. */
export class Directories {
  readonly #watched = new Map<string, Watched>()
  readonly #failed: (directory: string, code: string) => void

  /** `failed` is called when the kernel refuses a watch. */
  constructor(failed: (directory: string, code: string) => void) {
    this.#failed = failed
  }

  /** From now on the reader gets the changes in exactly these directories. True when one of them is new to it. */
  follow(reader: Reader, interests: Interests): boolean {
    let isNew = false
    for (const [directory, { readers }] of this.#watched)
      if (!interests.has(directory) && readers.delete(reader) && readers.size === 0) this.#end(directory)
    for (const [directory, names] of interests) {
      const readers = this.#watched.get(directory)?.readers ?? this.#begin(directory)
      if (readers === undefined) continue
      isNew ||= !readers.has(reader)
      readers.set(reader, names)
    }
    return isNew
  }

  /** Ends all watches. */
  close(): void {
    for (const directory of [...this.#watched.keys()]) this.#end(directory)
  }

  #begin(directory: string): Watched['readers'] | undefined {
    const readers: Watched['readers'] = new Map()
    try {
      const watcher = watch(directory, { persistent: false }, (_type, name) => this.#tell(directory, name))
      watcher.on('error', (error) => {
        this.#failed(directory, errnoCode(error))
        this.#end(directory)
      })
      this.#watched.set(directory, { watcher, readers, eventsLeft: MOST_EVENTS })
      return readers
    } catch (error) {
      this.#failed(directory, errnoCode(error))
      return undefined
    }
  }

  /** The name of the directory itself means that it was moved or removed: the watch follows the old one, so it ends. */
  #tell(directory: string, name: string | null): void {
    const watched = this.#watched.get(directory)
    if (watched === undefined) return
    watched.eventsLeft -= 1
    const isLast = name === null || name === basename(directory) || watched.eventsLeft === 0
    if (isLast) this.#end(directory)
    for (const [reader, names] of watched.readers) if (isLast || names.has('') || names.has(name)) reader()
  }

  #end(directory: string): void {
    this.#watched.get(directory)?.watcher.close()
    this.#watched.delete(directory)
  }
}
