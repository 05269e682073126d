// The target compose: a Compose file with a service for each program, or one service with all.

import type { Target } from '../plan/target.ts'
import { writeCompose } from './file.ts'
import { readCompose } from './read-back.ts'
import { says } from './says.ts'

/** A Compose file. */
export const composeTarget: Target = {
  title: 'a Compose file',
  says,
  /** A container does not control others. */
  control: () => undefined,
  keepsAll: ({ single }) => single === true,
  write: (plan, given) => writeCompose(plan, given),
  readBack: (directory, plan) => readCompose(directory, plan),
}
