// The times of the key `schedule` in the words of other engines.

import type { Schedule } from '../../../config/model/schedule.ts'
import { cronSpans, cronWords, type Span } from '../../../config/values/schedule.ts'
import type { Unit } from './unit.ts'

/** Names of systemd, from Sunday on. */
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Whether a unit runs at its times alone, and ends each time. A program that its schedule restarts runs all the time. */
export function isTimed({ kind, settings: { schedule } }: Unit): boolean {
  return schedule !== undefined && (kind === 'oneshot' || schedule.overlap !== 'restart')
}

/** Five fields without seconds; Sunday is 0. Source: Kubernetes 1.33, CronJobSpec.schedule; robfig/cron 3.0. */
export function kubernetesTimes({ cron }: Schedule): string {
  const words = cronWords(cron).slice(-5)
  return [...words.slice(0, 4), weekdaysIn(words[4] ?? '*')].join(' ')
}

/** Five fields, or seven: seconds first, the year last. Source: Nomad 1.9, periodic.specs; hashicorp/cronexpr. */
export function nomadTimes({ cron }: Schedule): string {
  const words = cronWords(cron)
  return words.length === 5 ? kubernetesTimes({ cron, overlap: 'skip' }) : [...words, '*'].join(' ')
}

/** Whether the seconds of a schedule say something. */
export function hasSeconds({ cron }: Schedule): boolean {
  const words = cronWords(cron)
  return words.length === 6 && words[0] !== '0'
}

/**
 * Values of `OnCalendar=`. With days of the month and of the week crontab means either of them, which takes two. Source: systemd
 * 252, systemd.time(7).
 */
export function calendarTimes({ cron, timezone }: Schedule): readonly string[] {
  const [second, minute, hour, day, month, weekday] = cronSpans(cron)
  const zone = timezone === undefined ? '' : ` ${timezone}`
  const time = `${component(hour)}:${component(minute)}:${component(second)}${zone}`
  const date = (days: typeof day): string => `*-${component(month)}-${component(days)} ${time}`
  if (weekday === undefined) return [date(day)]
  const names = daysOf(weekday).map((number) => WEEKDAYS[number])
  const weekly = `${names.join(',')} ${date(undefined)}`
  return day === undefined ? [weekly] : [date(day), weekly]
}

function component(spans: readonly Span[] | undefined): string {
  if (spans === undefined) return '*'
  const two = (value: number): string => String(value).padStart(2, '0')
  return spans
    .map(({ first, last, step }) =>
      first === last ? two(first) : `${two(first)}..${two(last)}${step === 1 ? '' : `/${step}`}`,
    )
    .join(',')
}

/** The days of the week, each once; Sunday is 0. */
function daysOf(spans: readonly Span[]): readonly number[] {
  const all = spans.flatMap(({ first, last, step }) =>
    Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => (first + index * step) % 7),
  )
  return [...new Set(all)].toSorted((a, b) => a - b)
}

/** Only crontab knows 7 for Sunday. */
function weekdaysIn(word: string): string {
  if (!word.includes('7')) return word
  return daysOf(cronSpans(`* * * * ${word}`)[5] ?? []).join(',')
}
