// The proof for `--modernize`: after the plain conversion was proven, the changed TOML must differ from its source in what the
// report names and in nothing else. A program that became a oneshot is compared as the program that it was.

import type { Config, Group, Machine } from '../../config/config.ts'
import type { Document } from '../../config/document.ts'
import type { Graph } from '../../config/dependencies.ts'
import type { Diagnostic } from '../../config/diagnostic.ts'
import { type Difference, findDifferences } from '../../config/difference.ts'
import type { Change, Suggestion, TableId } from '../../converter/advice/advice.ts'
import { describeDifference, HINT, type Outcome, type Proof, readBack, resolveOn, variations } from './verify.ts'

/** What is compared, besides the parts of the plain proof. */
export interface ChangedProof extends Proof {
  /** The conversion with its changes, as it was meant to be written. */
  readonly changed: Document
  readonly advice: readonly Suggestion[]
}

/** An error for every difference that no advice which was followed names, or that is another one than was meant. */
export function verifyChanges(proof: ChangedProof, machine: Machine): readonly Diagnostic[] {
  const changes = proof.advice.filter(({ applied }) => applied).flatMap((one) => one.changes)
  const written = readBack(proof, machine)
  if ('diagnostics' in written) return written.diagnostics
  const found = variations(proof, machine).flatMap((variation): readonly Diagnostic[] => {
    const [before, meant, after] = [proof.document, proof.changed, written].map((one) => resolveOn(one, variation))
    if (isRefused(before) || isRefused(meant) || isRefused(after)) {
      if (before === after && meant === after) return []
      return [{ severity: 'error', message: 'After --modernize only one of TOML and source is refused', hint: HINT }]
    }
    const differences = findDifferences(leaveOut(before, changes), bringBack(before, after, changes))
    const unnamed = differences.filter((difference) => !isNamed(difference, changes))
    const all = unnamed.length > 0 ? unnamed : findDifferences(meant, after)
    return all.map((one) => describeDifference(one, proof.document))
  })
  return [...new Map(found.map((one) => [one.message, one])).values()]
}

function isRefused(outcome: Outcome | undefined): outcome is 'refused' | undefined {
  return outcome === undefined || outcome === 'refused'
}

function isNamed({ table, key }: Difference, changes: readonly Change[]): boolean {
  const [name = ''] = key.split('.')
  const field = name === 'argv' || name === 'commandError' ? 'command' : name
  return changes.some(({ table: { name: own }, set = {}, unset = [] }) => {
    return table?.name === own.trim() && table.kind === 'programs' && (field in set || unset.includes(field))
  })
}

/** Without the groups of tables that were taken out. */
function leaveOut(config: Config, changes: readonly Change[]): Config {
  const gone = namesOf(changes, (becomes) => becomes === null)
  return { ...config, groups: config.groups.filter(({ name }) => !gone.has(name)), graph: prune(config.graph, changes) }
}

/** With programs in the place of the oneshots that they became. */
function bringBack(before: Config, after: Config, changes: readonly Change[]): Config {
  const moved = namesOf(changes, (becomes) => becomes?.kind === 'oneshots')
  const back = after.oneshots
    .filter(({ name }) => moved.has(name))
    .map(({ name, up }): Group => {
      const old = before.groups.find((group) => group.name === name)
      const { shadowed = false, priority = up.priority } = old ?? {}
      return { name, priority, role: { kind: 'program' }, processes: [up], shadowed }
    })
  const order = before.groups.map(({ name }) => name)
  const byOrder = (a: Group, b: Group): number => order.indexOf(a.name) - order.indexOf(b.name)
  const groups = back.length === 0 ? after.groups : [...after.groups, ...back].sort(byOrder)
  const oneshots = after.oneshots.filter(({ name }) => !moved.has(name))
  return { ...after, groups, oneshots, graph: prune(after.graph, changes) }
}

/** The graph without what was taken out or became something else. */
function prune({ needs, names }: Graph, changes: readonly Change[]): Graph {
  const gone = namesOf(changes, (becomes) => becomes !== undefined)
  const units = new Set([...gone].flatMap((name) => names.get(name) ?? []))
  return {
    needs: new Map([...needs].filter(([unit]) => !units.has(unit))),
    names: new Map([...names].filter(([name]) => !gone.has(name) && !units.has(name))),
  }
}

function namesOf(changes: readonly Change[], isWanted: (becomes: TableId | null | undefined) => boolean): Set<string> {
  return new Set(changes.filter(({ becomes }) => isWanted(becomes)).map(({ table }) => table.name.trim()))
}
