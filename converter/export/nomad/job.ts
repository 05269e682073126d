// A Nomad job: a group for each program, or one group with all. Oneshots are tasks that run before the others.

import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { Given } from '../../format.ts'
import { bootedOf, plainName, plainNames, reportContainers } from '../plan/container.ts'
import { imagesOf } from '../plan/images.ts'
import type { Plan } from '../plan/plan.ts'
import { isTimed, nomadTimes } from '../plan/schedule.ts'
import type { Output, OutputFile } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { checkedService, portLabel } from './checks.ts'
import { defined, duration, type Fields, logsOf, secretsOf, taskOf } from './task.ts'

const SECRET = 0o600
/** Nomad refuses shorter intervals. */
const LEAST_INTERVAL = 5
/** The disk of a group that names none. Source: Nomad 1.9, ephemeral_disk block. */
const USUAL_DISK_MB = 300

/** Writes all files. */
export function writeJob(plan: Plan, given: Given): Output {
  return new JobWriter(plan, given).write()
}

class JobWriter {
  readonly #plan: Plan
  readonly #given: Given
  readonly #whole: string
  readonly #path: string
  readonly #nameOf: (name: string) => string
  readonly #imageOf: (unit: Unit) => string

  constructor(plan: Plan, given: Given) {
    this.#plan = plan
    this.#given = given
    this.#whole = plainName(plan.name)
    this.#path = `nomad/jobs/${this.#whole}`
    this.#nameOf = plainNames(plan)
    this.#imageOf = imagesOf(plan, given)
  }

