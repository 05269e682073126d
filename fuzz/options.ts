// The command line of the fuzzer.

import { parseArgs } from 'node:util'
import type { Target } from './target.ts'

/** The options of the command line. */
export interface Options {
  readonly help: boolean
  readonly seed: number
  /** Time for all targets together. */
  readonly seconds: number
  /** Names of targets; empty means all. */
  readonly only: readonly string[]
  /** The folder for inputs that failed. */
  readonly keep: string
}

/** An error in the command line. */
export class UsageError extends Error {}

/** The output of `--help`. */
export function helpText(targets: readonly Target<unknown>[]): string {
  const rows = targets.map(({ name, about }) => `  ${name.padEnd(14)}${about}\n`)
  return `npm run fuzz -- [OPTIONS]

Tries inputs that are nearly right on every reader of foreign input. An input fails when kahi crashes, hangs, takes all
memory, or gives an answer that is wrong. The same seed tries the same inputs.

  --minutes N     how long, for all targets together (1)
  --seconds N     the same in seconds
  --seed N        where the random numbers begin (by the clock)
  --only A,B      only these targets
  --keep DIR      where an input that failed is written (fuzz-failures)

Targets:
${rows.join('')}
Examples:
  npm run fuzz -- --minutes 10
  npm run fuzz -- --only toml --seed 7
`
}

/** Reads the command line; throws UsageError. */
export function parseOptions(argv: readonly string[], targets: readonly Target<unknown>[]): Options {
  const values = parse(argv)
  const only = values.only?.split(',').filter((name) => name !== '') ?? []
  const names = targets.map(({ name }) => name)
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new UsageError(`--only does not know "${unknown}"; it knows ${names.join(', ')}`)
  const minutes = wholeNumber('--minutes', values.minutes, 1)
  return {
    help: values.help ?? false,
    seed: wholeNumber('--seed', values.seed, Date.now() % 1_000_000),
    seconds: wholeNumber('--seconds', values.seconds, minutes * 60),
    only,
    keep: values.keep ?? 'fuzz-failures',
  }
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { minutes: text, seconds: text, seed: text, only: text, keep: text } as const
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (/^\d{1,7}$/.test(text)) return Number(text)
  throw new UsageError(`${option} must be a whole number, not "${text}"`)
}
