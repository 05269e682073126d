// `stdio = "inherit"`: a program that has the standard descriptors of the daemon. It has no log, and the descriptors
// have no other use.

import type { Group } from '../settings/config.ts'
import type { ProcessSettings } from '../settings/process.ts'
import { findEntry, type Table, tableName } from '../keys/document.ts'
import { notKept, tellUnused } from './resolve-pipes.ts'
import type { Resolver } from './resolver.ts'

/** The groups, without logs for such programs. Reports keys that cannot be combined. */
export function applyStdio(groups: Group[], { named, findings }: Resolver): Group[] {
  const told = new Set<Table>()
  const inherit = (process: ProcessSettings): ProcessSettings => {
    if (process.stdio !== 'inherit') return process
    const table = named(process.program).find(({ kind }) => kind !== 'groups')
    if (table !== undefined && !told.has(table)) {
      told.add(table)
      tellUnused(
        table,
        /^(?:stdout|stderr)_|^log_format$|^ring_buffer$/,
        'its output is the daemon’s own (stdio)',
        findings,
      )
      const other = otherUse(process)
      const place = findEntry(table, 'stdio')?.place ?? table.place
      if (other !== undefined) findings.error(`[${tableName(table)}] cannot have stdio = "inherit": ${other}`, place)
    }
    return { ...process, stdout: notKept(process.stdout), stderr: notKept(process.stderr) }
  }
  return groups.map((group) => ({ ...group, processes: group.processes.map(inherit) }))
}

/** The key that needs the standard descriptors for something else. */
function otherUse({ kind, log_to: written, is_logger: reads, ready }: ProcessSettings): string | undefined {
  if (kind === 'listener') return 'standard input and output of an event listener speak its protocol'
  if (kind === 'fcgi') return 'standard input of a FastCGI program is its socket'
  if (written !== undefined) return 'standard output goes to another program (log_to)'
  if (ready?.check.kind === 'log') return '`ready` would read its output'
  return reads ? 'standard input is what other programs write (log_to)' : undefined
}
