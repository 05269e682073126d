// Mentions a stop that takes long.

import type { Clock } from '../system/clock.ts'

/** Source: supervisor 4.2.5, Subprocess.stop_report. */
const STOP_REPORT_MS = 2000

/** Says it now and every two seconds until `done`. */
export function reportStop(clock: Clock, done: Promise<void>, say: () => void): void {
  let timer = { cancel: () => {} }
  const report = (): void => {
    say()
    timer = clock.after(STOP_REPORT_MS, report)
  }
  report()
  void done.then(() => timer.cancel())
}
