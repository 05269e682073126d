// The checks of s6-rc-compile after all definitions were read: unknown names, sides of a pipeline that do not agree,
// circular dependencies. Each finding is reported with its line or file. Source: s6-rc 0.7, s6-rc-compile
// resolve_bundles, resolve_services, check.

import { type Diagnostic, formatPlace, type Place } from '../../config/model/diagnostic.ts'
import { shortestCycle } from '../../config/graph/graph.ts'
import { nearest } from '../../config/values/nearest.ts'
import type { Definition, Name } from './definition.ts'
import { bundleMembers, findPipelines } from './pipelines.ts'

/** Checks definitions that share one set of names; `broken` are names of definitions that could not be read. */
export function checkTree(definitions: readonly Definition[], broken: readonly string[]): readonly Diagnostic[] {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]))
  const pipes = findPipelines(definitions)
  const known = new Set([...byName.keys(), ...broken, ...pipes.map(({ name }) => name.name)])
  const unknown = definitions.flatMap((definition) =>
    namesOf(definition).flatMap(([file, name]) =>
      known.has(name.name) ? [] : [unknownName(definition, file, name, known)],
    ),
  )
  const pipelines = definitions.flatMap((definition) => checkPipeline(definition, byName))
  const taken = pipes.filter(
    ({ name }, index) => byName.has(name.name) || pipes.findIndex((one) => one.name.name === name.name) < index,
  )
  const doubles = taken.map(({ name: { name, place } }): Diagnostic => ({
    severity: 'error',
    message: `The pipeline name "${name}" is taken`,
    place,
  }))
  return [...unknown, ...doubles, ...pipelines, ...checkBundleCycle(definitions), ...checkServiceCycle(definitions)]
}

function namesOf({
  dependencies,
  contents,
  producerFor,
  consumerFor,
}: Definition): readonly (readonly [string, Name])[] {
  const rows: readonly (readonly [string, readonly Name[]])[] = [
    ['dependencies', dependencies],
    ['contents', contents],
    ['producer-for', producerFor === undefined ? [] : [producerFor]],
    ['consumer-for', consumerFor],
  ]
  return rows.flatMap(([file, names]) => names.map((name) => [file, name] as const))
}

function unknownName(
  definition: Definition,
  file: string,
  { name, place }: Name,
  known: ReadonlySet<string>,
): Diagnostic {
  const message = `"${file}" of ${definition.name} names the unknown ${JSON.stringify(name)}`
  return { severity: 'error', message, place, hint: remedyOf(name, known) }
}

function remedyOf(name: string, known: ReadonlySet<string>): string {
  if (/\r$/.test(name)) return 'the file has Windows line ends (CRLF): they are part of the name'
  if (/[ \t]$/.test(name)) return 'blanks at the end of a line are part of the name: remove them'
  const close = nearest(name, [...known])
  if (close !== undefined) return `did you mean "${close}"?`
  return 'if it comes from the base image, name the tree of that with --base'
}

/** Both sides must be longruns and name each other. */
function checkPipeline(definition: Definition, byName: ReadonlyMap<string, Definition>): readonly Diagnostic[] {
  const { name, producerFor, consumerFor } = definition
  const check = (other: Name, role: string, back: (one: Definition) => readonly (Name | undefined)[]): Diagnostic[] => {
    const found = byName.get(other.name)
    if (found === undefined) return []
    const start = `${name} is a ${role} ${other.name}`
    const error = (rest: string, hint: string): Diagnostic[] => [
      { severity: 'error', message: `${start}, which ${rest}`, place: other.place, hint },
    ]
    if (found.type !== 'longrun') return error(`is a ${found.type}`, 'only longruns have a pipe between them')
    if (back(found).some((one) => one?.name === name)) return []
    const file = role === 'producer for' ? 'consumer-for' : 'producer-for'
    return error('does not say so', `write ${name} into ${found.directory}/${file}`)
  }
  return [
    ...(producerFor === undefined ? [] : check(producerFor, 'producer for', (one) => one.consumerFor)),
    ...consumerFor.flatMap((other) => check(other, 'consumer for', (one) => [one.producerFor])),
  ]
}

function checkBundleCycle(definitions: readonly Definition[]): readonly Diagnostic[] {
  const bundles = definitions.filter(({ type }) => type === 'bundle')
  const edges = bundles.map(({ name, contents }) => [name, contents] as const)
  return tellCycle(new Map(edges), 'contains')
}

/**
 * Reports circular dependencies. A dependency on a bundle is one on all its contents; a producer depends on its
 * consumer.
 */
function checkServiceCycle(definitions: readonly Definition[]): readonly Diagnostic[] {
  const members = bundleMembers(definitions)
  const services = definitions.filter(({ type }) => type !== 'bundle')
  const edges = services.map(({ name, dependencies, producerFor }) => {
    const needed = producerFor === undefined ? dependencies : [...dependencies, producerFor]
    const resolved = needed.flatMap(({ name: other, place }) =>
      (members.get(other) ?? [other]).map((one) => ({ name: one, place })),
    )
    return [name, resolved] as const
  })
  return tellCycle(new Map(edges), 'needs')
}

function tellCycle(edges: ReadonlyMap<string, readonly Name[]>, verb: string): readonly Diagnostic[] {
  const needs = new Map(
    [...edges].map(([name, others]) => [
      name,
      others
        .filter((other) => edges.has(other.name))
        .map((other) => ({ unit: other.name, reached: 'ordered' as const })),
    ]),
  )
  const cycle = shortestCycle({ needs, names: new Map() })
  if (cycle === undefined) return []
  const steps = cycle.map((name, index) => {
    const next = cycle[(index + 1) % cycle.length] ?? name
    const place: Place | undefined = edges.get(name)?.find((other) => other.name === next)?.place
    return { place, text: `${place === undefined ? '' : `${formatPlace(place)}: `}${name} ${verb} ${next}` }
  })
  const message = `Circular dependency: ${[...cycle, cycle[0]].join(' → ')}`
  return [{ severity: 'error', message, place: steps[0]?.place, hint: steps.map(({ text }) => text).join('; ') }]
}