  write(): Output {
    const { units } = this.#plan
    const programs = units.filter((unit) => unit.kind === 'program' && !isTimed(unit))
    const timed = units.filter(isTimed)
    const isSingle = this.#given.single === true
    const booted = isSingle ? bootedOf(programs) : []
    const groups = isSingle
      ? [this.#group(this.#whole, booted, 1)]
      : programs.map((unit) => this.#group(this.#nameOf(unit.name), [unit], unit.boots ? 1 : 0))
    const written = new Set([
      ...timed,
      ...(isSingle ? booted : programs),
      ...this.#oneshotsFor(isSingle ? booted : programs),
    ])
    const left = units.filter((unit) => !written.has(unit))
    const job = { ID: this.#whole, Name: this.#whole, Type: 'service', Datacenters: ['*'], TaskGroups: groups }
    const jobs = [...(groups.length === 0 ? [] : [job]), ...timed.map((unit) => this.#periodic(unit))]
    const files = jobs.map((one): OutputFile => ({
      path: `${one.ID}.nomad.json`,
      text: `${JSON.stringify({ Job: one }, null, 2)}\n`,
    }))
    const diagnostics = left.map(({ name, kind, table: { place } }): Diagnostic => {
      const reason = kind === 'oneshot' ? 'no program that is written needs it' : 'it is not started at boot'
      return { severity: 'warning', message: `${name} is left out: ${reason}`, place }
    })
    return { files: [...files, ...this.#secrets()], diagnostics: [...reportContainers(this.#plan), ...diagnostics] }
  }

  /** A job of its own for what is started at its times: all groups of a periodic job run at once. */
  #periodic(unit: Unit) {
    const name = this.#nameOf(unit.name)
    const { schedule = { cron: '@daily', overlap: 'skip' } } = unit.settings
    const zone = schedule.timezone === undefined ? {} : { TimeZone: schedule.timezone }
    const times = { Enabled: true, SpecType: 'cron', Specs: [nomadTimes(schedule)], ProhibitOverlap: true, ...zone }
    const id = `${this.#whole}-${name}`
    const groups = [this.#group(name, [unit], 1)]
    return { ID: id, Name: id, Type: 'batch', Datacenters: ['*'], Periodic: times, TaskGroups: groups }
  }

  #group(name: string, units: readonly Unit[], count: number): Fields {
    const checked = units.flatMap((unit) => checkedService(unit, this.#nameOf(unit.name)) ?? [])
    const ports = checked.map(({ label, port }) => ({ Label: label, To: port }))
    const before = this.#oneshotsFor(units).filter((one) => !units.includes(one))
    const tasks = [...before, ...units].map((unit) =>
      this.#task(
        unit,
        before.includes(unit),
        checked.map(({ label }) => label),
      ),
    )
    const [first] = units
    return defined({
      Name: name,
      Count: count,
      RestartPolicy: first === undefined ? undefined : restartPolicy(first.settings),
      ReschedulePolicy: { Attempts: 0, Unlimited: false },
      EphemeralDisk: diskFor([...before, ...units]),
      Networks: ports.length === 0 && units.length < 2 ? undefined : [defined({ Mode: 'bridge', DynamicPorts: ports })],
      Services: checked.length === 0 ? undefined : checked.map(({ service }) => service),
      Tasks: tasks,
    })
  }

  #task(unit: Unit, isFirst: boolean, labels: readonly string[]): Fields {
    const name = this.#nameOf(unit.name)
    const task = taskOf(unit, this.#plan, {
      image: this.#imageOf(unit),
      name,
      variables: this.#path,
      isFirst,
      ports: labels.filter((label) => label === portLabel(name)),
    })
    const meta = unit.comments.length === 0 ? {} : { Meta: { comment: unit.comments.join('\n') } }
    return { ...task, ...meta, ...(this.#given.single === true ? { RestartPolicy: restartPolicy(unit.settings) } : {}) }
  }

  /** The oneshots that units need, directly and through others, in start order; with --single those at boot too. */
  #oneshotsFor(units: readonly Unit[]): readonly Unit[] {
    const byName = new Map(this.#plan.units.map((unit) => [unit.name, unit]))
    const wanted = new Set(units.map(({ name }) => name))
    for (const name of wanted) for (const need of byName.get(name)?.needs ?? []) wanted.add(need.name)
    const isSingle = this.#given.single === true
    return this.#plan.units.filter(
      ({ kind, name, boots }) => kind === 'oneshot' && (wanted.has(name) || (isSingle && boots)),
    )
  }

  /** A file for `nomad var put`. */
  #secrets(): readonly OutputFile[] {
    const items = this.#plan.units.flatMap((unit) =>
      secretsOf(unit, this.#nameOf(unit.name)).map(([, key, value]) => [key, value] as const),
    )
    if (items.length === 0) return []
    const variables = { Namespace: 'default', Path: this.#path, Items: Object.fromEntries(items) }
    return [{ path: `${this.#whole}.variables.json`, text: `${JSON.stringify(variables, null, 2)}\n`, mode: SECRET }]
  }
}

/** Nomad refuses logs that do not fit into the disk of their group. Both streams have as many files. */
function diskFor(units: readonly Unit[]): Fields | undefined {
  const logs = units.map(({ settings }) => {
    const { MaxFiles: files = 0, MaxFileSizeMB: size = 0 } = logsOf(settings) ?? {}
    return 2 * files * size
  })
  const needed = logs.reduce((sum, one) => sum + one, 0)
  return needed === 0 ? undefined : { SizeMB: USUAL_DISK_MB + needed }
}

/** When and how often a task is started again. */
function restartPolicy({ autorestart, restart, startretries, startsecs, on_exit: policy }: ProcessSettings): Fields {
  const rules = (attempts: number, interval: number, delay: number, mode: 'fail' | 'delay'): Fields => ({
    Attempts: attempts,
    Interval: duration(Math.max(LEAST_INTERVAL, Math.ceil(interval), attempts * delay)),
    Delay: duration(delay),
    Mode: mode,
  })
  if (autorestart === 'false' || policy === 'shutdown') return rules(0, 0, 1, 'fail')
  if (restart === 's6' || (restart === undefined && startsecs === 0))
    return rules(LEAST_INTERVAL, LEAST_INTERVAL, 1, 'delay')
  if (restart === undefined) return rules(startretries, (startretries + 1) * (startsecs + 1), 1, 'fail')
  const { limit, window, delay } = restart
  const attempts = limit === 0 ? LEAST_INTERVAL : limit
  return rules(attempts, window === 0 ? attempts * (delay + 1) : window, delay, limit === 0 ? 'delay' : 'fail')
}
