// `kahi migrate`: converts old files to one readable kahi.toml, and reports on stderr what became of each line.

import { ConfigError } from '../../config/model/diagnostic.ts'
import { DOCKERFILE_OPTIONS } from '../../converter/dockerfile/options.ts'
import { oldFormats, titlesOf } from '../../converter/formats.ts'
import { isDirectory } from '../../converter/folders.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { convertOne, type Migrated, permissionsOf } from '../migrate/convert-one.ts'
import { DOCKERFILE, findDockerfile } from '../migrate/find-dockerfile.ts'
import { formatOptions, givenOptions, readInput } from '../migrate/input.ts'
import { failureReport, migrateReport } from '../migrate/report.ts'
import { hiddenFindings, printFindings } from '../migrate/print-report.ts'
import { runTree } from '../migrate/run-tree.ts'
import { count, countFates, describeTables, exceptionsOf, hasDrops, uncomparedOf } from '../migrate/summary.ts'
import type { TreeOptions } from '../migrate/tree.ts'
import { printDiagnostics, printError, printProblem } from '../print.ts'
import { schemaOption, writeConfig } from '../schema-file.ts'
import { WriteError } from '../write-file.ts'

/** Converts configurations of all other formats to kahi.toml. */
export const migrateCommand: Command = {
  name: 'migrate',
  usage:
    '[-o FILE] [--force] [--schema] [--dry-run] [--strict] [--no-verify] [--modernize] [--no-advice] [--report text|json] [-v] [PATH [SOURCE…]] [--base DIR…] [--inline] [--translate] [--at DIR] [--format FORMAT] | --out DIR PATH\nkahi migrate [-o FILE] [--as drop-in|converted] [--context DIR] DOCKERFILE',
  summary: `Convert ${titlesOf(oldFormats)} into one kahi.toml, with all files that belong to it; or show what a Dockerfile has to change`,
  options: {
    output: {
      type: 'string',
      alias: 'o',
      summary: 'Write the TOML there instead of to standard output',
    },
    out: {
      type: 'string',
      summary:
        'PATH is a directory: convert every configuration below it; the results are written into the same folders there',
    },
    format: {
      type: 'string',
      choices: [...oldFormats.map(({ name }) => name), DOCKERFILE],
      summary: 'The format of PATH (detected by default)',
    },
    ...formatOptions,
    ...DOCKERFILE_OPTIONS,
    force: { type: 'boolean', summary: 'Replace the output file if it exists' },
    schema: schemaOption,
    'dry-run': { type: 'boolean', summary: 'Report only; write no TOML' },
    strict: { type: 'boolean', summary: 'End with 1 when anything was dropped; the TOML is written all the same' },
    verify: {
      type: 'boolean',
      summary: 'Read the TOML back and refuse it if it would not run the same; done for files unless --no-verify',
    },
    modernize: {
      type: 'boolean',
      summary: 'Follow the advice that is certain; comments in the TOML and the report say what was changed',
    },
    advice: {
      type: 'boolean',
      summary: 'Give advice on what kahi can do better, with the lines to write; done unless --no-advice',
    },
    report: {
      type: 'string',
      choices: ['text', 'json'],
      default: 'text',
      summary: 'Format of the report on standard error',
    },
    verbose: {
      type: 'boolean',
      alias: 'v',
      summary: 'Also report what was replaced or changed in form, and the lines to write for each piece of advice',
    },
  },
  positionals: [
    {
      name: 'path',
      summary: `The configuration (${titlesOf(oldFormats)}), a directory that contains it, or - for standard input. Absent: the file that supervisord would take`,
      required: false,
      many: true,
    },
  ],
  examples: [
    ['kahi migrate supervisord.conf', 'the TOML on standard output, the report on standard error'],
    ['kahi migrate /etc/supervisor -o /etc/kahi.toml', 'into a file that must not exist yet'],
    [
      'kahi migrate images --out converted',
      'everything that is found below a directory; exit 1 when something could not be converted',
    ],
    ['kahi migrate --modernize supervisord.conf -o kahi.toml', 'with oneshots, plain commands … where that is certain'],
    ['kahi migrate --dry-run --report json supervisord.conf', 'only what would become of each key and line, as JSON'],
    ['kahi migrate s6-rc.d --base ../base/s6-rc.d -o kahi.toml', 'a tree of s6-rc, laid over that of its base image'],
    ['kahi migrate s6-rc.d --translate -o kahi.toml', 'for an image without execline and s6'],
    [
      'kahi migrate rootfs --at / -o kahi.toml',
      'the files of an image of s6-overlay: cont-init.d, services.d, s6-rc.d …',
    ],
    ['kahi migrate --dry-run --strict supervisord.conf', 'for scripts: 0 when nothing is lost'],
    ['kahi migrate Dockerfile', 'a diff that puts kahi in the place of supervisord, s6-overlay or flush-manager'],
    ['kahi migrate Dockerfile --as converted -o Dockerfile --force', 'changes it so that the image runs a kahi.toml'],
  ],
  run: runMigrate,
}

