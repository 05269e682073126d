// The running services in the form of s6-rc's compiled database: services have numbers, and all output is sorted by
// them. The two internal services of s6-rc come first, because many scripts have seen them in every list; then longruns
// and oneshots, each by name. Source: s6-rc 0.5.4.1, s6-rc-compile.

import { OWN_PREFIX } from '../../../config/model/names.ts'
import { compareText } from '../../../config/model/compare.ts'
import type { GraphObject } from '../../../runtime/control/operations/shapes/graph.ts'
import type { Client } from '../../ctl/client.ts'

/** A service of the database. */
export interface Service {
  readonly name: string
  readonly type: 'longrun' | 'oneshot'
  /** Names, including s6-rc's internal ones. */
  readonly dependencies: readonly string[]
  /** The longrun that reads its output. */
  readonly consumer: string | null
  readonly essential: boolean
  readonly hasReadiness: boolean
  /** Milliseconds; 0 = no limit. */
  readonly timeouts: { readonly up: number; readonly down: number }
  readonly isActive: boolean
  readonly isUp: boolean
  readonly scripts: { readonly up: readonly string[]; readonly down: readonly string[] }
  /** It is an internal service of s6-rc that kahi does not need. */
  readonly isInternal: boolean
}

/** The whole database. */
export interface Database {
  /** In the order of their numbers. */
  readonly services: readonly Service[]
  /** In the order of their definition. */
  readonly bundles: ReadonlyMap<string, readonly string[]>
}

const RUNNER = 's6rc-oneshot-runner'

/** Reads it from the daemon. */
export async function readDatabase(client: Client): Promise<Database> {
  const { services, bundles } = await client.call('GET /api/v1/graph')
  const own = services.filter(isOfTree)
  const known = own.map(toService).toSorted((a, b) => compareText(a.type, b.type) || compareText(a.name, b.name))
  const hasOneshots = known.some(({ type, isActive }) => type === 'oneshot' && isActive)
  const sorted = bundles.toSorted((a, b) => compareText(a.name, b.name))
  return {
    services: [internal(RUNNER, hasOneshots), internal('s6rc-fdholder', false), ...known],
    bundles: new Map(sorted.map(({ name, contents }) => [name, contents])),
  }
}

type GraphUnit = GraphObject['services'][number]

/** Services that kahi adds to an image, and services of the scan directory, are left out: s6-rc knows neither. */
function isOfTree({ name, is_dynamic: isDynamic }: GraphUnit): boolean {
  return !name.startsWith(OWN_PREFIX) && !isDynamic
}

function toService(unit: GraphUnit): Service {
  const isOneshot = unit.kind === 'oneshot'
  const needs = unit.needs.filter((name) => !name.startsWith(OWN_PREFIX))
  return {
    name: unit.name,
    type: isOneshot ? 'oneshot' : 'longrun',
    dependencies: isOneshot ? [...needs, RUNNER] : needs,
    consumer: unit.log_to,
    essential: unit.essential,
    hasReadiness: unit.has_readiness,
    timeouts: { up: unit.timeout_up * 1000, down: unit.timeout_down * 1000 },
    isActive: unit.is_wanted,
    isUp: unit.is_up,
    scripts: { up: unit.up ?? [], down: unit.down ?? [] },
    isInternal: false,
  }
}

function internal(name: string, isActive: boolean): Service {
  return {
    name,
    type: 'longrun',
    dependencies: [],
    consumer: null,
    essential: true,
    hasReadiness: true,
    timeouts: { up: 0, down: 0 },
    isActive,
    isUp: isActive,
    scripts: { up: [], down: [] },
    isInternal: true,
  }
}

/** The services that a name means; undefined for an unknown name. */
export function resolveName({ services, bundles }: Database, name: string): readonly string[] | undefined {
  return services.some((service) => service.name === name) ? [name] : bundles.get(name)
}

/** Direct dependencies, or with `reverse` direct dependents. */
export function neighbours({ services }: Database, name: string, reverse: boolean): readonly string[] {
  if (!reverse) return services.find((service) => service.name === name)?.dependencies ?? []
  return services.filter(({ dependencies }) => dependencies.includes(name)).map((service) => service.name)
}

/** The names with everything that they reach. */
export function closure(database: Database, names: Iterable<string>, reverse: boolean): ReadonlySet<string> {
  const reached = new Set(names)
  for (const name of reached) for (const next of neighbours(database, name, reverse)) reached.add(next)
  return reached
}
