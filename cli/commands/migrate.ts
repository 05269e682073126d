// `kahi migrate`: old files in, one readable kahi.toml out; what became of everything is told on stderr.

import { ConfigError } from '../../config/diagnostic.ts'
import { formats } from '../../converter/formats.ts'
import { isImage } from '../../converter/s6-overlay/image.ts'
import { findSource } from '../../converter/s6-rc/load.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { convertOne, type Migrated, permissionsOf } from '../migrate/convert-one.ts'
import { findInput, type Input, isDirectory } from '../migrate/input.ts'
import { failureReport, migrateReport } from '../migrate/report.ts'
import { printAdvice, printLines } from '../migrate/print-report.ts'
import { runTree } from '../migrate/run-tree.ts'
import { count, countFates, hasDrops } from '../migrate/summary.ts'
import type { TreeOptions } from '../migrate/tree.ts'
import { printDiagnostics, printError, printProblem } from '../print.ts'
import { WriteError, writeWhole } from '../write-file.ts'

/** Converts supervisord.conf and trees of s6-rc to kahi.toml. */
export const migrateCommand: Command = {
  name: 'migrate',
  usage:
    '[-o FILE] [--force] [--dry-run] [--strict] [--no-verify] [--modernize] [--no-advice] [--report text|json] [PATH [SOURCE…]] [--base DIR…] [--inline] [--translate] [--at DIR] [--format FORMAT] | --out DIR PATH',
  summary: 'Convert a supervisord.conf, with the files it includes, or a tree of s6-rc into one kahi.toml',
  options: {
    output: {
      type: 'string',
      alias: 'o',
      summary: 'Write the TOML there instead of to standard output',
    },
    out: {
      type: 'string',
      summary:
        'PATH is a directory: convert every supervisord file, tree of s6-rc and image of s6-overlay below it into a tree of the same shape there',
    },
    format: {
      type: 'string',
      choices: formats.map(({ name }) => name),
      summary: 'What PATH is, if that is not to be found out',
    },
    base: {
      type: 'string',
      many: true,
      summary: 'The s6-rc trees of the images below, the lowest first: PATH is laid over them, file by file',
    },
    inline: { type: 'boolean', summary: 'Write the scripts of an s6-rc tree into the TOML instead of naming them' },
    translate: {
      type: 'boolean',
      summary:
        'Turn scripts of execline into keys and scripts of sh where the result is the same; what stays, and why, is reported',
    },
    at: { type: 'string', summary: 'Where the s6-rc tree will lie when it is run, if not where it lies now' },
    force: { type: 'boolean', summary: 'Replace the output file if it exists' },
    'dry-run': { type: 'boolean', summary: 'Report only; write no TOML' },
    strict: { type: 'boolean', summary: 'End with 1 when anything was dropped; the TOML is written all the same' },
    verify: {
      type: 'boolean',
      summary: 'Read the TOML back and refuse it if it would run anything else; done for files unless --no-verify',
    },
    modernize: {
      type: 'boolean',
      summary: 'Follow the advice that is certain; comments in the TOML and the report say what was changed',
    },
    advice: {
      type: 'boolean',
      summary: 'Say what kahi can do better, with the lines to write; done unless --no-advice',
    },
    report: {
      type: 'string',
      choices: ['text', 'json'],
      default: 'text',
      summary: 'How the report on standard error is written',
    },
  },
  positionals: [
    {
      name: 'path',
      summary:
        'A supervisord.conf, a directory with one or with fragments, or - for standard input; source directories of s6-rc, or the files of an image of s6-overlay. Absent: the file that supervisord would take',
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
  ],
  run: runMigrate,
}

async function runMigrate(args: Arguments): Promise<number> {
  const output = textOf(args, 'output')
  const json = textOf(args, 'report') === 'json'
  const isDry = flagOf(args, 'dry-run')
  const out = textOf(args, 'out')
  const verify = args.verify === undefined ? (output ?? out) !== undefined : flagOf(args, 'verify')
  try {
    const [force, isStrict] = [flagOf(args, 'force'), flagOf(args, 'strict')]
    const modernize = flagOf(args, 'modernize')
    if (out !== undefined)
      return migrateTree(args, { out, verify, modernize, force, isDry, isStrict, tree: treeOptions(args) }, json)
    const found = convertOne(readInput(args), thisMachine(), { target: output, verify, modernize })
    const migrated = { ...found, advice: found.advice.filter(({ applied }) => applied || args.advice !== false) }
    const { layout, conversion } = migrated
    if (!isDry && output === undefined) process.stdout.write(layout.text)
    else if (!isDry && output !== undefined)
      writeWhole(output, layout.text, { force, mode: permissionsOf(conversion.files) })
    report(migrated, isDry ? undefined : output, json)
    return isStrict && hasDrops(conversion) ? EXIT.no : EXIT.ok
  } catch (error) {
    return fail(error, json)
  }
}

/** What is to be converted. Without another PATH the last word behind --base is it. */
function readInput(args: Arguments): Input {
  const [words, named] = [listOf(args, 'path'), listOf(args, 'base')]
  const [path, ...sources] = words.length > 0 ? words : named.slice(1).slice(-1)
  const bases = words.length > 0 ? named : named.slice(0, -1)
  const input = findInput(path)
  const isTree = findSource(input.path) !== undefined || isImage(input.path)
  const translate = flagOf(args, 'translate')
  if (!isTree && translate) {
    const message = `${input.path} is no tree of s6-rc: --translate has nothing to do`
    throw new ConfigError([{ severity: 'error', message, hint: 'leave --translate out' }])
  }
  if (!isTree && (sources.length > 0 || named.length > 0)) {
    const message = `${input.path} is no tree of s6-rc and no image: it is converted alone`
    throw new ConfigError([{ severity: 'error', message, hint: 'leave --base and further paths out' }])
  }
  return {
    ...input,
    format: textOf(args, 'format'),
    sources,
    bases,
    ...treeOptions(args),
  }
}

function treeOptions(args: Arguments): Pick<Input, 'inline' | 'translate' | 'at'> {
  return { inline: flagOf(args, 'inline'), translate: flagOf(args, 'translate'), at: textOf(args, 'at') }
}

function migrateTree(args: Arguments, options: Omit<TreeOptions, 'progress'>, json: boolean): number {
  const directory = listOf(args, 'path')[0] ?? '.'
  if (isDirectory(directory) && textOf(args, 'output') === undefined)
    return runTree(directory, thisMachine(), options, json)
  printProblem('--out needs a directory to convert, and goes without -o', 'kahi migrate --help')
  return EXIT.usage
}

function report(migrated: Migrated, output: string | undefined, json: boolean): void {
  if (json) {
    printError(JSON.stringify(migrateReport(migrated, output), null, 2))
    return
  }
  const { conversion, diagnostics, advice, isVerified } = migrated
  const { files, ledger, document } = conversion
  printDiagnostics(diagnostics)
  printLines(conversion.lines)
  const programs = document.tables.filter(({ kind }) => kind === 'programs').length
  const groups = document.tables.filter(({ kind }) => kind === 'groups').length
  const others = (['oneshots', 'bundles'] as const).flatMap((kind) => {
    const number = document.tables.filter((table) => table.kind === kind).length
    return number === 0 ? [] : [count(number, kind.slice(0, -1))]
  })
  const named = [count(programs, 'program'), ...(others.length > 0 ? others : [count(groups, 'group')])]
  const what = `${named.slice(0, -1).join(', ')} and ${named.at(-1)} from ${count(files.length, 'file')}`
  printError(`${what}: ${countFates(ledger)}`)
  if (output !== undefined) {
    const but = advice.some(({ applied }) => applied) ? ' but for what --modernize changed' : ''
    printError(`wrote ${output}${isVerified ? `; read back, it runs the same${but}` : ', not verified'}`)
    printError(`next: kahi check ${output}, then kahi daemon -c ${output}`)
  }
  printAdvice(advice)
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
