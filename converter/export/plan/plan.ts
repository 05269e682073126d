// What is to be exported, in a form that all targets use: one unit for each process and oneshot, with a name that is
// unique among units and bundles, its dependencies as names of units, and the table that it comes from.

import { splitUnitId, unitId } from '../../../config/model/names.ts'
import type { GroupRole } from '../../../config/model/roles.ts'
import { withNeeds } from '../../../config/graph/graph.ts'
import { type Document, findEntry, type Table } from '../../../config/keys/document.ts'
import type { Config } from '../../../config/settings/config.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { strip } from '../../../config/values/values.ts'
import { collapse } from './collapse.ts'
import { commentsOf } from './comments.ts'
import { ordersByPriority } from './order.ts'
import type { Unit } from './unit.ts'

/** A name for several units: a bundle, a group, or a program with several processes. */
export interface Many {
  readonly name: string
  /** The table, if it has one of its own. */
  readonly table: Table | undefined
  readonly units: readonly string[]
}

/** All that is exported. */
export interface Plan {
  /** Name of the whole, for names of files and projects. */
  readonly name: string
  /** The files that the configuration was read from. */
  readonly sources: ReadonlySet<string>
  readonly document: Document
  readonly config: Config
  /** In start order. */
  readonly units: readonly Unit[]
  readonly bundles: readonly Many[]
}

const KINDS: Readonly<Record<GroupRole['kind'], Table['kind']>> = {
  program: 'programs',
  listener: 'event_listeners',
  fcgi: 'fcgi_programs',
}

/** So long a name still leaves room for endings in the name of a file. */
const LONGEST_NAME = 200

/** A name of characters that all targets accept in names of files. */
function plainFile(name: string): string {
  return name
    .replaceAll(/[^\w.@+-]/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, LONGEST_NAME)
}

/** A name of s6-overlay's own; users see it without this prefix. */
const OWN = /^s6rc-/

/** Makes the plan. Event listeners are left out: only supervisord has their protocol. */
export function makePlan(document: Document, config: Config, about: Pick<Plan, 'name' | 'sources'>): Plan {
  return new Planner(document, config).plan(about)
}

class Planner {
  readonly #document: Document
  readonly #config: Config
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()
  readonly #tables: ReadonlyMap<string, Table>
  /** The user of the daemon, as which programs without one run. */
  readonly #daemonUser: string | undefined

  constructor(document: Document, config: Config) {
    this.#document = document
    this.#config = config
    this.#tables = new Map(document.tables.map((table) => [`${table.kind} ${strip(table.name)}`, table]))
    const daemon = this.#tables.get('supervisor ')
    const user = daemon === undefined ? undefined : userOf(daemon)
    this.#daemonUser = user === 'root' || user === '0' ? undefined : user
  }

