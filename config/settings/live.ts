// The settings of a process that a new configuration changes while the process runs.

import type { KeyTable } from '../keys/key.ts'
import { programKeys } from '../keys/program.ts'
import type { ProcessSettings } from './process.ts'

const rows: KeyTable = programKeys

/** Whether a changed value of the setting is applied without a restart of the process. */
export function isLive(setting: string): boolean {
  return rows[setting]?.live === true
}

/** These settings alone. */
export function liveSettings(settings: ProcessSettings): Partial<ProcessSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isLive(name)))
}
