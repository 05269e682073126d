// The command line of the bench.

import { parseArgs } from 'node:util'

/** The options of the command line. */
export interface Options {
  readonly help: boolean
  readonly quick: boolean
  readonly long: boolean
  readonly json: boolean
  readonly runs: number
  readonly programs: number
  readonly mib: number
  /** Names of scenes; empty: all scenes that the other options select. */
  readonly only: readonly string[]
  readonly supervisord: string | undefined
  readonly s6: string | undefined
}

/** An error in the command line. */
export class UsageError extends Error {}

/** The output of `--help`; `names` are the names for `--only`. */
export function helpText(names: readonly string[]): string {
  return `npm run bench -- [OPTIONS]

Measures kahi beside supervisord and s6-svscan, when they are installed, on the same services in alternating runs.
Progress goes to stderr, the table to stdout.

  --runs N             runs of each, of which the median counts (5; with --quick 1)
  --programs N         programs in the rows that say 100
  --mib N              size of the log flood (256; with --quick 64)
  --only NAME,NAME     only these: ${names.join(', ')}
  --quick              everything but idle, once, in less than a minute
  --long               also 10,000 start and stop cycles and a flood of 4 GiB
  --json               the table as JSON, with every sample
  --supervisord PATH   instead of the one in PATH
  --s6-svscan PATH     likewise
`
}

/** Reads the command line; throws UsageError. */
export function parseOptions(argv: readonly string[], names: readonly string[]): Options {
  const values = parse(argv)
  const quick = values.quick ?? false
  const only = values.only?.split(',').filter((name) => name !== '') ?? []
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new UsageError(`--only does not know "${unknown}"; it knows ${names.join(', ')}`)
  return {
    help: values.help ?? false,
    quick,
    long: values.long ?? false,
    json: values.json ?? false,
    runs: wholeNumber('--runs', values.runs, quick ? 1 : 5),
    programs: wholeNumber('--programs', values.programs, 100),
    mib: wholeNumber('--mib', values.mib, quick ? 64 : 256),
    only,
    supervisord: values.supervisord,
    s6: values['s6-svscan'],
  }
}

function parse(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const
  const text = { type: 'string' } as const
  const flags = { help: { ...flag, short: 'h' }, quick: flag, long: flag, json: flag } as const
  const texts = { runs: text, programs: text, mib: text, only: text, supervisord: text, 's6-svscan': text } as const
  try {
    return parseArgs({ args: [...argv], options: { ...flags, ...texts } }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new UsageError(`${option} must be a number from 1, not "${text}"`)
}
