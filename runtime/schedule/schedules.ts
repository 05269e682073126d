// Starts programs and oneshots at their times (key `schedule`). croner computes the times, also over changes of the clock
// to and from summer time. Only a daemon with such a unit loads this file.

import { Cron } from 'croner'
import type { Schedule } from '../../config/model/schedule.ts'
import { unitId } from '../../config/model/names.ts'
import type { EventBus } from '../events/bus.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { Unit } from '../service/unit.ts'
import type { Clock, Timer } from '../system/clock.ts'

/** What schedules need of the daemon. */
export interface SchedulesParts {
  readonly clock: Clock
  readonly log: Logger
  readonly bus: Pick<EventBus, 'on'>
  units(): readonly Unit[]
  start(id: string): void
  /** Stops the unit if it is up, and starts it. */
  restart(id: string): void
}

interface Scheduled {
  readonly unit: Unit
  readonly schedule: Schedule
  readonly cron: Cron
  timer: Timer
  /** It is started as soon as it has ended. */
  isQueued: boolean
}

/** The clock of the machine may be set, so a long wait is made of shorter ones. */
const LONGEST_MS = 3_600_000

/** All schedules of a daemon. */
export class Schedules {
  readonly #parts: SchedulesParts
  readonly #scheduled = new Map<string, Scheduled>()
  readonly #stopHearing: () => void

  constructor(parts: SchedulesParts) {
    this.#parts = parts
    this.#stopHearing = parts.bus.on((event) => this.#hear(event))
  }

  /** Another configuration is in force: units may have come, gone, or been replaced. */
  follow(): void {
    const units = new Map(this.#parts.units().map((unit) => [unit.id, unit]))
    for (const [id, { unit, schedule }] of this.#scheduled)
      if (units.get(id) !== unit || !isSame(unit.settings.schedule, schedule)) this.#drop(id)
    for (const unit of units.values()) {
      const { schedule } = unit.settings
      if (schedule !== undefined && !this.#scheduled.has(unit.id)) this.#add(unit, schedule)
    }
  }

  /** Ends all schedules. */
  close(): void {
    this.#stopHearing()
    for (const id of [...this.#scheduled.keys()]) this.#drop(id)
  }

  #add(unit: Unit, schedule: Schedule): void {
    const { cron: pattern, timezone } = schedule
    const cron = new Cron(pattern, { paused: true, ...(timezone !== undefined && { timezone }) })
    const scheduled: Scheduled = { unit, schedule, cron, timer: { cancel: () => {} }, isQueued: false }
    this.#scheduled.set(unit.id, scheduled)
    const next = this.#wait(scheduled)
    const when = next === undefined ? 'never' : next.toISOString()
    this.#say(unit, `schedule: ${unit.name} is started next at ${when}`)
  }

  #drop(id: string): void {
    const scheduled = this.#scheduled.get(id)
    scheduled?.timer.cancel()
    scheduled?.cron.stop()
    this.#scheduled.delete(id)
  }

  /** Waits for the next time; gives it. */
  #wait(scheduled: Scheduled): Date | undefined {
    const { clock } = this.#parts
    const next = scheduled.cron.nextRun(new Date(clock.wallMs())) ?? undefined
    if (next !== undefined) this.#until(scheduled, next.getTime())
    return next
  }

  #until(scheduled: Scheduled, atMs: number): void {
    const { clock } = this.#parts
    const leftMs = atMs - clock.wallMs()
    scheduled.timer = clock.after(Math.min(Math.max(leftMs, 0), LONGEST_MS), () => {
      if (clock.wallMs() < atMs) {
        this.#until(scheduled, atMs)
        return
      }
      this.#wait(scheduled)
      this.#due(scheduled)
    })
  }

  #due(scheduled: Scheduled): void {
    const { unit, schedule } = scheduled
    if (!isRunning(unit)) return this.#begin(unit)
    const { overlap } = schedule
    if (overlap === 'restart') {
      this.#say(unit, `schedule: restarting ${unit.name}`)
      this.#parts.restart(unit.id)
      return
    }
    scheduled.isQueued = overlap === 'queue'
    this.#say(
      unit,
      `schedule: ${unit.name} is still running: ${overlap === 'queue' ? 'started when it has ended' : 'skipped'}`,
    )
  }

  #begin(unit: Unit): void {
    this.#say(unit, `schedule: starting ${unit.name}`)
    if (unit.isUp) this.#parts.restart(unit.id)
    else this.#parts.start(unit.id)
  }

  #hear(event: RuntimeEvent): void {
    if (event.type === 'supervisor-state' && event.state === 'stopping') this.close()
    if (event.type !== 'process-state' && event.type !== 'oneshot-ended') return
    const scheduled = this.#scheduled.get(unitId(event.group, event.name))
    if (scheduled?.isQueued !== true) return
    if (event.type === 'process-state' && !['exited', 'stopped', 'fatal'].includes(event.to)) return
    scheduled.isQueued = false
    // the state of the unit changes after the event
    void scheduled.unit.untilAtRest().then(() => this.#scheduled.has(scheduled.unit.id) && this.#begin(scheduled.unit))
  }

  #say({ group, name: process }: Unit, message: string): void {
    this.#parts.log.log('info', message, { group, process })
  }
}

/** A oneshot that is up has ended. */
function isRunning(unit: Unit): boolean {
  const { state } = unit.info()
  return (unit.isUp || unit.isStopping) && state !== 'exited'
}

function isSame(left: Schedule | undefined, right: Schedule): boolean {
  return left?.cron === right.cron && left.timezone === right.timezone && left.overlap === right.overlap
}
