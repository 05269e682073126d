// Names in the form of supervisorctl: `name`, `group:name`, `group:*` or `group:`.

import { type Named, namespec, unitId } from '../../config/model/names.ts'

/** The name of a process for the daemon. It always contains the group, so that it is unambiguous. */
export function fullName({ group, name }: Named): string {
  return unitId(group, name ?? '*')
}

/** The name of a process in the output. */
export function shown({ group, name }: Named): string {
  return namespec(group, name ?? '*')
}
