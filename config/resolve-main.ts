// `[supervisor] main`: the program that the daemon runs for. It is a short way to say on_exit and on_fatal.

import type { Group } from './config.ts'
import { findEntry } from './document.ts'
import { nearest } from './nearest.ts'
import type { Resolver } from './resolver.ts'
import { quote, strip } from './values.ts'

/** The groups with on_exit and on_fatal = shutdown for the processes of `main`. A name that is no program's is an error. */
export function applyMain(groups: Group[], main: string | undefined, { document, findings }: Resolver): Group[] {
  if (main === undefined) return groups
  const programs = document.tables.filter(({ kind }) => kind === 'programs').map(({ name }) => strip(name))
  if (!programs.includes(main)) {
    const table = document.tables.find(({ kind }) => kind === 'supervisor')
    const place = table && (findEntry(table, 'main')?.place ?? table.place)
    const close = nearest(main, programs)
    findings.error(`"main" names the unknown program ${quote(main)}`, place, close && `did you mean "${close}"?`)
  }
  const shutdown = { on_exit: 'shutdown', on_fatal: 'shutdown' } as const
  return groups.map((group) => ({
    ...group,
    processes: group.processes.map((process) => (process.program === main ? { ...process, ...shutdown } : process)),
  }))
}
