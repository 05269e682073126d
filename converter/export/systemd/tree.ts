// All files of an export for systemd: services, sockets, targets, environment files and the rotation of logs.

import { append } from '../../../config/model/append.ts'
import type { FcgiSocket } from '../../../config/model/roles.ts'
import type { Plan } from '../plan/plan.ts'
import type { Output, OutputFile } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { hiddenVariables } from './command.ts'
import { dropInOf } from './drop-in.ts'
import { rotationText } from './logrotate.ts'
import { type Places, placesOf, UNITS } from './places.ts'
import { serviceOf, stopperText, variablesOf } from './service.ts'
import { timersOf } from './timers.ts'
import { environmentLine, plainValue } from './words.ts'

/** Files that only root may read. */
const SECRET = 0o600

/** Writes all files. */
export function writeUnits(plan: Plan): Output {
  return new TreeWriter(plan).write()
}

class TreeWriter {
  readonly #plan: Plan
  readonly #places: Places
  readonly #files: OutputFile[] = []

  constructor(plan: Plan) {
    this.#plan = plan
    this.#places = placesOf(plan)
  }

  write(): Output {
    const { units, bundles } = this.#plan
    const { whole, stopper } = this.#places
    for (const unit of units) this.#writeService(unit)
    this.#writeSockets()
    this.#writePipes()
    const timers = this.#writeTimers()
    for (const { name, units: own } of bundles)
      this.#writeTarget(this.#places.targetName(name), `${name} of ${whole}`, own, [])
    const booted = units.filter(({ boots }) => boots).map(({ name }) => name)
    const install = ['', '[Install]', 'WantedBy=multi-user.target']
    this.#writeTarget(whole, `All services of ${whole}`, booted, [...timers, ...install])
    const ends = units.some(({ settings }) => settings.on_exit === 'shutdown' || settings.on_fatal === 'shutdown')
    if (ends) this.#unit(stopper, stopperText(this.#places))
    this.#writeVariables()
    const rotation = rotationText(this.#plan)
    if (rotation !== undefined) this.#files.push({ path: `etc/logrotate.d/${whole}`, text: rotation })
    return { files: this.#files, diagnostics: [] }
  }

  #writeService(unit: Unit): void {
    const { name, settings } = unit
    const { places } = { places: this.#places }
    const targets = this.#plan.bundles
      .filter(({ units }) => units.includes(name))
      .map((one) => places.targetName(one.name))
    const { text, commands } = serviceOf(unit, {
      plan: this.#plan,
      places,
      targets,
      socket: this.#socketOf(unit),
      pipe: this.#readerOf(unit),
    })
    this.#unit(`${places.unitName(name)}.service`, text)
    const dropIn = unit.kind === 'program' ? dropInOf(settings, this.#plan.config.supervisor) : undefined
    if (dropIn !== undefined) this.#unit(`${places.unitName(name)}.service.d/10-supervisord.conf`, dropIn)
    append(
      this.#files,
      commands.flatMap(({ files }) => files),
    )
    const secrets = hiddenVariables(settings)
    if (secrets.length === 0) return
    const lines = secrets.map(([variable, value]) => `${environmentLine(variable, value)}\n`)
    this.#files.push({ path: places.secrets(unit).slice(1), text: lines.join(''), mode: SECRET })
  }

  /** The socket unit of the standard input of a unit: that of FastCGI, or the FIFO that others write to. */
  #socketOf(unit: Unit): string | undefined {
    if (unit.role.kind === 'fcgi') return `${this.#socketName(unit)}.socket`
    return this.#writersOf(unit).length > 0 ? `${this.#places.unitName(unit.name)}.socket` : undefined
  }

  /** All processes of a FastCGI program share the socket of their group. */
  #socketName({ settings }: Unit): string {
    const first = this.#plan.units.find(
      ({ role, settings: own }) => role.kind === 'fcgi' && own.group === settings.group,
    )
    return this.#places.unitName(first?.name ?? settings.group)
  }

