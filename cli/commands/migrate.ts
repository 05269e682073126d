// `kahi migrate`: old files in, one readable kahi.toml out; what became of everything is told on stderr.

import { statSync } from 'node:fs'
import { basename, dirname, resolve as resolvePath } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/diagnostic.ts'
import { resolveDocument } from '../../config/resolve.ts'
import { layOut } from '../../config/write.ts'
import { convert } from '../../converter/convert.ts'
import type { Conversion } from '../../converter/format.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { failureReport, migrateReport } from '../migrate-report.ts'
import { printDiagnostics, printError, printProblem } from '../print.ts'
import { VERSION } from '../version.ts'
import { WriteError, type WriteOptions, writeWhole } from '../write-file.ts'

/** Converts supervisord.conf to kahi.toml. */
export const migrateCommand: Command = {
  name: 'migrate',
  usage: '[-o FILE] [--force] [--dry-run] [--strict] [--report text|json] PATH',
  summary: 'Convert a supervisord.conf, with the files it includes, into one kahi.toml',
  options: {
    output: {
      type: 'string',
      alias: 'o',
      summary: 'Write the TOML there instead of to standard output',
    },
    force: { type: 'boolean', summary: 'Replace the output file if it exists' },
    'dry-run': { type: 'boolean', summary: 'Report only; write no TOML' },
    strict: { type: 'boolean', summary: 'End with 1 when anything was dropped; the TOML is written all the same' },
    report: {
      type: 'string',
      choices: ['text', 'json'],
      default: 'text',
      summary: 'How the report on standard error is written',
    },
  },
  positionals: [{ name: 'path', summary: 'The supervisord.conf', required: true }],
  examples: [
    ['kahi migrate supervisord.conf', 'the TOML on standard output, the report on standard error'],
    ['kahi migrate /etc/supervisor/supervisord.conf -o /etc/kahi.toml', 'into a file that must not exist yet'],
    ['kahi migrate --dry-run --report json supervisord.conf', 'only what would become of each key and line, as JSON'],
    ['kahi migrate --dry-run --strict supervisord.conf', 'for scripts: 0 when nothing is lost'],
  ],
  run: runMigrate,
}

async function runMigrate(args: Arguments): Promise<number> {
  const path = textOf(args, 'path') ?? ''
  const output = textOf(args, 'output')
  const json = textOf(args, 'report') === 'json'
  const machine = thisMachine()
  try {
    const beside = output !== undefined && dirname(resolvePath(output)) === dirname(resolvePath(path))
    const conversion = convert(path, machine, { absoluteHere: !beside })
    const { diagnostics } = resolveDocument(conversion.document, machine, { assumeImage: true })
    const layout = layOut({ ...conversion.document, header: header(path) })
    if (!flagOf(args, 'dry-run'))
      deliver(layout.text, output, { force: flagOf(args, 'force'), mode: permissionsOf(conversion.files) })
    const all = [...conversion.diagnostics, ...diagnostics]
    if (json) printError(JSON.stringify(migrateReport(conversion, layout, all, output), null, 2))
    else reportText(conversion, all)
    return flagOf(args, 'strict') && hasDrops(conversion) ? EXIT.no : EXIT.ok
  } catch (error) {
    return fail(error, json)
  }
}

function header(path: string): string[] {
  return [`Converted from ${basename(path)} by kahi ${VERSION}.`]
}

function deliver(toml: string, output: string | undefined, options: WriteOptions): void {
  if (output === undefined) process.stdout.write(toml)
  else writeWhole(output, toml, options)
}

/** Who may not read one of the sources may not read the TOML either: there may be passwords in it. */
function permissionsOf(files: readonly string[]): number {
  return files.reduce((mode, file) => mode & statSync(file).mode, 0o666)
}

function reportText(conversion: Conversion, diagnostics: readonly Diagnostic[]): void {
  printDiagnostics(diagnostics)
  printError(summarise(conversion))
}

function hasDrops({ lines }: Conversion): boolean {
  return lines.some(({ fate }) => fate === 'dropped')
}

function summarise({ document, files, ledger }: Conversion): string {
  const programs = document.tables.filter(({ kind }) => kind === 'programs').length
  const groups = document.tables.filter(({ kind }) => kind === 'groups').length
  const fates = ['kept', 'renamed', 'changed', 'defaulted', 'replaced', 'dropped'] as const
  const counts = fates.map((fate) => `${ledger.filter((entry) => entry.fate === fate).length} ${fate}`)
  return `${count(programs, 'program')} and ${count(groups, 'group')} from ${count(files.length, 'file')}: ${counts.join(', ')}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function fail(error: unknown, json: boolean): number {
  if (error instanceof WriteError) {
    printProblem(error.message, error.hint)
    return EXIT.usage
  }
  if (!(error instanceof ConfigError)) throw error
  if (json) printError(JSON.stringify(failureReport(error.diagnostics), null, 2))
  else printDiagnostics(error.diagnostics)
  return EXIT.usage
}