async function runMigrate(args: Arguments): Promise<number> {
  const output = textOf(args, 'output')
  const json = textOf(args, 'report') === 'json'
  const isDry = flagOf(args, 'dry-run')
  const out = textOf(args, 'out')
  const verify = args.verify === undefined ? (output ?? out) !== undefined : flagOf(args, 'verify')
  if (flagOf(args, 'schema') && output === undefined) {
    printProblem('--schema needs a file to write, -o FILE')
    return EXIT.usage
  }
  try {
    const dockerfile = findDockerfile(args)
    if (dockerfile !== undefined && out === undefined) {
      const { runDockerfile } = await import('../migrate/run-dockerfile.ts')
      return await runDockerfile(dockerfile, args)
    }
    const [force, isStrict] = [flagOf(args, 'force'), flagOf(args, 'strict')]
    const modernize = flagOf(args, 'modernize')
    if (out !== undefined)
      return await migrateTree(args, { out, verify, modernize, force, isDry, isStrict, given: givenOptions(args) })
    const found = convertOne(readInput(args), thisMachine(), { target: output, verify, modernize })
    const migrated = { ...found, advice: found.advice.filter(({ applied }) => applied || args.advice !== false) }
    const { layout, conversion } = migrated
    if (!isDry && output === undefined) process.stdout.write(layout.text)
    else if (!isDry && output !== undefined)
      await writeConfig(output, layout.text, {
        force,
        mode: permissionsOf(conversion.files),
        hasSchema: flagOf(args, 'schema'),
      })
    report(migrated, isDry ? undefined : output, args)
    return isStrict && hasDrops(conversion) ? EXIT.no : EXIT.ok
  } catch (error) {
    return fail(error, json)
  }
}

async function migrateTree(args: Arguments, options: Omit<TreeOptions, 'progress' | 'others'>): Promise<number> {
  const directory = listOf(args, 'path')[0] ?? '.'
  if (isDirectory(directory) && textOf(args, 'output') === undefined)
    return runTree(directory, thisMachine(), options, args)
  printProblem('--out needs a directory to convert, and goes without -o', 'kahi migrate --help')
  return EXIT.usage
}

/** The text ends with the next step. */
function report(migrated: Migrated, output: string | undefined, args: Arguments): void {
  if (textOf(args, 'report') === 'json') {
    printError(JSON.stringify(migrateReport(migrated, output), null, 2))
    return
  }
  const { conversion, isVerified } = migrated
  const { files, ledger } = conversion
  const findings = { ...migrated, isVerbose: flagOf(args, 'verbose') }
  printFindings(findings)
  printError(`${describeTables(conversion.document)} from ${count(files.length, 'file')}: ${countFates(ledger)}`)
  const hidden = findings.isVerbose ? undefined : hiddenFindings(findings)
  if (hidden !== undefined) printError(hidden)
  if (output === undefined) return
  const but = exceptionsOf(migrated)
  const same = but.length === 0 ? '' : ` but for ${but.join(' and ')}`
  printError(`wrote ${output}${isVerified ? `; read back, it runs the same${same}` : ', not verified'}`)
  if (isVerified) printError(`not compared: ${uncomparedOf(migrated).join('; ')}`)
  printError(`next: kahi check ${output}, then kahi daemon -c ${output}`)
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
