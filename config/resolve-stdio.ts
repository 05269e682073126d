// `stdio = "inherit"`: a program whose standard descriptors are the daemon's own has no log, and no other use for them.

import type { Group, ProcessSettings } from './config.ts'
import { findEntry, type Table, tableName } from './document.ts'
import { notKept, tellUnused } from './resolve-pipes.ts'
import type { Resolver } from './resolver.ts'
import { strip } from './values.ts'

/** The groups without logs where they inherit; says what cannot go together. */
export function applyStdio(groups: Group[], { document, findings }: Resolver): Group[] {
  const told = new Set<Table>()
  const inherit = (process: ProcessSettings): ProcessSettings => {
    if (process.stdio !== 'inherit') return process
    const table = document.tables.find(({ kind, name }) => kind !== 'groups' && strip(name) === process.program)
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

/** What else its standard descriptors are for. */
function otherUse({ kind, log_to: written, is_logger: reads, ready }: ProcessSettings): string | undefined {
  if (kind === 'listener') return 'standard input and output of an event listener speak its protocol'
  if (kind === 'fcgi') return 'standard input of a FastCGI program is its socket'
  if (written !== undefined) return 'standard output goes to another program (log_to)'
  if (ready?.check.kind === 'log') return '`ready` would read its output'
  return reads ? 'standard input is what other programs write (log_to)' : undefined
}
