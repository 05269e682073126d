// The commands of execline that a shell can say, by name.

import type { Handler } from './chain.ts'
import { conditions } from './conditions.ts'
import { loops } from './loops.ts'
import { processes } from './processes.ts'
import { own } from './own.ts'
import { variables } from './variables.ts'

/** All of them. */
export const commands: ReadonlyMap<string, Handler> = new Map([
  ...Object.entries(conditions),
  ...Object.entries(loops),
  ...Object.entries(own),
  ...Object.entries(processes),
  ...Object.entries(variables),
])
