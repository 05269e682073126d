// Keys of [programs.X]. Names, types, defaults and scopes are supervisord's unless a row says otherwise.
// Source: supervisor 4.2.5, ServerOptions._processes_from_section.

import type { Settings } from './key.ts'
import { conditionKeys } from './program/conditions.ts'
import { lifeKeys } from './program/life.ts'
import { outputKeys } from './program/output.ts'
import { processKeys } from './program/process.ts'

/** Keys of a program, in the order in which they are written. */
export const programKeys = { ...processKeys, ...conditionKeys, ...lifeKeys, ...outputKeys }

const { like: _, command: usual, ...defaults } = programKeys

/** Keys of [defaults.programs]. */
export const defaultKeys = { command: { ...usual, required: false }, ...defaults }

/** The values of a program's keys. */
export type ProgramValues = Settings<typeof programKeys>