  #readerOf({ settings: { log_to: reader } }: Unit): string | undefined {
    const to = this.#plan.units.find((unit) => isNamed(unit, reader))
    return to === undefined ? undefined : `${this.#places.unitName(to.name)}.socket`
  }

  #writersOf(unit: Unit): readonly Unit[] {
    return this.#plan.units.filter(({ settings }) => isNamed(unit, settings.log_to))
  }

  #writeSockets(): void {
    const written = new Set<string>()
    for (const unit of this.#plan.units) {
      const name = this.#socketName(unit)
      if (unit.role.kind !== 'fcgi' || written.has(name)) continue
      written.add(name)
      this.#unit(`${name}.socket`, this.#socketText(`Socket of ${unit.settings.group}`, socketLines(unit.role.socket)))
    }
  }

  #writePipes(): void {
    for (const unit of this.#plan.units.filter((one) => this.#writersOf(one).length > 0)) {
      const name = this.#places.unitName(unit.name)
      const lines = [`ListenFIFO=${this.#places.pipe(unit.name)}`, 'SocketMode=0600']
      this.#unit(`${name}.socket`, this.#socketText(`Pipe to ${unit.name}`, lines))
    }
  }

  /** Writes the timers; gives the lines of the target that starts them. */
  #writeTimers(): readonly string[] {
    return this.#plan.units.flatMap((unit) => {
      const { schedule } = unit.settings
      if (schedule === undefined) return []
      for (const [name, text] of timersOf(unit, schedule, this.#places)) this.#unit(name, text)
      return [`Wants=${this.#places.unitName(unit.name)}.timer`]
    })
  }

  #socketText(description: string, lines: readonly string[]): string {
    const head = ['[Unit]', `Description=${plainValue(description)}`, `PartOf=${this.#places.whole}.target`]
    return `${[...head, '', '[Socket]', ...lines].join('\n')}\n`
  }

  #writeTarget(name: string, description: string, units: readonly string[], more: readonly string[]): void {
    const wants = units.map((one) => `Wants=${this.#places.unitName(one)}.service`)
    const part = name === this.#places.whole ? [] : [`PartOf=${this.#places.whole}.target`]
    const lines = ['[Unit]', `Description=${plainValue(description)}`, ...part, ...wants, ...more]
    this.#unit(`${name}.target`, `${lines.join('\n')}\n`)
  }

  /** Variables that the source takes from the environment of its daemon. */
  #writeVariables(): void {
    const found = new Map(this.#plan.units.flatMap((unit) => variablesOf(unit)).map((one) => [one.variable, one]))
    if (found.size === 0) return
    const lines = [...found.values()].map(({ variable, fallback }) => environmentLine(variable, fallback ?? ''))
    const head = ['# Variables that the old daemon had in its environment: set their values here.']
    this.#files.push({
      path: this.#places.variables.slice(1),
      text: `${[...head, ...lines].join('\n')}\n`,
      mode: SECRET,
    })
  }

  #unit(name: string, text: string): void {
    this.#files.push({ path: `${UNITS.slice(1)}/${name}`, text })
  }
}

function isNamed({ id, settings }: Unit, wanted: string | undefined): boolean {
  return wanted !== undefined && (id === wanted || settings.name === wanted)
}

function socketLines(socket: FcgiSocket): readonly string[] {
  const backlog = socket.backlog === undefined ? [] : [`Backlog=${socket.backlog}`]
  if (socket.kind === 'tcp') return [`ListenStream=${address(socket.host)}:${socket.port}`, ...backlog]
  const { owner, mode, path } = socket
  const ids = [
    ...(owner === undefined || owner.uid < 0 ? [] : [`SocketUser=${owner.uid}`]),
    ...(owner === undefined || owner.gid < 0 ? [] : [`SocketGroup=${owner.gid}`]),
  ]
  return [`ListenStream=${plainValue(path)}`, `SocketMode=${mode.toString(8).padStart(4, '0')}`, ...ids, ...backlog]
}

/** systemd takes addresses only. */
function address(host: string): string {
  if (host === '' || host === '*') return '0.0.0.0'
  if (host === 'localhost') return '127.0.0.1'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
