// The scan directory: one service directory for each program, and `.s6-svscan`, which s6-svscanctl writes to. Source:
// s6 2.15, s6-svscan; section 3.1 of its behaviour as verified by experiment.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { namespec, splitUnitId } from '../../../config/model/names.ts'
import type { Group } from '../../../config/settings/config.ts'
import type { SupervisorSettings } from '../../../config/settings/supervisor.ts'
import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { OWN_PREFIX } from '../../../config/model/names.ts'
import { errnoCode } from '../../system/files.ts'
import { makeDirectoryGuarded } from '../../system/guarded.ts'
import { makeDirectoriesGuarded } from '../../system/guarded-trees.ts'
import { StartError } from '../operations/errors.ts'
import { takeAway } from '../operations/programs.ts'
import type { Controlled } from '../operations/supervised.ts'
import { openControl } from './control-fifo.ts'
import { COMMANDS, type Scanned } from './scan-commands.ts'
import { isOfUser, linkTo, removeFiles, unlinkFrom, writeFiles } from './service-files.ts'
import { SuperviseDir } from './supervise-dir.ts'
import type { Clock, EventSource, FifoMaker, Logger, ShownUnits, Timer, Unit } from '../operations/supervised.ts'

/** When a tool has ended the supervision of a service, it begins again after this time. Source: s6 2.15, s6-svscan. */
const AGAIN_MS = 1000

/** The name of a service directory, or of its logger's. s6 ignores names that begin with a dot. */
const SERVICE_NAME = /^[^./][^/]*(?:\/log)?$/

/** What a ScanDirectory needs. */
export interface ScanParts {
  readonly directory: string
  readonly layout: SupervisorSettings['scan_layout']
  readonly controlled: Controlled
  readonly supervisor: ShownUnits
  readonly shim: FifoMaker
  readonly bus: EventSource
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Opens the scan directory; gives a function that closes it. Rejects with StartError. When only the helper is missing,
 * that is logged.
 */
export async function openScanDirectory(parts: ScanParts): Promise<() => void> {
  const scanned = new ScanDirectory(parts)
  try {
    await scanned.open()
  } catch (error) {
    const code = errnoCode(error)
    if (code === 'EAGAIN') throw new StartError(`Another program supervises ${parts.directory}`, 2)
    if (code !== 'ENOSYS') throw new StartError(`Cannot use ${parts.directory} as scan_directory: ${code}`, 111)
    parts.log.log('warn', 'the tools of s6 cannot use scan_directory: the native helper is missing')
    scanned.layOut()
  }
  return () => scanned.close()
}

/** The directory of a program. `isOurs`: kahi made it, and no user has put a service there. */
interface Kept {
  readonly directory: string
  readonly supervised: SuperviseDir
  readonly isOurs: boolean
}

class ScanDirectory implements Scanned {
  readonly #parts: ScanParts
  readonly #directories = new Map<string, Kept>()
  readonly #opening = new Map<string, Promise<void>>()
  readonly #timers = new Set<Timer>()
  #release: (() => void) | undefined
  #deafen: (() => void) | undefined
  #work: Promise<void> = Promise.resolve()
  #isScanQueued = false
  /** Services whose directories were gone at the last scan. */
  #gone: string[] = []

  constructor(parts: ScanParts) {
    this.#parts = parts
  }

