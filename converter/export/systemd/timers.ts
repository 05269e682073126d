// The timer of a unit with the key `schedule`. Source: systemd 252, systemd.timer(5).

import type { Schedule } from '../../../config/model/schedule.ts'
import { calendarTimes, isTimed } from '../plan/schedule.ts'
import type { Unit } from '../plan/unit.ts'
import type { Places } from './places.ts'
import { commandLine, plainValue } from './words.ts'

/** Files below the directory of units: name → text. */
export function timersOf(unit: Unit, schedule: Schedule, places: Places): ReadonlyMap<string, string> {
  const name = places.unitName(unit.name)
  const started = isRestarted(unit) ? restarter(name) : `${name}.service`
  const timer = [
    '[Unit]',
    `Description=${plainValue(`Times of ${unit.name} of ${places.whole}`)}`,
    `PartOf=${places.whole}.target`,
    '',
    '[Timer]',
    ...calendarTimes(schedule).map((one) => `OnCalendar=${one}`),
    // The times of cron are exact; systemd's are within a minute otherwise.
    'AccuracySec=1s',
    ...(started === `${name}.service` ? [] : [`Unit=${started}`]),
  ]
  const files = new Map([[`${name}.timer`, `${timer.join('\n')}\n`]])
  if (started === restarter(name)) files.set(started, restarterText(name, unit))
  return files
}

/** A timer starts what is down: a oneshot that was run stays up, and a program that its schedule restarts is up. */
function isRestarted(unit: Unit): boolean {
  return unit.kind === 'oneshot' || !isTimed(unit)
}

function restarter(name: string): string {
  return `${name}.restart.service`
}

function restarterText(name: string, { name: shown }: Unit): string {
  const command = commandLine(['/usr/bin/systemctl', 'restart', '--no-block', `${name}.service`])
  return `[Unit]\nDescription=${plainValue(`Restart ${shown}`)}\n\n[Service]\nType=oneshot\nExecStart=${command}\n`
}
