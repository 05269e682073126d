// `kahi check`: reports all errors of a configuration, or shows what it would run.

import { isUnitId, namespec } from '../../config/model/names.ts'
import type { Config } from '../../config/settings/config.ts'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { formats, titlesOf } from '../../converter/formats.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { SourceLines } from '../check/source-lines.ts'
import { warningsFor } from '../check/warnings.ts'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { findConfigFile, SEARCHED } from '../config-file.ts'
import { effectiveConfig } from '../effective.ts'
import { EXIT } from '../exit-codes.ts'
import { loadAny } from '../load.ts'
import { print, printDiagnostics, printError, printProblem } from '../print.ts'

/** Validates a configuration of any format. */
export const checkCommand: Command = {
  name: 'check',
  usage: '[--assume-image] [--format FORMAT] [--effective] [--json] [FILE]',
  summary: 'Validate a configuration and show what it would run',
  options: {
    'assume-image': {
      type: 'boolean',
      summary: 'The file is for another image: users, groups and directories missing here are noted, not errors',
    },
    format: {
      type: 'string',
      choices: formats.map(({ name }) => name),
      summary: 'The format of the file (detected by default)',
    },
    effective: { type: 'boolean', summary: 'Print what would run, every value expanded and every default filled in' },
    json: { type: 'boolean', summary: 'Print JSON' },
  },
  positionals: [
    {
      name: 'file',
      summary: `The configuration: ${titlesOf(formats)}; by default the one that kahi daemon finds`,
      required: false,
    },
  ],
  examples: [
    ['kahi check', 'report all errors of ./kahi.toml; exit 0 when there are none, else 2'],
    ['kahi check --assume-image supervisord.conf', 'the same for a file that is meant for an image'],
    ['kahi check --effective --json kahi.toml', 'what would run, for scripts'],
  ],
  run: runCheck,
}

async function runCheck(args: Arguments): Promise<number> {
  const file = textOf(args, 'file') ?? findConfigFile(process.env)
  if (file === undefined) {
    printProblem(`there is no ${SEARCHED.join(', ')}`, 'kahi check FILE, or kahi init for a file to begin with')
    return EXIT.usage
  }
  const json = flagOf(args, 'json')
  try {
    const [assumeImage, machine] = [flagOf(args, 'assume-image'), thisMachine()]
    const { config, document, ...read } = loadAny(file, machine, { assumeImage, format: textOf(args, 'format') })
    const target = { environment: machine.environment, uid: process.getuid?.() ?? 0 }
    const diagnostics = [...read.diagnostics, ...warningsFor(config, document, assumeImage ? undefined : target)]
    if (flagOf(args, 'effective')) {
      printDiagnostics(diagnostics)
      print(JSON.stringify(effectiveConfig(config), null, 2))
    } else if (json) {
      print(JSON.stringify({ valid: true, diagnostics }, null, 2))
    } else {
      printWithLines(diagnostics)
      print(`${file} is valid: ${summary(config)}`)
    }
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    if (json) print(JSON.stringify({ valid: false, diagnostics: error.diagnostics }, null, 2))
    else {
      printWithLines(error.diagnostics)
      printError(`${file}: ${counts(error.diagnostics)}`)
    }
    return EXIT.usage
  }
}

/** In the order of the file, each with its line. */
function printWithLines(diagnostics: readonly Diagnostic[]): void {
  const lines = new SourceLines()
  printDiagnostics(diagnostics.toSorted(byPlace), ({ place }) => (place === undefined ? [] : lines.excerpt(place)))
}

function byPlace({ place: left }: Diagnostic, { place: right }: Diagnostic): number {
  if (left === undefined || right === undefined || left.file !== right.file) return 0
  return left.line - right.line || left.column - right.column
}

/** `2 errors, 1 warning`. */
function counts(diagnostics: readonly Diagnostic[]): string {
  const count = (wanted: Diagnostic['severity']) => {
    const number = diagnostics.filter(({ severity }) => severity === wanted).length
    return number === 0 ? [] : [`${number} ${wanted}${number === 1 ? '' : 's'}`]
  }
  return [...count('error'), ...count('warning'), ...count('note')].join(', ')
}

/** `2 processes (db, web), 1 oneshot (migrate), 1 bundle (user)`. */
function summary({ groups, oneshots, graph }: Config): string {
  const processes = groups.flatMap((group) => (group.shadowed ? [] : group.processes))
  const once = oneshots.map(({ name }) => name)
  const others = new Set([...once, ...groups.map(({ name }) => name), ...processes.map(({ program }) => program)])
  const bundles = [...graph.names.keys()].filter((name) => !isUnitId(name) && !others.has(name))
  const parts = [
    counted(
      'process',
      'processes',
      processes.map(({ group, name }) => namespec(group, name)),
    ),
    once.length === 0 ? '' : counted('oneshot', 'oneshots', once),
    bundles.length === 0 ? '' : counted('bundle', 'bundles', bundles),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function counted(one: string, several: string, names: readonly string[]): string {
  if (names.length === 0) return `no ${several}`
  return `${names.length} ${names.length === 1 ? one : several} (${names.join(', ')})`
}