  async open(): Promise<void> {
    const { directory, shim, bus, supervisor, log } = this.#parts
    const own = join(directory, '.s6-svscan')
    makeDirectoriesGuarded(directory)
    makeDirectoryGuarded(own, 0o700)
    const take = (letter: string): boolean => {
      COMMANDS[letter]?.(this)
      return letter in COMMANDS
    }
    const onUnknown = (first: string, count: number): void => {
      const more = count > 1 ? `, and ${count - 1} more` : ''
      log.log('warn', `${own}/control: unknown command ${JSON.stringify(first)}${more}`)
    }
    this.#release = await openControl({ directory: own, shim, take, onUnknown })
    this.#deafen = bus.on((event) => {
      if (event.type === 'unit-changed') this.#directories.get(event.id)?.supervised.update()
      if (event.type === 'group-added') for (const unit of supervisor.group(event.group) ?? []) this.#add(unit)
      if (event.type === 'group-removed') this.#drop(event.group)
    })
    for (const unit of supervisor.services()) this.#add(unit)
  }

  /** Makes only the directories, for the programs that run in them. */
  layOut(): void {
    const { bus, supervisor } = this.#parts
    const lay = (unit: Unit): void => {
      if (unit.settings.service_files !== undefined) this.#guarded(this.#pathOf(unit), () => this.#layFiles(unit))
    }
    this.#deafen = bus.on((event) => {
      if (event.type === 'group-added') supervisor.group(event.group)?.forEach(lay)
    })
    supervisor.services().forEach(lay)
  }

  close(): void {
    this.#deafen?.()
    for (const timer of this.#timers) timer.cancel()
    for (const { supervised } of this.#directories.values()) supervised.close()
    this.#release?.()
  }

  scan(): void {
    if (this.#isScanQueued) return
    this.#isScanQueued = true
    this.#oneAtATime(async () => {
      this.#isScanQueued = false
      if (this.#parts.controlled.supervisor.phase === 'stopping') return
      const { configuration } = this.#parts.controlled
      const { added, removed } = await configuration.reread()
      const { groups } = configuration.last
      this.#gone = removed.filter((name) => isDynamic(this.#parts.supervisor.group(name)))
      const isHere = (name: string): boolean => existsSync(join(this.#parts.directory, name, 'run'))
      const isNew = ({ name, processes }: Group): boolean =>
        added.includes(name) && (processes.every(({ dynamic }) => dynamic) || isHere(name))
      const [loggers, others] = divide(groups.filter(isNew), ({ processes }) => processes.some((one) => one.is_logger))
      for (const { name } of [...loggers, ...others]) await configuration.addGroup(name)
    })
  }

  prune(): void {
    this.#oneAtATime(async () => {
      const { controlled, supervisor } = this.#parts
      if (controlled.supervisor.phase === 'stopping') return // the shutdown stops them, and runs their finish
      const isLogger = (name: string): boolean =>
        supervisor.group(name)?.some(({ settings }) => settings.is_logger) === true
      for (const names of divide(this.#gone.splice(0), isLogger).toReversed())
        await Promise.all(names.map((name) => takeAway(controlled, name)))
    })
  }

  end(): void {
    this.#parts.log.log('warn', 'a tool of s6 requests a shutdown')
    this.#parts.controlled.shutdown()
  }

  /** Runs one after the other, as s6-svscan does. */
  #oneAtATime(work: () => Promise<void>): void {
    const { log, controlled } = this.#parts
    this.#work = this.#work.then(work).catch((error: unknown) => {
      if (!(error instanceof ConfigError)) return controlled.reportBug(error)
      for (const diagnostic of error.diagnostics) log.log('error', formatDiagnostic(diagnostic))
    })
  }

  #pathOf({ group, name, settings }: Pick<Unit, 'group' | 'name' | 'settings'>): string {
    return settings.service_directory ?? join(this.#parts.directory, namespec(group, name))
  }

  /** Writes the files of a program, and a link to them when they are in another directory. */
  #layFiles(unit: Unit): void {
    const directory = this.#pathOf(unit)
    writeFiles(directory, unit)
    const { service_directory: own, dynamic: isDynamic } = unit.settings
    const isLogger = unit.name.endsWith('/log') // it is inside the directory of the service that it logs
    if (own !== undefined && !isDynamic && !isLogger) linkTo(directory, this.#linkOf(unit))
  }

  #linkOf({ group, name }: Pick<Unit, 'group' | 'name'>): string {
    return join(this.#parts.directory, namespec(group, name))
  }

  /** Oneshots have no service directories. */
  #add(unit: Unit): void {
    const { controlled, shim, log, layout, clock } = this.#parts
    if (unit.info().kind !== 'program' || !hasDirectory(unit)) return
    const directory = this.#pathOf(unit)
    const supervised = new SuperviseDir({
      directory,
      unit,
      controlled,
      shim,
      log,
      layout,
      nowMs: () => clock.wallMs(),
      left: () => this.#return(unit, supervised),
    })
    const isOurs = !isOfUser(directory)
    if (isOurs) this.#guarded(directory, () => this.#layFiles(unit))
    this.#directories.set(unit.id, { directory, supervised, isOurs })
    void this.#open(supervised, directory)
  }

  /**
   * Opens it at once, so that the lock exists before the process. If the directory is still being opened for an earlier
   * unit, that is finished first.
   */
  #open(supervised: SuperviseDir, directory: string): Promise<void> {
    const before = this.#opening.get(directory)
    const work = before === undefined ? supervised.open() : before.then(() => supervised.open())
    const done: Promise<void> = work
      .catch((error: unknown) => this.#complain(directory, error))
      .finally(() => {
        if (this.#opening.get(directory) === done) this.#opening.delete(directory)
      })
    this.#opening.set(directory, done)
    return done
  }

  #return(unit: Unit, supervised: SuperviseDir): void {
    const timer = this.#parts.clock.after(AGAIN_MS, () => {
      this.#timers.delete(timer)
      if (this.#directories.get(unit.id)?.supervised !== supervised) return
      void this.#open(supervised, this.#pathOf(unit)).then(() => supervised.startUnlessDown())
    })
    this.#timers.add(timer)
  }

  #drop(group: string): void {
    for (const [id, { directory, supervised, isOurs }] of this.#directories) {
      if (splitUnitId(id).group !== group) continue
      this.#directories.delete(id)
      supervised.close()
      if (isOurs && !this.#opening.has(directory)) this.#guarded(directory, () => removeFiles(directory))
      if (isOurs) this.#guarded(directory, () => unlinkFrom(directory, join(this.#parts.directory, group)))
    }
  }

  #guarded(subject: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#complain(subject, error)
    }
  }

  #complain(subject: string, error: unknown): void {
    const code = errnoCode(error)
    const reason = code === 'EAGAIN' ? 'another program supervises it' : code
    this.#parts.log.log('warn', `the tools of s6 cannot reach ${subject}: ${reason}`)
  }
}

/**
 * A program whose name cannot be a directory name has no directory, unless the configuration names one. Processes of
 * kahi itself have none.
 */
function hasDirectory({ group, name, settings }: Unit): boolean {
  if (settings.service_directory !== undefined) return true
  return SERVICE_NAME.test(namespec(group, name)) && (settings.dynamic || !name.startsWith(OWN_PREFIX))
}

/** Splits a list: items with the property, and the others. */
function divide<Item>(items: readonly Item[], isSo: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter(isSo), items.filter((item) => !isSo(item))]
}

function isDynamic(units: readonly Unit[] | undefined): boolean {
  return units !== undefined && units.every(({ settings }) => settings.dynamic)
}
