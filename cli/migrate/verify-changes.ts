// The proof for `--modernize`. When the plain conversion was proven, the changed TOML must differ from its source only
// in what the report names. A program that became a oneshot is compared as a program.

import type { Machine } from '../../config/model/machine.ts'
import type { Config, Group } from '../../config/settings/config.ts'
import { type Difference, findDifferences } from '../../config/settings/difference.ts'
import type { Document } from '../../config/keys/document.ts'
import type { Graph } from '../../config/model/dependencies.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Change, Suggestion, TableId } from '../../converter/advice/advice.ts'
import { describeDifference, HINT, type Outcome, type Proof, readBack, resolveOn, variations } from './verify.ts'

/** What is compared, in addition to the plain proof. */
export interface ChangedProof extends Proof {
  /** The document with the changes, as it was to be written. */
  readonly changed: Document
  readonly advice: readonly Suggestion[]
}

/** An error for every difference that no followed advice names, or that is not the intended one. */
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

/** Without the groups of removed tables. */
function leaveOut(config: Config, changes: readonly Change[]): Config {
  const gone = namesOf(changes, (becomes) => becomes === null)
  return { ...config, groups: config.groups.filter(({ name }) => !gone.has(name)), graph: prune(config.graph, changes) }
}

/** With the oneshots as the programs that they were. */
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

/** The graph without units that were removed or became something else. */
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