  plan(about: Pick<Plan, 'name' | 'sources'>): Plan {
    const { groups, oneshots, graph, supervisor } = this.#config
    const active = groups.filter(({ shadowed, role }) => !shadowed && role.kind !== 'listener')
    const processes = active.flatMap((group) => group.processes.map((settings) => ({ settings, role: group.role })))
    for (const { settings } of processes) this.#name(settings.group, settings.name)
    for (const oneshot of oneshots) this.#name(oneshot.name, oneshot.name)
    const booted = this.#bootedBy(supervisor.boot)
    const made = [
      ...processes.map(({ settings, role }) => this.#program(settings, role, booted)),
      ...oneshots.map((oneshot) => this.#oneshot(oneshot, booted)),
    ]
    const rank = new Map([...graph.needs.keys()].map((id, index) => [id, index]))
    const sorted = made.toSorted((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0))
    const after = ordersByPriority(sorted, groups)
    const units = collapse(sorted.map((unit) => ({ ...unit, after: after.get(unit.name) ?? [] })))
    return { ...about, document: this.#document, config: this.#config, units, bundles: this.#bundles(units) }
  }

  /** Gives a unit its name. The process web of the group web is web; a name that is taken gets its group in front. */
  #name(group: string, name: string): void {
    const own = name.replace(OWN, '')
    const wanted = [own, `${group}-${own}`].map((one) => plainFile(one))
    const usual = wanted.findLast((one) => one !== '') ?? 'unit'
    let unique = wanted.find((one) => one !== '' && !this.#taken.has(one)) ?? usual
    for (let index = 2; this.#taken.has(unique); index += 1) unique = `${usual}-${index}`
    this.#taken.add(unique)
    this.#names.set(unitId(group, name), unique)
  }

  #bootedBy(boot: readonly string[] | undefined): (id: string, autostart: boolean) => boolean {
    if (boot === undefined) return (_, autostart) => autostart
    const { graph } = this.#config
    const wanted = new Set(
      withNeeds(
        graph,
        boot.flatMap((name) => graph.names.get(name) ?? []),
      ),
    )
    return (id) => wanted.has(id)
  }

  #program(settings: ProcessSettings, role: GroupRole, boots: (id: string, autostart: boolean) => boolean): Unit {
    const { group, name, program, timeout_up, timeout_down, autostart } = settings
    const id = unitId(group, name)
    return {
      ...this.#common(id, settings, this.#table(program, KINDS[role.kind])),
      kind: 'program',
      role,
      down: undefined,
      timeoutUp: timeout_up,
      timeoutDown: timeout_down,
      boots: boots(id, autostart),
    }
  }

  #oneshot(oneshot: Config['oneshots'][number], boots: (id: string, autostart: boolean) => boolean): Unit {
    const { name, up, down, timeout_up, timeout_down } = oneshot
    const id = unitId(name, name)
    return {
      ...this.#common(id, up, this.#table(name, 'oneshots')),
      kind: 'oneshot',
      role: { kind: 'program' },
      down: down === undefined ? undefined : this.#withoutDefaults(down),
      timeoutUp: timeout_up,
      timeoutDown: timeout_down,
      boots: boots(id, up.autostart),
    }
  }

  #common(
    id: string,
    given: ProcessSettings,
    table: Table,
  ): Pick<Unit, 'name' | 'id' | 'table' | 'settings' | 'user' | 'needs' | 'after' | 'comments'> {
    const needs = (this.#config.graph.needs.get(id) ?? []).flatMap(({ unit, reached }) => {
      const name = this.#names.get(unit)
      return name === undefined ? [] : [{ name, reached }]
    })
    const name = this.#names.get(id) ?? splitUnitId(id).name
    const settings = this.#withoutDefaults(given)
    return {
      name,
      id,
      table,
      settings,
      user: userOf(table) ?? this.#daemonUser,
      needs,
      after: [],
      comments: commentsOf(table),
    }
  }

  /** s6-overlay gives its programs a PATH of its own, which the source does not say. */
  #withoutDefaults(settings: ProcessSettings): ProcessSettings {
    const { environment_directory: place, environment: usual } = this.#config.supervisor
    if (place === undefined) return settings
    const own = Object.entries(settings.environment).filter(([name, value]) => usual[name] !== value)
    return { ...settings, environment: Object.fromEntries(own) }
  }

  #table(name: string, kind: Table['kind']): Table {
    const found = this.#tables.get(`${kind} ${name}`)
    if (found === undefined) throw new Error(`there is no table [${kind}.${name}]`)
    return found
  }

  /** Bundles, groups, and programs with several processes. A name that a unit has already is left out. */
  #bundles(units: readonly Unit[]): readonly Many[] {
    const { graph, groups } = this.#config
    const left = new Set(units.map((unit) => unit.name))
    const named = (ids: readonly string[]): readonly string[] =>
      ids.flatMap((id) => this.#names.get(id) ?? []).filter((name) => left.has(name))
    const bundles = this.#document.tables
      .filter(({ kind }) => kind === 'bundles')
      .map((table) => ({ name: strip(table.name), table, units: named(graph.names.get(strip(table.name)) ?? []) }))
    const many = groups
      .filter(({ shadowed }) => !shadowed)
      .map(({ name, processes }) => ({
        name,
        table: this.#tables.get(`groups ${name}`),
        units: named(processes.map((process) => unitId(process.group, process.name))),
      }))
    const found = [...bundles, ...many].map((one) => ({ ...one, name: plainFile(one.name) }))
    const seen = new Set(this.#taken)
    return found.filter(({ name, units }) => units.length > 0 && name !== '' && !seen.has(name) && seen.add(name))
  }
}

/** The user as it is written, with its variables; a doubled `%` or `$` is one. */
function userOf(table: Table): string | undefined {
  const value = findEntry(table, 'user')?.value
  return value === undefined ? undefined : String(value).replaceAll(/%%|\$\$/g, (pair) => pair.charAt(0))
}
