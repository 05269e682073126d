// The settings of the daemon: the values of [supervisor], and values computed from them. A row of
// config/keys/supervisor.ts becomes a field here without a line in this file.

import type { UserIds } from '../model/machine.ts'
import type { SupervisorValues } from '../keys/supervisor.ts'

/** The settings of the daemon. Paths are absolute. */
export interface SupervisorSettings extends Omit<SupervisorValues, 'user' | 'childlogdir'> {
  readonly user: UserIds | undefined
  /** The user as written, for messages. */
  readonly userName: string | undefined
  readonly childlogdir: string
}
