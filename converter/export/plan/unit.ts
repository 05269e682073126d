// One process or oneshot that is to be exported.

import type { Table } from '../../../config/keys/document.ts'
import type { Reached } from '../../../config/model/dependencies.ts'
import type { GroupRole } from '../../../config/model/roles.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'

/** A dependency of a unit. */
export interface UnitNeed {
  readonly name: string
  readonly reached: Reached
}

/** One process or oneshot. */
export interface Unit {
  readonly kind: 'program' | 'oneshot'
  readonly role: GroupRole
  /** Unique in the plan; of letters, digits and `.-_@+`. */
  readonly name: string
  /** `group:name`. */
  readonly id: string
  readonly table: Table
  /** The process; for a oneshot that of `up`. */
  readonly settings: ProcessSettings
  readonly down: ProcessSettings | undefined
  /** Seconds; 0 = no limit. */
  readonly timeoutUp: number
  readonly timeoutDown: number
  /** As it is written: `www-data`, `1000`, `app:www`; it may have variables. */
  readonly user: string | undefined
  readonly needs: readonly UnitNeed[]
  /** Units with a lower priority, which start before it without being dependencies. */
  readonly after: readonly string[]
  /** It is started at boot. */
  readonly boots: boolean
  readonly comments: readonly string[]
}
