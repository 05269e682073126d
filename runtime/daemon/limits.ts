// The limits of open files and processes that programs inherit. Node.js raises its own soft limit of open files at its
// start; the launcher passes the earlier one in KAHI_NOFILE.

import { readFileSync } from 'node:fs'
import type { SupervisorSettings } from '../../config/settings/supervisor.ts'
import { StartError } from '../control/operations/errors.ts'
import type { Shim } from '../shim/shim.ts'
import { errnoCode } from '../system/files.ts'
import type { Part } from './part.ts'

/** Sets the soft limits in the helper. Logs what the helper cannot do, and why `survive` has no effect. */
export const limits: Part = {
  name: 'limits',
  open: async ({ config, shim, succession, log }) => {
    for (const limit of [...succession.limits, ...shim.limits]) log.log('warn', limit)
    for (const line of await applyLimits(shim, config.supervisor)) log.log('info', line)
  },
}

/**
 * Sets the soft limits in the helper: those from before the start of Node.js, raised to minfds and minprocs. Gives
 * lines for the log. Throws StartError when the system refuses to raise one. Source: supervisor 4.2.5,
 * ServerOptions.set_rlimits_or_exit.
 */
async function applyLimits(
  shim: Shim,
  { minfds, minprocs }: Pick<SupervisorSettings, 'minfds' | 'minprocs'>,
): Promise<readonly string[]> {
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
    throw new StartError(tooLow(resource, least, errnoCode(error)), 2)
  }
  return `Increased RLIMIT_${resource.toUpperCase()} limit to ${least}`
}

/** The message of supervisord, and the reason. Source: supervisor 4.2.5, ServerOptions.set_rlimits_or_exit. */
function tooLow(resource: 'nofile' | 'nproc', least: number, reason: string): string {
  const [key, needed, what, program] =
    resource === 'nofile'
      ? ['minfds', 'file descriptors', 'file descriptors', 'process']
      : ['minprocs', 'available processes', 'processes', 'program']
  return `The minimum number of ${needed} required to run this ${program} is ${least} as per the "${key}" command-line argument or config file setting. The current environment will only allow you to open fewer ${what} (${reason}).  Either raise the number of usable ${what} in your environment or lower the ${key} setting in the config file to allow the ${program} to start.`
}

/** A soft limit of this process; infinite when there is none, or when /proc cannot be read. */
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
