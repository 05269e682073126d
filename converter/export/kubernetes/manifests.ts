// The manifests of an export: a Deployment or Job for each program, or one Pod with all; a ConfigMap for variables that
// the source takes from outside, and a Secret in a file of its own.

import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import { isDirectory } from '../../folders.ts'
import { isSecretName } from '../../../config/values/secrets.ts'
import type { Given } from '../../format.ts'
import {
  bootedOf,
  environmentOf,
  graceOf,
  outerVariables,
  plainName,
  plainNames,
  reportContainers,
} from '../plan/container.ts'
import { imagesOf } from '../plan/images.ts'
import type { Plan } from '../plan/plan.ts'
import { isTimed, kubernetesTimes } from '../plan/schedule.ts'
import type { Output, OutputFile } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { yamlText } from '../plan/yaml.ts'
import {
  type ContainerOptions,
  containerOf,
  defined,
  type Fields,
  fileSecret,
  fixed,
  listed,
  secretKey,
} from './container.ts'

const SECRET = 0o600
/** Stands for no limit. */
const LONG = 86_400

/** Writes all files. */
export function writeManifests(plan: Plan, given: Given): Output {
  return new ManifestWriter(plan, given).write()
}

class ManifestWriter {
  readonly #plan: Plan
  readonly #given: Given
  readonly #whole: string
  readonly #nameOf: (name: string) => string
  readonly #imageOf: (unit: Unit) => string

  constructor(plan: Plan, given: Given) {
    this.#plan = plan
    this.#given = given
    this.#whole = plainName(plan.name)
    this.#nameOf = plainNames(plan)
    this.#imageOf = imagesOf(plan, given)
  }

