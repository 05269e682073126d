// The settings of a process that a new configuration changes while the process runs. A process gets the socket for its
// notices at its start, so `health` with notify is none of them.

import type { KeyTable } from '../keys/key.ts'
import { programKeys } from '../keys/program.ts'
import type { ProcessSettings } from './process.ts'

const rows: KeyTable = programKeys

/** Whether a changed value of the setting is applied without a restart of the process. */
export function isLive(setting: string): boolean {
  return rows[setting]?.live === true
}

/** Whether a change of the setting from `before` to `after` is applied without a restart of the process. */
export function isLiveChange(setting: string, before: ProcessSettings, after: ProcessSettings): boolean {
  const isNotified = [before, after].some(({ health }) => health?.check.kind === 'notify')
  return isLive(setting) && !(setting === 'health' && isNotified)
}

/** These settings alone. */
export function liveSettings(settings: ProcessSettings): Partial<ProcessSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isLive(name)))
}
