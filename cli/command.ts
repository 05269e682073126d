// What a command of kahi is: data and one function. cli/kahi.ts turns these into yargs commands, so that no
// command file imports yargs, and the help, the completion and the reference page read the same rows.

/** One option of a command. Names are long names in kebab case: `socket` is typed `--socket`. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean' | 'number'
  /** One line for --help. */
  readonly summary: string
  /** One-letter names: `c` is typed `-c`. */
  readonly alias?: string
  /** Shown in help and used when the option is not given. */
  readonly default?: string | boolean | number
  /** The only values allowed. */
  readonly choices?: readonly string[]
  /** Takes all the words that follow, and may be given several times. */
  readonly many?: boolean
}

/** One word of the command line that is no option. Those of a command are given in their order. */
export interface PositionalSpec {
  readonly name: string
  /** One line for --help. */
  readonly summary: string
  readonly required: boolean
  /** Takes all the words that are left; only the last one may. */
  readonly many?: boolean
}

/** What was typed, checked against the specs: absent when not given and without default. */
export interface Arguments {
  readonly [name: string]: string | boolean | number | readonly string[] | undefined
}

/** A command: `kahi NAME …`, or with `parent` set by its list `kahi ctl NAME …`. */
export interface Command {
  /** The word that selects it. */
  readonly name: string
  /** What follows the name in help: `[-o FILE] PATH`. */
  readonly usage: string
  /** One line. */
  readonly summary: string
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly positionals: readonly PositionalSpec[]
  /** Command line and what it does. */
  readonly examples: readonly (readonly [string, string])[]
  /** Commands below this one; `run` is used when none was named. */
  readonly commands?: readonly Command[]
  /** Words are handed on as they are in `args.words`, unread: for commands that parse them themselves. */
  readonly raw?: boolean
  /** Gives the exit code (exit-codes.ts). */
  run(args: Arguments): Promise<number>
}

/** What commands get for the word `-`, which yargs would make empty. */
export const STDIN = '<stdin>'

/** The text of an option or positional, the last one when it was given several times; undefined when it was not. */
export function textOf(args: Arguments, name: string): string | undefined {
  const given = args[name]
  const value = Array.isArray(given) ? given.at(-1) : given
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

/** Whether a flag was given. */
export function flagOf(args: Arguments, name: string): boolean {
  return args[name] === true
}

/** The words of an option or positional that takes many. */
export function listOf(args: Arguments, name: string): readonly string[] {
  const value = args[name]
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? [value] : []
}
