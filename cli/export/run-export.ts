// `kahi export TARGET FILE -o DIR`: writes FILE in another format, proves what can be read back, and reports what was
// lost.

import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { type Exported, exportSource, proveFiles, readingFor } from '../../converter/export/make.ts'
import type { OutputFile, TargetRow } from '../../converter/export/plan/target.ts'
import { identify } from '../../converter/identify.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { permissionsOf } from '../migrate/convert-one.ts'
import { count } from '../migrate/summary.ts'
import { print, printDiagnostics, printError } from '../print.ts'
import { WriteError } from '../write-file.ts'
import { writeFiles } from './write-files.ts'

/** Runs the command. Throws ConfigError and WriteError. */
export async function runExport(row: TargetRow, args: Arguments): Promise<number> {
  const made = await make(row, args)
  const { diagnostics, files } = made
  const losses = diagnostics.filter(({ severity }) => severity === 'warning').length
  const output = textOf(args, 'output')
  const isJson = flagOf(args, 'json')
  if (!isJson) printDiagnostics(diagnostics)
  if (flagOf(args, 'strict') && losses > 0) {
    if (isJson) printReport(row, made, undefined)
    printError(`nothing was written: ${count(losses, 'warning')}`)
    return EXIT.no
  }
  if (output !== undefined) await write(output, made, args)
  else if (!isJson) printFiles(files)
  if (isJson) printReport(row, made, output)
  else if (output !== undefined) printError(summaryOf(made, output, losses, args))
  return EXIT.ok
}

function make(row: TargetRow, args: Arguments): Promise<Exported> {
  const options = { ...readingFor(row), 'env-file': textOf(args, 'env-file') }
  const source = identify(textOf(args, 'file') ?? '', { format: textOf(args, 'format'), options })
  const given = Object.keys(row.options).map((name) => {
    const value = args[name]
    return [name, typeof value === 'number' ? String(value) : value] as const
  })
  return exportSource(source, thisMachine(), row, {
    name: textOf(args, 'name') ?? 'app',
    modernize: flagOf(args, 'modernize'),
    given: Object.fromEntries(given),
  })
}

async function write(output: string, made: Exported, args: Arguments): Promise<void> {
  const check = async (directory: string): Promise<void> => {
    const differences = args.verify === false ? [] : await proveFiles(directory, made)
    if (differences.length > 0) throw new ConfigError(differences)
  }
  const permissions = permissionsOf(made.sources)
  await writeFiles(output, made.files, { force: flagOf(args, 'force'), permissions, check })
}

/** A single file goes to standard output; several need a directory. */
function printFiles(files: readonly OutputFile[]): void {
  const [only, ...others] = files
  if (only === undefined || others.length > 0)
    throw new WriteError(`The result is ${count(files.length, 'file')}`, 'name their directory: -o DIR')
  process.stdout.write(only.text)
}

function summaryOf({ files, target }: Exported, output: string, losses: number, args: Arguments): string {
  const proof = args.verify === false || target.readBack === undefined ? 'not verified' : 'read back, it says the same'
  const but = losses === 0 ? '' : ` but for ${count(losses, 'warning')}`
  return `wrote ${count(files.length, 'file')} to ${output}: ${proof}${but}`
}

function printReport({ name }: TargetRow, { files, diagnostics }: Exported, output: string | undefined): void {
  const of = (severity: Diagnostic['severity']): readonly Diagnostic[] =>
    diagnostics.filter((one) => one.severity === severity)
  const written = output === undefined ? {} : { output }
  const paths = files.map(({ path }) => path)
  print(JSON.stringify({ target: name, ...written, files: paths, losses: of('warning'), notes: of('note') }, null, 2))
}
