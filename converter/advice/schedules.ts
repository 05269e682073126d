// Advice on shell loops that sleep: programs that do something now and then, and programs that restart others. The key
// `schedule` does both. The times change: they are those of the clock, and no longer count from the last end.

import { basename } from 'node:path'
import type { Document, Table } from '../../config/keys/document.ts'
import { type Advice, placeOf, programsOf } from './advice.ts'
import { readStatements, scriptOf, wordsOf } from './shell.ts'

/** A loop or a chain that sleeps: its period in seconds, and what it does then, as script. */
interface Loop {
  readonly seconds: number
  readonly body: string
}

/** Without a loop, a shorter sleep is one before a start. */
const LEAST_ALONE_S = 600
/** A job that ends must not be started again at once. */
const RULES = ['autostart', 'autorestart', 'startsecs', 'startretries']
const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }
const SLEEP = String.raw`(?:\/(?:usr\/)?bin\/)?sleep\s+(\d{1,7})([smhd]?)`
const FOREVER = /^\s*while\s+(?:true|:)\s*;\s*do\s+([^]*?)\s*;?\s*done\s*;?\s*$/
const BEFORE = new RegExp(String.raw`^\s*${SLEEP}\s*(?:;|&&|\n)\s*([^]+?)\s*;?\s*$`)
const AFTER = new RegExp(String.raw`^\s*([^]+?)\s*(?:;|&&|\n)\s*${SLEEP}\s*;?\s*$`)

/** Programs that sleep between what they do. */
export function adviseOnSchedules(document: Document): readonly Advice[] {
  return programsOf(document).flatMap((table): readonly Advice[] => {
    const words = wordsOf(table) ?? []
    const loop = readLoop(words)
    const cron = loop === undefined ? undefined : cronOf(loop.seconds)
    if (loop === undefined || cron === undefined) return []
    const common = { kind: 'schedule', place: placeOf(table, 'command'), program: table.name, certain: false } as const
    const targets = restartedBy(loop, document, table)
    if (targets !== undefined) {
      const names = targets.map(({ name }) => name).join(', ')
      const reason = `it only restarts ${names} now and then: schedule of ${names} does that, at times of the clock`
      const set = { schedule: { cron, overlap: 'restart' } }
      return [
        {
          ...common,
          reason,
          changes: [...targets.map((target) => ({ table: target, set })), { table, becomes: null }],
        },
      ]
    }
    const reason =
      'it sleeps between what it does: schedule starts it at times of the clock, and shows how each run ended'
    const set = { command: [...words.slice(0, -1), loop.body], schedule: cron }
    const unset = RULES.filter((key) => table.entries.some((entry) => entry.key === key))
    return [{ ...common, reason, changes: [{ table, set, unset }] }]
  })
}

/** Whether the program is one that these rules advise on. */
export function isTimed(words: readonly string[]): boolean {
  const loop = readLoop(words)
  return loop !== undefined && cronOf(loop.seconds) !== undefined
}

function readLoop(words: readonly string[]): Loop | undefined {
  const script = scriptOf(words)
  if (script === undefined) return undefined
  const inner = FOREVER.exec(script)?.[1]
  const text = inner ?? script
  const before = BEFORE.exec(text)
  const after = before === null && inner !== undefined ? AFTER.exec(text) : null
  const [count, unit, body] = before === null ? [after?.[2], after?.[3], after?.[1]] : [before[1], before[2], before[3]]
  if (count === undefined || body === undefined || /\bsleep\b|\bexec\b|[&](?!&)(?<!&&)/.test(body)) return undefined
  const seconds = Number(count) * (UNITS[unit ?? ''] ?? 0)
  const isAlone = inner === undefined
  if (isAlone && (seconds < LEAST_ALONE_S || !/\bsupervisorctl\s/.test(body))) return undefined
  return { seconds, body }
}

/** The programs that a loop restarts, if it does nothing else. */
function restartedBy({ body }: Loop, document: Document, own: Table): readonly Table[] | undefined {
  const [statement, ...more] = readStatements(body) ?? []
  const words = statement?.words ?? []
  const at = words.indexOf('restart')
  if (more.length > 0 || at < 1 || basename(words[0] ?? '') !== 'supervisorctl') return undefined
  const targets = words
    .slice(at + 1)
    .map((name) => programsOf(document).find((one) => one.name === name && one !== own))
  const known = targets.filter((one) => one !== undefined)
  return known.length > 0 && known.length === targets.length ? known : undefined
}

/** The line of crontab(5) for a period; undefined when the clock has no such times. */
function cronOf(seconds: number): string | undefined {
  const [minutes, hours] = [seconds / 60, seconds / 3600]
  if (hours === 24) return '0 0 * * *'
  if (hours === 1) return '0 * * * *'
  if (hours > 1 && hours < 24 && 24 % hours === 0) return `0 */${hours} * * *`
  if (minutes === 1) return '* * * * *'
  if (minutes > 1 && minutes < 60 && 60 % minutes === 0) return `*/${minutes} * * * *`
  return seconds > 1 && seconds < 60 && 60 % seconds === 0 ? `*/${seconds} * * * * *` : undefined
}
