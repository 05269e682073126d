// The files of a source directory of s6-rc: one directory for each unit, logger and bundle.

import { append } from '../../../config/model/append.ts'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import { splitUnitId, unitId } from '../../../config/model/names.ts'
import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'
import type { Output, OutputFile } from '../plan/target.ts'
import { type Logger, loggerCommand, loggersOf } from './loggers.ts'
import { type Flavour, ServiceWriter } from './service.ts'
import { commentLines, execlineLine, shLine } from './words.ts'

/** Names that s6-overlay has itself. */
const OF_OVERLAY: readonly string[] = [
  'base',
  'fix-attrs',
  'legacy-cont-init',
  'legacy-services',
  'top',
  'user',
  'user2',
]

/** The name of a service or bundle: names that s6-rc or s6-overlay have for themselves get another one. */
export function nameIn(name: string, { isOverlay }: Flavour): string {
  const isTaken = isOverlay ? OF_OVERLAY.includes(name) : name === 'default'
  return isTaken || /^s6-?rc-/.test(name) ? `own-${name}` : name
}

/** Writes the tree. */
export function writeTree(plan: Plan, flavour: Flavour): Output {
  return new TreeWriter(plan, flavour).write()
}

class TreeWriter {
  readonly #plan: Plan
  readonly #flavour: Flavour
  readonly #files: OutputFile[] = []
  readonly #diagnostics: Diagnostic[] = []
  readonly #loggers: readonly Logger[]
  readonly #names: ReadonlyMap<string, string>

  constructor(plan: Plan, flavour: Flavour) {
    this.#plan = plan
    this.#flavour = flavour
    this.#loggers = loggersOf(plan, (name) => nameIn(name, flavour))
    this.#names = new Map(plan.units.map(({ name }) => [name, nameIn(name, flavour)]))
  }

  write(): Output {
    const { units } = this.#plan
    const consumers = this.#consumers()
    const byName = new Map(units.map((unit) => [unit.name, unit]))
    const tolerant = tolerantOneshots(units)
    for (const unit of units) {
      const consumer = consumers.get(unit.name)
      const writer = new ServiceWriter(unit, this.#plan, {
        flavour: this.#flavour,
        name: this.#nameOf(unit.name),
        consumer,
        producers: [...consumers].flatMap(([from, to]) => (to === this.#nameOf(unit.name) ? [this.#nameOf(from)] : [])),
        needs: this.#needsOf(unit, byName),
        mayFail: tolerant.has(unit.name),
      })
      const { files, diagnostics } = writer.write()
      append(this.#files, files)
      append(this.#diagnostics, diagnostics)
    }
    for (const logger of this.#loggers) this.#writeLogger(logger)
    this.#writeBundles()
    return { files: this.#files, diagnostics: [...this.#diagnostics, ...oldDirectories(this.#plan, this.#flavour)] }
  }

  #nameOf(unit: string): string {
    return this.#names.get(unit) ?? unit
  }

  /** The service that reads the output of each unit. */
  #consumers(): ReadonlyMap<string, string> {
    const loggers = this.#loggers.flatMap(({ name, producers }) => producers.map((unit) => [unit, name] as const))
    const ids = new Map(this.#plan.units.map((unit) => [unit.id, this.#nameOf(unit.name)]))
    const piped = this.#plan.units.flatMap(({ name, settings: { log_to: to } }) => {
      if (to === undefined) return []
      const { group, name: own } = splitUnitId(to.includes(':') ? to : unitId(to, to))
      const reader = ids.get(unitId(group, own))
      return reader === undefined ? [] : [[name, reader] as const]
    })
    return new Map([...loggers, ...piped])
  }

  /** A reader of output is a dependency already. */
  #needsOf({ needs, after }: Unit, byName: ReadonlyMap<string, Unit>): readonly string[] {
    const names = [...needs.map(({ name }) => name), ...after].filter((name) => byName.has(name))
    const own = [...new Set(names)].map((name) => this.#nameOf(name))
    return this.#flavour.isOverlay ? ['base', ...own] : own
  }

  #writeLogger(logger: Logger): void {
    const { name, producers } = logger
    const { isOverlay, isExecline, interpreter } = this.#flavour
    const comments = commentLines([
      `the output of ${producers.join(', ')}: the newest is in ${logger.directory}/current`,
    ])
    const words = loggerCommand(logger)
    const execlineb = isOverlay ? '/command/execlineb' : 'execlineb'
    const run = isExecline
      ? [`#!${execlineb === 'execlineb' ? '/usr/bin/execlineb' : execlineb} -P`, ...comments, execlineLine(words), '']
      : [`#!${interpreter}`, ...comments, `exec ${shLine(words)}`, '']
    const names = producers.map((one) => `${this.#nameOf(one)}\n`).join('')
    this.#add(`${name}/type`, 'longrun\n')
    this.#add(`${name}/run`, run.join('\n'), 0o755)
    this.#add(`${name}/notification-fd`, '3\n')
    this.#add(`${name}/consumer-for`, names)
    if (isOverlay) this.#add(`${name}/dependencies.d/base`, '')
  }

  /** The bundle that is started, and those of the configuration. */
  #writeBundles(): void {
    const { isOverlay } = this.#flavour
    const booted = this.#plan.units.filter(({ boots }) => boots).map(({ name }) => this.#nameOf(name))
    this.#bundle(isOverlay ? 'user' : 'default', booted)
    for (const { name, units } of this.#plan.bundles) {
      if (nameIn(name, this.#flavour) !== name) continue
      this.#bundle(
        name,
        units.map((one) => this.#nameOf(one)),
      )
    }
  }

  #bundle(name: string, contents: readonly string[]): void {
    this.#add(`${name}/type`, 'bundle\n')
    for (const one of contents) this.#add(`${name}/contents.d/${one}`, '')
    if (contents.length === 0) this.#add(`${name}/contents`, '')
  }

  #add(path: string, text: string, mode?: number): void {
    this.#files.push({ path: `${this.#flavour.tree}${path}`, text, ...(mode === undefined ? {} : { mode }) })
  }
}

/** Version 3 starts what these directories have too, beside the services that were made of them. */
const OLD = /^.*\/(?=(services|cont-init|cont-finish|fix-attrs)\.d\/)/

/** The note that names directories of versions 1 and 2. */
function oldDirectories({ sources }: Plan, { isOverlay }: Flavour): readonly Diagnostic[] {
  const found = [...sources].flatMap((file) => {
    const name = OLD.exec(file)?.[1]
    return name === undefined ? [] : [`/etc/${name}.d`]
  })
  if (!isOverlay || found.length === 0) return []
  const names = [...new Set(found)].toSorted().join(', ')
  const message = `the image must not have ${names} any more: s6-overlay 3 runs what is there too, beside the new services`
  return [{ severity: 'note', message, hint: `rm -r ${names.replaceAll(',', '')}` }]
}

/** Oneshots on which others only wait in order: when one fails, the others start all the same. */
function tolerantOneshots(units: readonly Unit[]): ReadonlySet<string> {
  const all = units.flatMap(({ needs }) => needs)
  const strict = new Set(all.filter(({ reached }) => reached !== 'ordered').map(({ name }) => name))
  const once = new Set(units.filter(({ kind }) => kind === 'oneshot').map(({ name }) => name))
  return new Set(all.map(({ name }) => name).filter((name) => once.has(name) && !strict.has(name)))
}
