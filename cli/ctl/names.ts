// Names in the form of supervisorctl: `name`, `group:name`, `group:*` or `group:`.

import { type Named, namespec, unitId } from '../../config/model/names.ts'
import { ERRORS, NO_SUCH_GROUP } from '../../runtime/control/operations/errors.ts'

/** The name of a process for the daemon. It always contains the group, so that it is unambiguous. */
export function fullName({ group, name }: Named): string {
  return unitId(group, name ?? '*')
}

/** The name of a process in the output. */
export function shown({ group, name }: Named): string {
  return namespec(group, name ?? '*')
}

/** The line for a name that fits no process; `typed` is the name as the user wrote it. */
export function notFound({ group, name }: Named, typed = group): string {
  return name === undefined ? `${group}: ERROR (${NO_SUCH_GROUP})` : `${typed}: ERROR (${ERRORS.NOT_FOUND.text})`
}
