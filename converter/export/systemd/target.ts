// The target systemd: units, and the files that they name, to be copied to / of a machine.

import type { Plan } from '../plan/plan.ts'
import { reportTools } from '../plan/scripts.ts'
import type { Target } from '../plan/target.ts'
import { readUnits } from './read-back.ts'
import { says } from './says.ts'
import { writeUnits } from './tree.ts'

/** systemctl has the verbs of supervisorctl. */
function control(verb: string, name: string): string | undefined {
  const known = ['start', 'stop', 'restart', 'status']
  return known.includes(verb) ? `systemctl ${verb} ${name.replaceAll(/[^\w.-]/g, '-')}` : undefined
}

/** Units of systemd. */
export const systemdTarget: Target = {
  title: 'systemd',
  says,
  control,
  write: (plan: Plan) => ({ ...writeUnits(plan), diagnostics: reportTools(plan) }),
  readBack: (directory, plan) => readUnits(directory, plan),
}
