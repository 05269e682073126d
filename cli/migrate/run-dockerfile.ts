// Shows the changes of a Dockerfile: the diff on standard output, what was found on standard error.

import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { type Arguments, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { printDiagnostics, printError } from '../print.ts'
import { buildCommand, type Dockerfile, readDockerfile, writeDockerfile } from './dockerfile.ts'
import { isConvertible } from './dockerfile-inputs.ts'
import { count } from './summary.ts'

/** Runs `kahi migrate DOCKERFILE`. Gives the exit code. Throws ConfigError and WriteError. */
export async function runDockerfile(file: string, args: Arguments): Promise<number> {
  const found = await readDockerfile(file, args)
  const isDry = flagOf(args, 'dry-run')
  const output = textOf(args, 'output')
  const written = output === undefined || isDry ? [] : writeDockerfile(found, output, flagOf(args, 'force'))
  if (output === undefined && !isDry) process.stdout.write(found.diff)
  if (textOf(args, 'report') === 'json') printError(JSON.stringify(dockerfileReport(found, written), null, 2))
  else printReport(found, written)
  const isLossy = found.inputs.some((input) => !isConvertible(input))
  return isLossy && (found.request.way === 'converted' || flagOf(args, 'strict')) ? EXIT.no : EXIT.ok
}

/** The report as plain data; `written` are the paths of written files. */
export function dockerfileReport(found: Dockerfile, written: readonly string[]): Readonly<Record<string, unknown>> {
  const { file, daemon, request, plan, inputs, needs } = found
  return {
    valid: true,
    dockerfile: file,
    daemon,
    as: request.way,
    output: written,
    changes: plan.changes,
    diff: found.diff,
    needs,
    inputs,
    diagnostics: plan.diagnostics,
  }
}

function printReport(found: Dockerfile, written: readonly string[]): void {
  const { plan, inputs, daemon, request, needs } = found
  printDiagnostics(plan.diagnostics)
  for (const { path, source, contents, diagnostics } of inputs) {
    printDiagnostics(diagnostics.filter(({ severity }: Diagnostic) => severity === 'error'))
    const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length
    const more = warnings === 0 ? '' : `, ${count(warnings, 'warning')}: kahi migrate ${source ?? path} shows them`
    printError(`${source ?? 'a heredoc'} becomes ${path}: ${contents ?? 'it cannot be converted'}${more}`)
  }
  const other = request.way === 'drop-in' ? 'converted' : 'drop-in'
  printError(
    `${request.way} for ${daemon}: ${count(plan.changes.length, 'change')} in ${count(plan.files.length, 'file')}; --as ${other} shows the other way`,
  )
  if (written.length > 0) printError(`wrote ${written.join(', ')}`)
  if (needs.length > 0)
    printError(`the build context ${request.context} needs ${needs.join(' and ')}, from the release of kahi`)
  printError(`next: ${buildCommand(found, written[0])}`)
}
