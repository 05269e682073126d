// The settings of a process that a new configuration changes while the process runs. A process gets the socket for its
// notices, or the descriptor for its newline, at its start, so `health` and `ready` with these are none of them.

import type { KeyTable } from '../keys/key.ts'
import { programKeys } from '../keys/program.ts'
import type { ProcessSettings } from './process.ts'

const rows: KeyTable = programKeys

/** Checks that need something which the process gets at its start. */
const FROM_START: readonly string[] = ['fd', 'notify']

/** Whether a changed value of the setting is applied without a restart of the process. */
export function isLive(setting: string): boolean {
  return rows[setting]?.live === true
}

/** Whether a change of the setting from `before` to `after` is applied without a restart of the process. */
export function isLiveChange(setting: string, before: ProcessSettings, after: ProcessSettings): boolean {
  if (!isLive(setting)) return false
  if (setting !== 'health' && setting !== 'ready') return true
  return [before, after].every(({ [setting]: check }) => !FROM_START.includes(check?.check.kind ?? ''))
}

/** These settings alone. */
export function liveSettings(settings: ProcessSettings): Partial<ProcessSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isLive(name)))
}
