// The limits of open files and processes that programs will inherit. Node raises its own soft limit of open
// files at start, so the one from before comes from the launcher, in KAHI_NOFILE.

import { readFileSync } from 'node:fs'
import type { Shim } from './shim/shim.ts'
import { errnoCode } from './system/files.ts'

/** What the daemon needs at least. */
export interface LeastLimits {
  readonly minfds: number
  readonly minprocs: number
}

/** A limit that could not be raised. Source: supervisor 4.2.5, ServerOptions.set_rlimits_or_exit. */
export class LimitError extends Error {}

/**
 * Gives the shim the soft limits from before Node's start, raised to what is asked for. Gives lines for the log;
 * throws LimitError when the system refuses to raise one.
 */
export async function applyLimits(shim: Shim, { minfds, minprocs }: LeastLimits): Promise<string[]> {
  const files = Number(process.env.KAHI_NOFILE ?? Number.NaN)
  const nofile = Number.isNaN(files) ? currentLimit('Max open files') : files
  const nproc = currentLimit('Max processes')
  const lines: string[] = []
  if (nofile < minfds) lines.push(await raise(shim, 'nofile', minfds))
  else if (Number.isFinite(nofile)) await shim.limit('nofile', nofile)
  if (nproc < minprocs) lines.push(await raise(shim, 'nproc', minprocs))
  return lines
}

async function raise(shim: Shim, resource: 'nofile' | 'nproc', least: number): Promise<string> {
  try {
    await shim.limit(resource, least)
  } catch (error) {
    throw new LimitError(tooLow(resource, least, errnoCode(error)))
  }
  return `Increased RLIMIT_${resource.toUpperCase()} limit to ${least}`
}

/** Source: supervisor 4.2.5, ServerOptions.set_rlimits_or_exit, whose words these are up to the last. */
function tooLow(resource: 'nofile' | 'nproc', least: number, reason: string): string {
  const [key, needed, what, program] =
    resource === 'nofile'
      ? ['minfds', 'file descriptors', 'file descriptors', 'process']
      : ['minprocs', 'available processes', 'processes', 'program']
  return `The minimum number of ${needed} required to run this ${program} is ${least} as per the "${key}" command-line argument or config file setting. The current environment will only allow you to open fewer ${what} (${reason}).  Either raise the number of usable ${what} in your environment or lower the ${key} setting in the config file to allow the ${program} to start.`
}

/** A soft limit of this process; infinite when there is none or /proc cannot be read. */
function currentLimit(name: string): number {
  try {
    const line = readFileSync('/proc/self/limits', 'utf8')
      .split('\n')
      .find((row) => row.startsWith(name))
    const soft = line?.slice(name.length).trim().split(/\s+/)[0]
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
