// Shows the conversion of a directory: progress on a terminal, a line for each file, the counts.

import { resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { type Arguments, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { colourFor, print, printDiagnostics, printError, showProgress } from '../print.ts'
import type { DockerfileOutcome, DockerfileTree } from './dockerfile-tree.ts'
import { findDockerfiles } from './find-dockerfile.ts'
import { migrateReport } from './report.ts'
import { count, countFates, hasDrops } from './summary.ts'
import { convertTree, type Outcome, type TreeOptions } from './tree.ts'

/**
 * Converts the directory and reports. Gives exit code 1 when a file could not be converted, or lost a line with
 * isStrict. Throws ConfigError when there is nothing to convert.
 */
export async function runTree(
  directory: string,
  machine: Machine,
  options: Omit<TreeOptions, 'progress' | 'others'>,
  args: Arguments,
): Promise<number> {
  const dockerfiles = await dockerfilesIn(directory, args, options)
  const progress = (number: number, total: number, path: string): void => showProgress(`${number}/${total} ${path}`)
  const outcomes = convertTree(directory, machine, { ...options, others: dockerfiles.length, progress })
  showProgress('')
  const failed = outcomes.filter(({ kind }) => kind === 'failed').length
  const isWhole = failed === 0 && dockerfiles.every(({ kind }) => kind === 'changed')
  if (textOf(args, 'report') === 'json') {
    const files = { files: outcomes.map(toJson), dockerfiles: dockerfiles.map(dockerfileToJson) }
    printError(JSON.stringify({ valid: isWhole, ...files }, null, 2))
  } else {
    for (const outcome of outcomes) printOutcome(outcome, options.isDry)
    for (const outcome of dockerfiles) printDockerfile(outcome, options.isDry)
    printError(summarise(outcomes, failed))
  }
  const isLossy = outcomes.some((one) => one.kind === 'converted' && hasDrops(one.migrated.conversion))
  return !isWhole || (options.isStrict && isLossy) ? EXIT.no : EXIT.ok
}

/** Most directories have none, so the code for them is loaded when there is one. */
async function dockerfilesIn(
  directory: string,
  args: Arguments,
  options: DockerfileTree,
): Promise<readonly DockerfileOutcome[]> {
  const files = findDockerfiles(directory, resolvePath(options.out))
  if (files.length === 0) return []
  const { changeDockerfiles } = await import('./dockerfile-tree.ts')
  return changeDockerfiles(directory, files, args, options)
}

function printDockerfile(outcome: DockerfileOutcome, isDry: boolean): void {
  const colour = colourFor(process.stdout)
  if (outcome.kind === 'failed') {
    print(`${outcome.path}: ${colour.red('failed')}`)
    return printDiagnostics(outcome.diagnostics)
  }
  const { found, target, path } = outcome
  const done = isDry ? 'can be changed' : 'changed'
  print(`${path}: ${colour.green(done)} (${found.request.way} for ${found.daemon}) to ${target}`)
  printDiagnostics(found.plan.diagnostics)
}

function dockerfileToJson(outcome: DockerfileOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === 'failed') return { ...outcome }
  const { path, kind, found, target } = outcome
  const { daemon, request, plan, diff, needs, inputs } = found
  return {
    path,
    kind,
    daemon,
    as: request.way,
    output: [target],
    changes: plan.changes,
    diff,
    needs,
    inputs,
    diagnostics: plan.diagnostics,
  }
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
