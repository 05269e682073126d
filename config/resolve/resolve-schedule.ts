// The defaults of programs with the key `schedule`: they are started by it alone, and an end is no failure.

import { findEntry, type Table } from '../keys/document.ts'
import type { ProgramValues } from '../keys/program.ts'

const SCHEDULED = { autostart: false, autorestart: 'false', startsecs: 0 } as const

/** The values with these defaults. A program that the schedule restarts is one that runs all the time, as any other. */
export function withSchedule(program: Table, values: ProgramValues): ProgramValues {
  const { schedule } = values
  if (schedule === undefined || schedule.overlap === 'restart') return values
  const unset = Object.entries(SCHEDULED).filter(([key]) => findEntry(program, key) === undefined)
  return { ...values, ...Object.fromEntries(unset) }
}
