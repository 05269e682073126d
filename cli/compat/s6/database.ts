// The running graph as s6-rc's compiled database shows it: services have numbers, by which all output is sorted. First come
// s6-rc's own two, which many scripts have seen in every list, then longruns and oneshots, each by name.
// Source: s6-rc 0.5.4.1, s6-rc-compile.

import { compareText } from '../../../config/compare.ts'
import type { GraphObject, GraphUnit } from '../../../runtime/control/graph.ts'
import type { Client } from '../../ctl/client.ts'

/** A service of the database. */
export interface Service {
  readonly name: string
  readonly type: 'longrun' | 'oneshot'
  /** Names, s6-rc's own among them. */
  readonly dependencies: readonly string[]
  /** The longrun that reads its output. */
  readonly consumer: string | null
  readonly essential: boolean
  readonly hasReadiness: boolean
  /** Milliseconds; 0 = for ever. */
  readonly timeouts: { readonly up: number; readonly down: number }
  readonly isActive: boolean
  readonly isUp: boolean
  readonly scripts: { readonly up: readonly string[]; readonly down: readonly string[] }
  /** It stands for a service of s6-rc that kahi does without. */
  readonly isInternal: boolean
}

/** The whole database. */
export interface Database {
  /** By number. */
  readonly services: readonly Service[]
  /** In the order of their definition. */
  readonly bundles: ReadonlyMap<string, readonly string[]>
}

const RUNNER = 's6rc-oneshot-runner'

/** Asks the daemon. */
export async function readDatabase(client: Client): Promise<Database> {
  const { services, bundles } = await client.get<GraphObject>('/api/v1/graph')
  const known = services.map(toService).toSorted((a, b) => compareText(a.type, b.type) || compareText(a.name, b.name))
  const hasOneshots = known.some(({ type, isActive }) => type === 'oneshot' && isActive)
  const sorted = bundles.toSorted((a, b) => compareText(a.name, b.name))
  return {
    services: [internal(RUNNER, hasOneshots), internal('s6rc-fdholder', false), ...known],
    bundles: new Map(sorted.map(({ name, contents }) => [name, contents])),
  }
}

function toService(unit: GraphUnit): Service {
  const isOneshot = unit.kind === 'oneshot'
  return {
    name: unit.name,
    type: isOneshot ? 'oneshot' : 'longrun',
    dependencies: isOneshot ? [...unit.needs, RUNNER] : unit.needs,
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

/** The services that a name stands for; undefined when nothing has it. */
export function resolveName({ services, bundles }: Database, name: string): readonly string[] | undefined {
  return services.some((service) => service.name === name) ? [name] : bundles.get(name)
}

/** Direct dependencies, or (`reverse`) those that have it as one. */
export function neighbours({ services }: Database, name: string, reverse: boolean): readonly string[] {
  if (!reverse) return services.find((service) => service.name === name)?.dependencies ?? []
  return services.filter(({ dependencies }) => dependencies.includes(name)).map((service) => service.name)
}

/** The names with all that they reach. */
export function closure(database: Database, names: Iterable<string>, reverse: boolean): ReadonlySet<string> {
  const reached = new Set(names)
  for (const name of reached) for (const next of neighbours(database, name, reverse)) reached.add(next)
  return reached
}
