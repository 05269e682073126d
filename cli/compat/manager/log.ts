// The log lines of `manager`: prefix, level, local time. ERROR goes to standard error, all others to standard output.
// Source: flush-manager 1.0.0, internal/logger/logger.go; Go 1.23, log.Logger.

import { writeSync } from 'node:fs'
import { systemClock } from '../../../runtime/system/clock.ts'

/** Writes lines. */
export interface ManagerLog {
  info(message: string): void
  error(message: string): void
  debug(message: string): void
}

/** The log of this process. A line that cannot be written is lost. */
export function managerLog(): ManagerLog {
  const clock = systemClock()
  const line = (fd: 1 | 2, level: string) => (message: string) => {
    try {
      writeSync(fd, `[flush-manager] ${level}: ${stamp(new Date(clock.wallMs()))} ${message}\n`)
    } catch {
      // the other end is closed, or full
    }
  }
  return { info: line(1, 'INFO'), error: line(2, 'ERROR'), debug: line(1, 'DEBUG') }
}

/** `2026/11/30 04:05:06`. */
function stamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${two(time.getDate())}`
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}
