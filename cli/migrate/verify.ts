// `kahi migrate --verify`: the proof that a TOML runs the same as its source. The text is read back as the daemon would
// read it, and compared twice: with the source as kahi runs it unconverted, in every field, and with what a second,
// small reader of the source expects of every process (converter/*/expected.ts). Both comparisons are repeated with
// other variables and another host name, because values that depend on them must still depend on them.

import { isDeepStrictEqual } from 'node:util'
import type { Machine } from '../../config/model/machine.ts'
import { namespec } from '../../config/model/names.ts'
import type { LogFile } from '../../config/model/output.ts'
import type { Config } from '../../config/settings/config.ts'
import { type Difference, findDifferences } from '../../config/settings/difference.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { ConfigError, type Diagnostic, type Place } from '../../config/model/diagnostic.ts'
import { type Document, findEntry } from '../../config/keys/document.ts'
import { namesIn } from '../../config/values/expand.ts'
import { readDocument } from '../../config/toml/read.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { ValueError } from '../../config/values/values.ts'
import type { Witness } from '../../converter/format.ts'

/** What is compared. */
export interface Proof {
  /** The source, converted to be run where it is. */
  readonly document: Document
  /** The second reader of the same source. */
  readonly witness: Witness
  readonly toml: string
  /** The path of the TOML; it is not read from there. */
  readonly target: string
}

/** A hint for differences. */
export const HINT = 'this is a mistake in kahi, please report it; --no-verify writes the TOML all the same'

/**
 * An error for every value in which the TOML differs from its source, with its place in the source; none when both are
 * equal.
 */
export function verifyConversion(proof: Proof, machine: Machine): readonly Diagnostic[] {
  const written = readBack(proof, machine)
  if ('diagnostics' in written) return written.diagnostics
  const found = new Map<string, Diagnostic>()
  for (const variation of variations(proof, machine)) {
    for (const diagnostic of compareOn(variation, proof, written)) {
      const key = JSON.stringify([diagnostic.place, diagnostic.message.replace(/(?: is| has no|;).*/s, '')])
      if (!found.has(key)) found.set(key, diagnostic)
    }
  }
  return [...found.values()]
}

/** The TOML as the daemon would read it, or its errors. */
export function readBack({ toml, target }: Proof, machine: Machine): Document | { readonly diagnostics: Diagnostic[] } {
  try {
    return readDocument(toml, target, machine)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const explain = ({ message }: Diagnostic): string => `The TOML cannot be read back: ${message}`
    return { diagnostics: error.diagnostics.map((one) => ({ ...one, message: explain(one), hint: HINT })) }
  }
}

/** This machine, one with another name, and for each variable of the source one with another value. */
export function variations({ witness }: Proof, machine: Machine): readonly Machine[] {
  const named = new Set(witness.texts.flatMap(namesIn).filter((name) => name.startsWith('ENV_')))
  const changed = [...named].map((name, index) => {
    const variable = name.slice('ENV_'.length)
    const value = otherValue(machine.environment[variable] ?? '', index)
    return { ...machine, environment: { ...machine.environment, [variable]: value } }
  })
  return [machine, { ...machine, hostName: 'kahi-verify' }, ...changed]
}

function otherValue(value: string, index: number): string {
  if (/^\d+$/.test(value)) return String(Number(value) + 1 + index)
  if (/^(?:true|yes|on)$/i.test(value)) return 'false'
  if (/^(?:false|no|off)$/i.test(value)) return 'true'
  return `kahi-verify-${index}`
}

/** `refused` means that a value is invalid on that machine. */
export type Outcome = Config | 'refused'

function compareOn(machine: Machine, { document, witness }: Proof, written: Document): readonly Diagnostic[] {
  const [before, after] = [resolveOn(document, machine), resolveOn(written, machine)]
  if (before === 'refused' || after === 'refused') {
    if (before === after) return []
    const message = `The TOML is ${after === 'refused' ? 'refused' : 'accepted'} where its source is not`
    return [{ severity: 'error', message, hint: HINT }]
  }
  const differences = findDifferences(before, after).map((difference) => describeDifference(difference, document))
  return [...differences, ...compareExpected(machine, document, witness, after)]
}

