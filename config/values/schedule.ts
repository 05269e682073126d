// The value of `schedule`: when a program or a oneshot is started. The fields are checked here; croner computes the times.

import type { Schedule } from '../model/schedule.ts'
import { nearest } from './nearest.ts'
import { quote, ValueError, type ValueType } from './values.ts'

const OVERLAPS = ['skip', 'queue', 'restart'] as const
/** Source: crontab(5) of cron 3.0. */
const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const KEYS = ['cron', 'timezone', 'overlap']
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** The numbers from `first` to `last`, each `step`. */
export interface Span {
  readonly first: number
  readonly last: number
  readonly step: number
}

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly words?: readonly string[]
}

const SECOND: Field = { name: 'second', least: 0, most: 59 }
const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  { name: 'day of week', least: 0, most: 7, words: DAYS },
]

/** "0 3 * * *", or a table such as `{ cron = "0 3 * * *", timezone = "Europe/Berlin", overlap = "skip" }`. */
export const schedule: ValueType<Schedule> = {
  name: 'schedule such as "0 3 * * *", or table of cron, timezone and overlap',
  fromText: (text) => ({ cron: cronFrom(text), overlap: 'skip' }),
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const given: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value))
    const unknown = Object.keys(given).find((name) => !KEYS.includes(name))
    if (unknown !== undefined) throw new ValueError(`there is no ${quote(unknown)}, only ${KEYS.join(', ')}`)
    const zone = given.timezone
    if (zone !== undefined && !(typeof zone === 'string' && isZone(zone)))
      throw new ValueError(`timezone ${quote(String(zone))} is no time zone such as "Europe/Berlin" or "UTC"`)
    return {
      cron: cronFrom(typeof given.cron === 'string' ? given.cron : ''),
      ...(zone !== undefined && { timezone: zone }),
      overlap: overlapFrom(given.overlap ?? 'skip'),
    }
  },
  toToml: ({ cron, timezone, overlap }) =>
    timezone === undefined && overlap === 'skip'
      ? cron
      : { cron, ...(timezone !== undefined && { timezone }), ...(overlap !== 'skip' && { overlap }) },
}

function cronFrom(text: string): string {
  const cron = text.trim().replaceAll(/\s+/g, ' ')
  if (Object.hasOwn(NICKNAMES, cron)) return cron
  const close = cron.startsWith('@') ? nearest(cron, Object.keys(NICKNAMES)) : undefined
  if (close !== undefined) throw new ValueError(`${quote(cron)} is not known; did you mean ${quote(close)}?`)
  const words = cron.split(' ')
  const fields = words.length === 6 ? [SECOND, ...FIELDS] : FIELDS
  if (words.length !== fields.length)
    throw new ValueError(`${quote(cron)} has not the five fields minute, hour, day of month, month, day of week`)
  for (const [index, word] of words.entries()) spansOf(word, fields[index] ?? SECOND)
  return cron
}

/** The five or six fields of a valid schedule as they are written; a nickname is written out. */
export function cronWords(cron: string): readonly string[] {
  return (NICKNAMES[cron] ?? cron).split(' ')
}

/** What the fields second, minute, hour, day of month, month, day of week name; undefined stands for `*`. */
export function cronSpans(cron: string): readonly (readonly Span[] | undefined)[] {
  const words = cronWords(cron)
  const all = words.length === 6 ? words : ['0', ...words]
  return all.map((word, index) => (word === '*' ? undefined : spansOf(word, [SECOND, ...FIELDS][index] ?? SECOND)))
}

function spansOf(word: string, field: Field): readonly Span[] {
  return word.split(',').map((part) => {
    const [, range = '', step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(part) ?? []
    const isStep = step === undefined || (Number(step) > 0 && (range === '*' || range.includes('-')))
    const ends = range === '*' ? [] : range.split('-')
    const numbers = ends.map((end) => numberOf(end, field))
    const [first = field.least, last = first] = numbers
    const isRange = range !== '' && ends.length <= 2 && numbers.every((number) => number !== undefined) && first <= last
    if (isRange && Number(step) > stepsOf(field))
      throw new ValueError(`${quote(part)} has a step above ${stepsOf(field)}, the number of values of a ${field.name}`)
    if (!isRange || !isStep)
      throw new ValueError(
        `${quote(part)} is no ${field.name} from ${field.least} to ${field.most}, range, or * with a step`,
      )
    return { first, last: range === '*' ? field.most : last, step: Number(step ?? 1) }
  })
}

/** The number of values. Days of the week have eight numbers: 0 and 7 are Sunday. */
function stepsOf({ least, most }: Field): number {
  return most === 7 ? 7 : most - least + 1
}

function numberOf(text: string, { least, most, words = [] }: Field): number | undefined {
  const index = words.indexOf(text.toLowerCase())
  const number = index < 0 ? (/^\d{1,2}$/.test(text) ? Number(text) : NaN) : index + (least === 1 ? 1 : 0)
  return number >= least && number <= most ? number : undefined
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

function overlapFrom(value: unknown): Schedule['overlap'] {
  const word = OVERLAPS.find((one) => one === value)
  if (word === undefined) throw new ValueError(`overlap ${quote(String(value))} is not one of ${OVERLAPS.join(', ')}`)
  return word
}
