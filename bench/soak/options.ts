// The command line of the soak test.

import { parseArgs } from 'node:util'

/** What was asked for. */
export interface Options {
  readonly help: boolean
  readonly minutes: number
  readonly seed: number
}

/** What is wrong with the command line. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const HELP = `npm run soak -- [OPTIONS]

Runs a daemon under load for a long time: programs start, stop, crash and flood their logs, clients come, ask and hang,
the configuration is reloaded, programs are added and removed, and in the last fifth of the time the daemon process is
killed now and then. Between two rounds all is quiet, and descriptors, threads, memory and zombies are counted. Ends
with 1 when one of them grows or a program is lost.

  --minutes N     how long (30)
  --seed N        where the random numbers begin (1)
`

/** Reads the command line; throws UsageError. */
export function parseOptions(argv: readonly string[]): Options {
  const { help = false, minutes, seed } = parse(argv)
  return { help, minutes: positive('--minutes', minutes, 30), seed: positive('--seed', seed, 1) }
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { help: { type: 'boolean', short: 'h' }, minutes: text, seed: text } as const
  try {
    return parseArgs({ args: [...argv], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function positive(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new UsageError(`${option} must be a number above 0, not "${text}"`)
}
