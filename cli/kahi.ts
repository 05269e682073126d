// The command line of kahi: makes a yargs parser of the list of commands. Only this file imports yargs; commands are
// data (command.ts) and get what was typed.

import yargs, { type Argv } from 'yargs'
import { nearest } from '../config/values/nearest.ts'
import { type Arguments, type Command, type OptionSpec, type PositionalSpec, STDIN } from './command.ts'
import { commands } from './commands/list.ts'
import { EXIT } from './exit-codes.ts'
import { printProblem } from './print.ts'

/** The command line is invalid; `command` is the one whose --help explains it. */
class UsageError extends Error {
  readonly command: string

  constructor(message: string, command: string) {
    super(message)
    this.command = command
  }
}

/** Runs `kahi ARGV…`. Gives the exit code. */
export async function runKahi(argv: readonly string[]): Promise<number> {
  const words = argv.length === 0 ? ['--help'] : argv[0] === '--version' ? ['version'] : [...argv]
  let exitCode: number = EXIT.ok
  const parser = yargs(words.map((word) => (word === '-' ? STDIN : word)))
  const execute = async (command: Command, args: Arguments) => {
    exitCode = await command.run(args)
  }
  addCommands(frame(parser, 'kahi', commands), commands, 'kahi', execute)
  parser
    .strictCommands()
    .usage('kahi COMMAND\n\nConverts and runs what supervisord and s6 run.')
    .epilogue('kahi COMMAND --help tells more.')
  try {
    await parser.parseAsync()
    return exitCode
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    printProblem(error.message, `${error.command} --help`)
    return EXIT.usage
  }
}

type Execute = (command: Command, args: Arguments) => Promise<void>

/** `list` contains the subcommands. They and the options of the command are suggested for unknown words. */
function frame(parser: Argv, path: string, list: readonly Command[], command?: Command): Argv {
  const names = [...list.map(({ name }) => name), ...Object.keys(command?.options ?? {})]
  const required = (command?.positionals ?? [])
    .filter((positional) => positional.required)
    .map(({ name }) => name.toUpperCase())
  return parser
    .scriptName('kahi')
    .locale('en')
    .version(false)
    .help()
    .alias('help', 'h')
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .parserConfiguration({ 'camel-case-expansion': false, 'parse-numbers': false })
    .wrap(Math.min(110, process.stdout.columns ?? 80))
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error.name !== 'YError') throw error
      const text = plain(message ?? error?.message ?? 'wrong usage')
      if (text.startsWith('Not enough non-option arguments'))
        throw new UsageError(`${required.join(' and ')} must be given`, path)
      // The words behind an unknown command are its arguments.
      const about =
        list.length > 0
          ? text.replace(/^Unknown commands: ([^,]+).*/, 'Unknown command: $1')
          : text.replace('command:', 'argument:')
      throw new UsageError(suggest(about, names), path)
    })
}

function addCommands(parser: Argv, list: readonly Command[], path: string, execute: Execute): void {
  for (const command of list) {
    const own = `${path} ${command.name}`
    parser.command({
      command: [command.name, ...command.positionals.map(positionalWord)].join(' '),
      describe: command.summary,
      builder: (below) => build(below, command, own, execute),
      handler: (args) => (command.commands === undefined ? execute(command, args as Arguments) : undefined),
    })
  }
}

function build(parser: Argv, command: Command, path: string, execute: Execute): Argv {
  const below = command.commands ?? []
  frame(parser, path, below, command).usage(`${path} ${command.usage}`.trimEnd().concat(`\n\n${command.summary}.`))
  for (const [name, spec] of Object.entries(command.options)) parser.option(name, optionOf(spec))
  for (const spec of command.positionals) parser.positional(spec.name, { type: 'string', describe: spec.summary })
  for (const [line, meaning] of command.examples) parser.example(line, meaning)
  if (command.commands === undefined) return parser
  addCommands(parser, command.commands, path, execute)
  return parser.strictCommands().demandCommand(1, `${path}: name a command`)
}

function optionOf(spec: OptionSpec) {
  return {
    type: spec.type,
    describe: spec.summary,
    ...(spec.type === 'boolean' ? {} : { requiresArg: true }),
    ...(spec.alias === undefined ? {} : { alias: spec.alias }),
    ...(spec.default === undefined ? {} : { default: spec.default }),
    ...(spec.many === true ? { array: true } : {}),
    ...(spec.choices === undefined ? {} : { choices: spec.choices }),
  }
}

function positionalWord({ name, required, many }: PositionalSpec): string {
  const word = `${name}${many === true ? '..' : ''}`
  return required ? `<${word}>` : `[${word}]`
}

/** Adds a suggestion to a message about an unknown word. */
function suggest(message: string, names: readonly string[]): string {
  const word = /^Unknown (?:command|argument)s?: ([^,]+)/.exec(message)?.[1]
  const close = word === undefined ? undefined : nearest(word, names)
  return close === undefined ? message : `${message}; did you mean ${close}?`
}

/** One line, without the additions of yargs. */
function plain(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' ').trim()
}
