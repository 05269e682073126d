// Keys of [groups.X]. Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser.

import { key, type Settings } from './key.ts'
import { integer, names } from '../values/values.ts'

const daemon = { scope: 'daemon' } as const

/** Keys of a group, in the order in which they are written. */
export const groupKeys = {
  programs: key<readonly string[]>(
    names,
    [],
    'Programs of the group, in start order; they are then called group:name.',
    { ...daemon, required: true },
  ),
  priority: key(integer, 999, 'Lower numbers start first and stop last.', daemon),
}

/** The values of a group's keys. */
export type GroupValues = Settings<typeof groupKeys>
