// The watches of a daemon: one for each unit with the key `watch`. Units report their states on the event bus, so
// neither they nor the supervisor know of watches. Only a daemon with such a unit loads this file.

import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Watch } from '../../config/model/watch.ts'
import { unitId } from '../../config/model/names.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { Unit } from '../service/unit.ts'
import type { Clock } from '../system/clock.ts'
import { Directories } from './directories.ts'
import { Reaction, type ReactionParts } from './reaction.ts'
import { UnitWatch } from './unit-watch.ts'

/** What watches need of the daemon. */
export interface WatchesParts extends ReactionParts {
  readonly clock: Clock
  find(id: string): Unit | undefined
  units(): readonly Unit[]
}

interface Watched {
  readonly unit: Unit
  /** The key that it was made of. */
  readonly watch: Watch
  readonly files: UnitWatch
  readonly reaction: Reaction
}

/** All watches of a daemon. */
export class Watches {
  readonly #parts: WatchesParts
  readonly #directories: Directories
  readonly #watched = new Map<string, Watched>()
  readonly #refused = new Set<string>()
  readonly #stopHearing: () => void

  constructor(parts: WatchesParts) {
    this.#parts = parts
    this.#directories = new Directories((directory, code) => this.#cannotWatch(directory, code))
    this.#stopHearing = parts.bus.on((event) => this.#hear(event))
  }

  /** Another configuration is in force: units may have come, gone, or been replaced. */
  follow(): void {
    for (const [id, { unit, watch }] of this.#watched)
      if (this.#parts.find(id) !== unit || !isDeepStrictEqual(unit.settings.watch, watch)) this.#drop(id)
    for (const unit of this.#parts.units())
      if (unit.settings.watch !== undefined && !this.#watched.has(unit.id) && isUpAgain(unit))
        this.#of(unit)?.files.resume(unit.info().startedAtMs)
  }

  /** Ends all watches. */
  close(): void {
    this.#stopHearing()
    for (const id of [...this.#watched.keys()]) this.#drop(id)
    this.#directories.close()
  }

  #hear(event: RuntimeEvent): void {
    if (event.type === 'readiness' && event.ready) this.#watched.get(unitId(event.group, event.name))?.reaction.ready()
    if (event.type === 'supervisor-state' && event.state === 'stopping') this.close()
    if (event.type !== 'process-state') return
    const unit = this.#parts.find(unitId(event.group, event.name))
    if (unit?.settings.watch === undefined) return
    const watched = this.#of(unit)
    if (event.to === 'starting') {
      watched?.files.begin()
      watched?.reaction.begin()
    } else if (event.to === 'stopped' || (event.to === 'exited' && !isUpAgain(unit))) watched?.files.rest()
  }

  /** The watch of a unit, which is made when it is needed first. */
  #of(unit: Unit): Watched | undefined {
    const known = this.#watched.get(unit.id)
    if (known?.unit === unit) return known
    this.#drop(unit.id)
    const { watch, directory = process.cwd() } = unit.settings
    if (watch === undefined) return undefined
    const watched = this.#make(unit, watch, directory)
    this.#watched.set(unit.id, watched)
    return watched
  }

  #make(unit: Unit, watch: Watch, directory: string): Watched {
    const { clock, log } = this.#parts
    const { group, name: process } = unit
    const reaction = new Reaction(unit, watch.action, this.#parts)
    const files = new UnitWatch({
      watch,
      paths: watch.paths.map((path) => resolve(directory, path)),
      clock,
      directories: this.#directories,
      changed: (changes) => reaction.to(changes),
      warn: (message) => log.log('warn', `${process}: watch: ${message}`, { group, process }),
    })
    return { unit, watch, files, reaction }
  }

  #drop(id: string): void {
    this.#watched.get(id)?.files.rest()
    this.#watched.delete(id)
  }

  /**
   * Logged once for each reason: the looks without events find changes all the same. A directory that has just gone is
   * no failure.
   */
  #cannotWatch(directory: string, code: string): void {
    if (code === 'ENOENT' || code === 'ENOTDIR' || this.#refused.has(code)) return
    this.#refused.add(code)
    const limits = code === 'ENOSPC' || code === 'EMFILE' ? '; fs.inotify.max_user_watches and _instances limit it' : ''
    this.#parts.log.log('warn', `no events for ${directory} (${code}${limits}): changes are found by looking (poll)`)
  }
}

/** A oneshot that is up, or a program that waits for its next start. */
function isUpAgain(unit: Unit): boolean {
  return unit.isUp || unit.info().comesBack === true
}
