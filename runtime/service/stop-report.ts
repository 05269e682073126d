// Stops that take long: a time limit for waiting, and messages meanwhile.

import type { Logger } from '../log/sink.ts'
import type { Clock } from '../system/clock.ts'
import type { Unit } from './unit.ts'

/** Source: supervisor 4.2.5, Subprocess.stop_report. */
const STOP_REPORT_MS = 2000

/** Resolves with true when `done` resolves, with false after that many seconds; 0 = no limit. */
export async function isDoneWithin(clock: Clock, done: Promise<void>, seconds: number): Promise<boolean> {
  if (seconds === 0) return done.then(() => true)
  return new Promise((resolve) => {
    const timer = clock.after(seconds * 1000, () => resolve(false))
    void done.then(() => {
      timer.cancel()
      resolve(true)
    })
  })
}

/**
 * Whether a unit that is being stopped is down within timeout_down. Logs that it is waited for, now and every two
 * seconds.
 */
export async function isDown(
  unit: Pick<Unit, 'name' | 'settings' | 'atRest' | 'untilDown'>,
  clock: Clock,
  log: Logger['log'],
): Promise<boolean> {
  if (unit.atRest) return true
  const done = unit.untilDown()
  const seconds = unit.settings.timeout_down
  let timer = { cancel: () => {} }
  const report = (): void => {
    log('info', `waiting for ${unit.name} to stop`)
    timer = clock.after(STOP_REPORT_MS, report)
  }
  report()
  void done.then(() => timer.cancel())
  const isInTime = await isDoneWithin(clock, done, seconds)
  if (!isInTime) log('warn', `${unit.name} is not down after ${seconds} seconds (timeout_down)`)
  return isInTime
}