/** What would run on that machine, if the file is valid there. */
export function resolveOn(document: Document, machine: Machine): Outcome {
  try {
    return resolveDocument(document, machine, { assumeImage: true }).config
  } catch (error) {
    if (error instanceof ConfigError) return 'refused'
    throw error
  }
}

/** A difference as an error with its place in the source. */
export function describeDifference({ table, subject, key, before, after }: Difference, document: Document): Diagnostic {
  const found = document.tables.find(({ kind, name }) => kind === table?.kind && name.trim() === table.name)
  const entry = found && findEntry(found, key.replace(/^environment\..*/, 'environment'))
  return differing(subject, key, before, after, entry?.place ?? found?.place)
}

function compareExpected(machine: Machine, document: Document, witness: Witness, config: Config): Diagnostic[] {
  try {
    const find = actualUnits(config)
    return witness.expect(machine, document).flatMap(({ group, name, values, place }) => {
      const subject = namespec(group, name)
      const actual = find(group, name)
      if (actual === undefined) return [missing(subject, place(''))]
      return Object.entries(values)
        .filter(([key, value]) => !isDeepStrictEqual(value, actual[key]))
        .map(([key, value]) => differing(subject, key, value, actual[key], place(key)))
    })
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    return [{ severity: 'error', message: `The source cannot be read a second time: ${error.message}`, hint: HINT }]
  }
}

type Find = (group: string, name: string) => Readonly<Record<string, unknown>> | undefined

/** What the configuration has of a name: a process, a oneshot or the units of a bundle. */
function actualUnits({ groups, oneshots }: Config): Find {
  const processes = new Map(
    groups.flatMap((group) => group.processes.map((one) => [namespec(group.name, one.name), one] as const)),
  )
  const byName = new Map(oneshots.map((oneshot) => [oneshot.name, oneshot]))
  return (group, name) => {
    const process = processes.get(namespec(group, name))
    if (process !== undefined) return showProcess(process)
    const oneshot = byName.get(name)
    if (oneshot === undefined) return undefined
    const { up, down, timeout_up, timeout_down } = oneshot
    return { ...showProcess(up), up: up.argv ?? null, down: down?.argv ?? null, timeout_up, timeout_down }
  }
}

function showProcess(process: ProcessSettings): Readonly<Record<string, unknown>> {
  const { stdout, stderr, environment, argv, directory, user, umask, serverurl } = process
  const variables = Object.entries(environment).map(([key, value]): [string, unknown] => [`environment.${key}`, value])
  const logs = Object.entries({ stdout, stderr }).flatMap(([stream, settings]) =>
    Object.entries(settings).map(([key, value]: [string, unknown]): [string, unknown] => [
      `${stream}_${key}`,
      key === 'logfile' ? showLog(settings.logfile) : value,
    ]),
  )
  return {
    ...process,
    argv: argv ?? null,
    directory: directory ?? null,
    uid: user?.uid ?? null,
    umask: umask ?? null,
    serverurl: serverurl ?? null,
    ...Object.fromEntries(variables),
    ...Object.fromEntries(logs),
  }
}

function showLog(logfile: LogFile): string | null {
  if (logfile.kind === 'none') return null
  return logfile.kind === 'auto' ? 'AUTO' : logfile.path
}

function missing(subject: string, place: Place): Diagnostic {
  return { severity: 'error', message: `The TOML differs from its source: it has no ${subject}`, place, hint: HINT }
}

function differing(subject: string, key: string, before: unknown, after: unknown, place?: Place): Diagnostic {
  const message = `The TOML differs from its source: "${key}" of ${subject} is ${show(after)}, not ${show(before)}`
  return { severity: 'error', message, place, hint: HINT }
}

function show(value: unknown): string {
  return value === undefined || value === null ? 'absent' : JSON.stringify(value)
}
