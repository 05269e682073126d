// Shows the conversion of a directory: progress on a terminal, a line for each file, the counts.

import type { Machine } from '../../config/model/machine.ts'
import { EXIT } from '../exit-codes.ts'
import { colourFor, print, printDiagnostics, printError, showProgress } from '../print.ts'
import { migrateReport } from './report.ts'
import { count, countFates, hasDrops } from './summary.ts'
import { convertTree, type Outcome, type TreeOptions } from './tree.ts'

/**
 * Converts the directory and reports. Gives exit code 1 when a file could not be converted, or lost a line with
 * isStrict. Throws ConfigError when there is nothing to convert.
 */
export function runTree(
  directory: string,
  machine: Machine,
  options: Omit<TreeOptions, 'progress'>,
  json: boolean,
): number {
  const progress = (number: number, total: number, path: string): void => showProgress(`${number}/${total} ${path}`)
  const outcomes = convertTree(directory, machine, { ...options, progress })
  showProgress('')
  const failed = outcomes.filter(({ kind }) => kind === 'failed').length
  if (json) printError(JSON.stringify({ valid: failed === 0, files: outcomes.map(toJson) }, null, 2))
  else for (const outcome of outcomes) printOutcome(outcome, options.isDry)
  if (!json) printError(summarise(outcomes, failed))
  const isLossy = outcomes.some((one) => one.kind === 'converted' && hasDrops(one.migrated.conversion))
  return failed > 0 || (options.isStrict && isLossy) ? EXIT.no : EXIT.ok
}

function printOutcome(outcome: Outcome, isDry: boolean): void {
  const { format } = outcome
  const path = format === undefined ? outcome.path : `${outcome.path} (${format})`
  const colour = colourFor(process.stdout)
  if (outcome.kind === 'included') return print(`${path}: ${colour.blue('included')} by ${outcome.by}`)
  if (outcome.kind === 'converted') {
    const warnings = outcome.migrated.diagnostics.filter(({ severity }) => severity === 'warning').length
    const told = warnings === 0 ? '' : colour.yellow(`, ${count(warnings, 'warning')}`)
    return print(`${path}: ${colour.green(isDry ? 'can be converted' : 'converted')} to ${outcome.target}${told}`)
  }
  print(`${path}: ${colour.red('failed')}`)
  printDiagnostics(outcome.diagnostics)
}

function summarise(outcomes: readonly Outcome[], failed: number): string {
  const converted = outcomes.flatMap((outcome) => (outcome.kind === 'converted' ? [outcome.migrated] : []))
  const included = outcomes.length - converted.length - failed
  const fates = countFates(converted.flatMap(({ conversion }) => conversion.ledger))
  const trees = outcomes.filter(({ format }) => format !== undefined).length
  const files = count(outcomes.length - trees, 'file')
  const all = trees === 0 ? files : `${files} and ${count(trees, 'tree')}`
  return `${all}: ${converted.length} converted, ${included} included by others, ${failed} failed; ${fates}`
}

function toJson(outcome: Outcome): Readonly<Record<string, unknown>> {
  if (outcome.kind !== 'converted') return { ...outcome }
  const { path, kind, target, migrated } = outcome
  return { path, kind, ...migrateReport(migrated, target) }
}