  write(): Output {
    const { units } = this.#plan
    const programs = units.filter((unit) => unit.kind === 'program' && !isTimed(unit))
    const isSingle = this.#given.single === true
    const needed = new Set(this.#oneshotsFor(programs))
    const lone = units.filter((unit) => unit.kind === 'oneshot' && !needed.has(unit) && !isTimed(unit))
    const usual = isSingle ? [this.#pod(programs)] : [...lone, ...programs].map((unit) => this.#workload(unit))
    const workloads = [...usual, ...units.filter(isTimed).map((unit) => this.#cronJob(unit))]
    const left = isSingle ? [...lone, ...programs].filter(({ boots }) => !boots) : []
    const files: OutputFile[] = [
      { path: `${this.#whole}.yaml`, text: [...this.#configMap(), ...workloads].join('---\n') },
    ]
    const diagnostics = left.map(({ name, table: { place } }): Diagnostic => {
      return { severity: 'warning', message: `${name} is left out of the Pod: it is not started at boot`, place }
    })
    return {
      files: [...files, ...this.#secrets()],
      diagnostics: [...reportContainers(this.#plan), ...diagnostics, ...this.#fileSecrets()],
    }
  }

  /** How each Secret is made of a file of variables, which is read where the cluster is controlled from. */
  #fileSecrets(): readonly Diagnostic[] {
    const found = this.#plan.units.flatMap(({ settings }) => settings.env_file?.files ?? [])
    const byName = new Map(found.map((file) => [fileSecret(file, this.#whole), file.path]))
    return [...byName].map(([name, path]) => {
      const option = isDirectory(path) ? '--from-file' : '--from-env-file'
      const words = `kubectl create secret generic ${name} ${option}=${inQuotes(path)}`
      return { severity: 'note', message: `the Secret ${name} must have the variables of ${path}`, hint: words }
    })
  }

  #template(unit: Unit, policy: string | undefined): Fields {
    return { metadata: { labels: this.#labels(unit) }, spec: this.#podSpec([unit], policy) }
  }

  /** What is started at its times. */
  #cronJob(unit: Unit): string {
    const { schedule = { cron: '@daily', overlap: 'skip' }, autorestart } = unit.settings
    const policy = unit.kind === 'oneshot' || autorestart === 'false' ? 'Never' : 'OnFailure'
    const spec = defined({
      schedule: kubernetesTimes(schedule),
      timeZone: schedule.timezone,
      concurrencyPolicy: schedule.overlap === 'restart' ? 'Replace' : 'Forbid',
      jobTemplate: { spec: { backoffLimit: 0, template: this.#template(unit, policy) } },
    })
    const metadata = { name: this.#nameOf(unit.name), labels: this.#labels(unit) }
    return this.#text({ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec }, unit.comments)
  }

  #workload(unit: Unit): string {
    const name = this.#nameOf(unit.name)
    const template = this.#template(unit, this.#isJob(unit) ? 'Never' : undefined)
    const metadata = { name, labels: this.#labels(unit) }
    const isJob = this.#isJob(unit)
    const selector = { matchLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': this.#whole } }
    const manifest = isJob
      ? {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata,
          spec: { ...(unit.boots ? {} : { suspend: true }), backoffLimit: 0, template },
        }
      : {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata,
          spec: { replicas: unit.boots ? 1 : 0, selector, template },
        }
    return this.#text(manifest, unit.comments)
  }

  /** A oneshot that no program needs, or a program that is not started again. */
  #isJob({ kind, settings }: Unit): boolean {
    return kind === 'oneshot' || settings.autorestart === 'false'
  }

  #pod(programs: readonly Unit[]): string {
    const metadata = { name: this.#whole, labels: { 'app.kubernetes.io/part-of': this.#whole } }
    const booted = bootedOf(programs)
    const policies = new Set(booted.map(({ settings }) => settings.autorestart))
    const policy =
      policies.size === 1 && policies.has('false')
        ? 'Never'
        : policies.has('unexpected') && !policies.has('true')
          ? 'OnFailure'
          : undefined
    return this.#text({ apiVersion: 'v1', kind: 'Pod', metadata, spec: this.#podSpec(booted, policy) }, [])
  }

  #podSpec(units: readonly Unit[], policy: string | undefined): Fields {
    const graces = units.map(({ settings }) => graceOf(settings) ?? LONG)
    const once = this.#oneshotsFor(units).filter((one) => !units.includes(one))
    return defined({
      restartPolicy: policy,
      terminationGracePeriodSeconds: Math.ceil(Math.max(...graces, 1)),
      initContainers: listed(once.map((unit) => containerOf(unit, this.#plan, this.#options(unit)))),
      containers: units.map((unit) => containerOf(unit, this.#plan, this.#options(unit))),
    })
  }

  /** The oneshots that units need, directly and through others, in start order; for all of them those at boot too. */
  #oneshotsFor(units: readonly Unit[]): readonly Unit[] {
    const byName = new Map(this.#plan.units.map((unit) => [unit.name, unit]))
    const wanted = new Set(units.map(({ name }) => name))
    for (const name of wanted) {
      for (const need of byName.get(name)?.needs ?? []) wanted.add(need.name)
    }
    const single = this.#given.single === true
    return this.#plan.units.filter(
      ({ kind, name, boots }) => kind === 'oneshot' && (wanted.has(name) || (single && boots)),
    )
  }

  #options(unit: Unit): ContainerOptions {
    return {
      image: this.#imageOf(unit),
      name: this.#nameOf(unit.name),
      config: this.#whole,
      secret: this.#whole,
    }
  }

  #labels({ name, settings }: Unit): Fields {
    const group = settings.group === settings.name ? {} : { 'kahi/group': plainName(settings.group) }
    return { 'app.kubernetes.io/name': this.#nameOf(name), 'app.kubernetes.io/part-of': this.#whole, ...group }
  }

  /** Variables that the source takes from outside, with their defaults. */
  #outer(isSecret: boolean): readonly (readonly [name: string, value: string])[] {
    const outer = new Map(this.#plan.units.flatMap((unit) => outerVariables(unit)).map((one) => [one.variable, one]))
    const wanted = [...outer.values()].filter(({ variable }) => isSecretName(variable) === isSecret)
    return wanted.map(({ variable, fallback }) => [variable, fallback ?? ''] as const)
  }

  #configMap(): readonly string[] {
    const outer = this.#outer(false)
    if (outer.length === 0) return []
    const comments = ['variables that the old daemon had in its environment: set their values']
    const metadata = { name: this.#whole }
    return [this.#text({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: Object.fromEntries(outer) }, comments)]
  }

  #secrets(): readonly OutputFile[] {
    const own = this.#plan.units.flatMap((unit) =>
      environmentOf(unit.settings).secret.map(
        ([name, value]) => [secretKey(this.#nameOf(unit.name), name), fixed(value)] as const,
      ),
    )
    const found = [...this.#outer(true), ...own]
    if (found.length === 0) return []
    const stringData = Object.fromEntries(found)
    const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: this.#whole }, type: 'Opaque', stringData }
    return [{ path: `${this.#whole}-secret.yaml`, text: this.#text(manifest, []), mode: SECRET }]
  }

  #text(manifest: Fields, comments: readonly string[]): string {
    return yamlText(manifest, [], new Map([['apiVersion', comments]]))
  }
}

/** A word of a command line that is to be typed. */
function inQuotes(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
