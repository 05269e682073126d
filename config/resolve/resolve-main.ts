// `[supervisor] main`: the program whose end is also the end of the daemon. It is short for on_exit and on_fatal of
// that program.

import type { Group } from '../settings/config.ts'
import { findEntry } from '../keys/document.ts'
import { nearest } from '../values/nearest.ts'
import type { Resolver } from './resolver.ts'
import { quote, strip } from '../values/values.ts'

/**
 * The groups, with on_exit and on_fatal = shutdown for the processes of `main`. A name that is no program's is an
 * error.
 */
export function applyMain(groups: Group[], main: string | undefined, { document, findings }: Resolver): Group[] {
  if (main === undefined) return groups
  const programs = document.tables.filter(({ kind }) => kind === 'programs').map(({ name }) => strip(name))
  if (!programs.includes(main)) {
    const table = document.tables.find(({ kind }) => kind === 'supervisor')
    const place = table && (findEntry(table, 'main')?.place ?? table.place)
    const close = nearest(main, programs)
    findings.error(`"main" names the unknown program ${quote(main)}`, place, close && `did you mean "${close}"?`)
  }
  const kept = ({ on_exit }: (typeof groups)[number]['processes'][number]): object =>
    on_exit === 'none' ? {} : { on_exit }
  const shutdown = { on_exit: 'shutdown', on_fatal: 'shutdown' } as const
  return groups.map((group) => ({
    ...group,
    processes: group.processes.map((process) =>
      process.program === main ? { ...process, ...shutdown, ...kept(process) } : process,
    ),
  }))
}
