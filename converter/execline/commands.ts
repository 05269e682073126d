// The commands of execline that can be translated, by name.

import type { Handler } from './chain.ts'
import { conditions } from './conditions.ts'
import { loops } from './loops.ts'
import { processes } from './processes.ts'
import { own } from './own.ts'
import { variables } from './variables.ts'

/** All such commands. */
export const commands: ReadonlyMap<string, Handler> = new Map([
  ...Object.entries(conditions),
  ...Object.entries(loops),
  ...Object.entries(own),
  ...Object.entries(processes),
  ...Object.entries(variables),
])
