// The target nomad: a job in JSON with a group for each program, or one group with all.

import type { Target } from '../plan/target.ts'
import { writeJob } from './job.ts'
import { says } from './says.ts'

/** A job of Nomad. */
export const nomadTarget: Target = {
  title: 'Nomad',
  says,
  /** A container does not control others. */
  control: () => undefined,
  write: (plan, given) => writeJob(plan, given),
}
