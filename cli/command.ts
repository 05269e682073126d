// The type of a command of kahi: data and one function. cli/kahi.ts makes yargs commands of these, so no command file
// imports yargs, and the help, the completion and the reference page are made from the same rows.

/** One option of a command. Names are long names in kebab case: `socket` is typed as `--socket`. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean' | 'number'
  /** One line for --help. */
  readonly summary: string
  /** A one-letter name: `c` is typed as `-c`. */
  readonly alias?: string
  /** Shown in the help, and used when the option is not given. */
  readonly default?: string | boolean | number
  /** The only values allowed. */
  readonly choices?: readonly string[]
  /** Takes all following words, and may be given several times. */
  readonly many?: boolean
  /** May be given several times, with a word each. */
  readonly isRepeated?: boolean
}

/** One argument that is no option. The order of the list is the order on the command line. */
export interface PositionalSpec {
  readonly name: string
  /** One line for --help. */
  readonly summary: string
  readonly required: boolean
  /** Takes all remaining words; only the last one may. */
  readonly many?: boolean
}

/** What was typed, checked against the specs. Absent when it was not given and has no default. */
export interface Arguments {
  readonly [name: string]: string | boolean | number | readonly string[] | undefined
}

/** A command: `kahi NAME …`, or `kahi ctl NAME …` when it is in the list of another command. */
export interface Command {
  /** The word that selects it. */
  readonly name: string
  /** What follows the name in the help: `[-o FILE] PATH`. */
  readonly usage: string
  /** One line. */
  readonly summary: string
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly positionals: readonly PositionalSpec[]
  /** A command line, and what it does. */
  readonly examples: readonly (readonly [string, string])[]
  /** Subcommands; `run` is used when none was named. */
  readonly commands?: readonly Command[]
  /** Words are passed on unread in `args.words`, for commands that parse them themselves. */
  readonly raw?: boolean
  /** Gives the exit code (exit-codes.ts). */
  run(args: Arguments): Promise<number>
}

/** What commands get for the word `-`, because yargs would make it empty. */
export const STDIN = '<stdin>'

/**
 * The text of an option or positional, the last one when it was given several times; undefined when it was not given.
 */
export function textOf(args: Arguments, name: string): string | undefined {
  const given = args[name]
  const value: unknown = Array.isArray(given) ? given.at(-1) : given
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

/** Whether a flag was given. */
export function flagOf(args: Arguments, name: string): boolean {
  return args[name] === true
}

/** The words of an option or positional that takes several. */
export function listOf(args: Arguments, name: string): readonly string[] {
  const value = args[name]
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? [value] : []
}
