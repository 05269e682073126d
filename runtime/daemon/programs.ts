// Applies the first configuration. When the previous daemon process had begun a shutdown, the shutdown is continued.

import type { Part } from './part.ts'

/** Starts the programs, or takes them over. */
export const programs: Part = {
  name: 'programs',
  open: async ({ supervisor, succession, ending, config, reloader }) => {
    const before = (await succession.inherited())?.ending
    if (before !== undefined) ending.want(before)
    await supervisor.apply(reloader.complete(config))
    if (before !== undefined) ending.goOn(before)
  },
}
