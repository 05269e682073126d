// Reads a Compose file: a program or oneshot for each service. Only what runs inside the containers is taken over: commands,
// environment, users, health checks and dependencies. Source: Compose specification, 05-services.

import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Comment, Document, Entry, Table } from '../../config/keys/document.ts'
import { ConfigError, type Diagnostic, type Place } from '../../config/model/diagnostic.ts'
import type { Value } from '../../config/model/value.ts'
import { splitCommand } from '../../config/values/command.ts'
import { isRecord, list, type Service } from './service.ts'
import { dependenciesOf, type Dependency, settingsOf } from './settings.ts'

/** The YAML package compares each key of a table with all others, so a larger file could take seconds. */
const MOST_BYTES = 256 * 1024

/** A configuration made of a Compose file, and notes about what it lacks. */
export interface Composed {
  readonly document: Document
  readonly diagnostics: readonly Diagnostic[]
}

/** The configuration for a Compose file. Throws ConfigError with all mistakes. */
export function readCompose(text: string, file: string): Composed {
  const services = parseServices(text, file)
  const names = new Set(services.map(({ name }) => name))
  const needs = new Map(services.map((service) => [service.name, dependenciesOf(service, names)]))
  const wanted = (state: Dependency['state']): ReadonlySet<string> =>
    new Set([...needs.values()].flatMap((all) => all.filter((one) => one.state === state).map(({ name }) => name)))
  const [once, awaited] = [wanted('completed'), wanted('ready')]
  const [isOnce, isAwaited] = [(name: string) => once.has(name), (name: string) => awaited.has(name)]
  const [known, unknown] = [services.filter(hasCommand), services.filter((service) => !hasCommand(service))]
  const present = new Set(known.map(({ name }) => name))
  const tables = known.map((service): Table => {
    const { name, place } = service
    const kind = isOnce(name) ? 'oneshots' : 'programs'
    const needed = (needs.get(name) ?? []).filter((one) => present.has(one.name))
    const depends = Object.fromEntries(needed.map((one) => [one.name, one.state]))
    const isPlain = needed.every(({ name: other, state }) => state === usualState(isOnce(other), isAwaited(other)))
    const { values, left } = settingsOf(service, { isOnce: isOnce(name), isAwaited: isAwaited(name) })
    const entries = entriesOf(
      { ...values, ...(needed.length > 0 && { depends_on: isPlain ? Object.keys(depends) : depends }) },
      place,
    )
    const comments = left.length === 0 ? [] : [comment(`not taken over: ${left.join(', ')}`, place)]
    return { kind, name, place, entries, comments }
  })
  const footer = unknown.flatMap(({ name, place, values }, index): readonly Comment[] => [
    ...(index === 0 ? [] : [{ text: null, place }]),
    comment(`[programs.${name}]`, place),
    comment(`command = "…" # the command of the image ${imageOf(values)}`, place),
  ])
  return { document: { file, here: '.', tables, footer }, diagnostics: unknown.map(lacksCommand) }
}

/** The state that a plain name in depends_on asks for. */
function usualState(isOnce: boolean, isAwaited: boolean): string {
  if (isOnce) return 'completed'
  return isAwaited ? 'ready' : 'started'
}

function lacksCommand({ name, place, values }: Service): Diagnostic {
  return {
    severity: 'warning',
    message: oneLine(`"${name}" is left out: its command is in the image ${imageOf(values)}, not in this file`),
    place,
    hint: oneLine(`write [programs.${name}] with its command, and add it to depends_on of those that need it`),
  }
}

function imageOf(values: Service['values']): string {
  return typeof values['image'] === 'string' ? values['image'] : 'that is built'
}

function hasCommand({ values }: Service): boolean {
  return [...list(values['command']), ...list(values['entrypoint'])].length > 0
}

function comment(text: string, place: Place): Comment {
  return { text: oneLine(text), place }
}

/** Names and images of a Compose file may contain line ends and codes of terminals. */
function oneLine(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ')
}

function entriesOf(values: Readonly<Record<string, Value | undefined>>, place: Place): readonly Entry[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value, place }]))
}

/** The services with their places. Throws ConfigError. */
function parseServices(text: string, file: string): readonly Service[] {
  if (text.length > MOST_BYTES) throw mistake('The file is larger than 256 KB', { file, line: 1, column: 1 })
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, merge: true })
  const at = (offset = 0): Place => {
    const { line, col } = counter.linePos(offset)
    return { file, line, column: col }
  }
  if (document.errors.length > 0)
    throw new ConfigError(
      document.errors.map((error): Diagnostic => ({
        severity: 'error',
        message: oneLine(firstLine(error.message)),
        place: at(error.pos[0]),
      })),
    )
  const content: unknown = document.toJS({ maxAliasCount: 100 })
  const services = isRecord(content) ? content['services'] : undefined
  if (!isRecord(services) || Object.keys(services).length === 0)
    throw mistake('The file has no "services"', at(), 'a Compose file has a table services: with a name for each')
  const places = placesOf(document.get('services'))
  const found: Diagnostic[] = []
  const read = Object.entries(services).flatMap(([name, values]): readonly Service[] => {
    const place = at(places.get(name))
    for (const key of ['command', 'entrypoint']) {
      const split = isRecord(values) && typeof values[key] === 'string' ? splitCommand(values[key]) : undefined
      if (split !== undefined && 'error' in split)
        found.push({ severity: 'error', message: oneLine(`"${key}" of the service "${name}": ${split.error}`), place })
    }
    if (isRecord(values)) return [{ name, values, place }]
    found.push({ severity: 'error', message: oneLine(`The service "${name}" is not a table`), place })
    return []
  })
  if (found.length > 0) throw new ConfigError(found)
  return read
}

/** Where the values of a table begin. */
function placesOf(table: unknown): ReadonlyMap<string, number> {
  const pairs = isMap(table) ? table.items : []
  return new Map(
    pairs.map(({ key, value }) => [
      String(isScalar(key) ? key.value : key),
      (isNode(value) ? value.range?.[0] : undefined) ?? 0,
    ]),
  )
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
}

function mistake(message: string, place: Place, hint?: string): ConfigError {
  return new ConfigError([{ severity: 'error', message, place, ...(hint === undefined ? {} : { hint }) }])
}
