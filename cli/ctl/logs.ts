// `kahi ctl logs`: the output of several processes, in the order in which it was written.

import { isUnitId, namespec, splitNamespec } from '../../config/model/names.ts'
import type { LogLine } from '../../runtime/control/operations/shapes/log-line.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { colourFor, print, printProblem } from '../print.ts'
import type { Client } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'
import { hear, untilInterrupted } from './stream.ts'

const DEFAULT_LINES = 200
const LONG_BYTES = 1024 * 1024
const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 }

/** Shows the output of processes. */
export const logsCommand: Command = {
  name: 'logs',
  usage: '[-f] [--since TIME] [--grep PATTERN] [-n LINES] [-t] [NAME... | GROUP:*]',
  summary: 'Show the output of processes together, each line with the name of its process',
  options: {
    follow: { type: 'boolean', alias: 'f', summary: 'Show new lines as they are written, until Ctrl-C' },
    since: { type: 'string', summary: 'Only lines since then: 90s, 10m, 2h, 1d, or a date with time as in ISO 8601' },
    grep: { type: 'string', summary: 'Only lines in which this regular expression is found' },
    lines: { type: 'string', alias: 'n', summary: `How many of the newest lines; ${DEFAULT_LINES} without --since` },
    timestamps: { type: 'boolean', alias: 't', summary: 'Show when each line was written, where that is known' },
    stream: { type: 'string', choices: ['stdout', 'stderr'], summary: 'Only one of the two outputs' },
    json: { type: 'boolean', summary: 'Print each line as a JSON object' },
  },
  positionals: [
    { name: 'names', summary: 'Processes, groups as GROUP:*; all when none is named', required: false, many: true },
  ],
  examples: [
    ['kahi ctl logs -f', 'all programs, as they write'],
    ['kahi ctl logs web worker:* --since 10m --grep error', 'what some wrote about errors in the last ten minutes'],
  ],
  run: (args) => {
    const wanted = readWanted(args)
    if (typeof wanted !== 'string') return withDaemon(args, (client) => show(client, args, wanted), { isForOne: true })
    printProblem(wanted, 'kahi ctl logs --help')
    return Promise.resolve(EXIT.usage)
  },
}

interface Wanted {
  readonly sinceMs: number | undefined
  readonly lines: number
  readonly fits: (line: LogLine) => boolean
}

/** A text is an error message. */
function readWanted(args: Arguments): Wanted | string {
  const [since, lines, stream] = [textOf(args, 'since'), textOf(args, 'lines'), textOf(args, 'stream')]
  const sinceMs = since === undefined ? undefined : readTime(since)
  if (since !== undefined && sinceMs === undefined)
    return `--since must be a time such as 10m or a date, not "${since}"`
  if (lines !== undefined && !/^\d{1,9}$/.test(lines)) return `--lines must be a whole number, not "${lines}"`
  const grep = textOf(args, 'grep')
  const pattern = grep === undefined ? undefined : readPattern(grep)
  if (typeof pattern === 'string') return pattern
  const fits = (line: LogLine): boolean =>
    (stream === undefined || line.stream === stream) && (pattern?.test(line.line) ?? true)
  return {
    sinceMs,
    lines: lines === undefined ? (sinceMs === undefined ? DEFAULT_LINES : Infinity) : Number(lines),
    fits,
  }
}

function readTime(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return systemClock().wallMs() - Number(count) * (UNITS[unit] ?? 0)
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(time) ? undefined : time
}

function readPattern(text: string): RegExp | string {
  try {
    return new RegExp(text)
  } catch {
    return `--grep is not a regular expression: ${text}`
  }
}

async function show(client: Client, args: Arguments, { sinceMs, lines, fits }: Wanted): Promise<number> {
  const processes = listOf(args, 'names').map((name) => (isUnitId(name) && name.endsWith('*') ? name : nameFor(name)))
  const isLong = sinceMs !== undefined || lines > DEFAULT_LINES || textOf(args, 'grep') !== undefined
  const query = {
    processes,
    ...(sinceMs !== undefined && { since: Math.max(0, Math.floor(sinceMs)) }),
    ...(isLong && { bytes: LONG_BYTES }),
  }
  const writer = await writerFor(client, args)
  if (!flagOf(args, 'follow')) {
    const found = (await client.call('GET /api/v1/logs', { query })).filter(fits)
    for (const line of found.slice(Math.max(0, found.length - lines))) writer(line)
    return CTL_EXIT.success
  }
  const take = (line: unknown): void => {
    if (fits(line as LogLine)) writer(line as LogLine)
  }
  // The lines that were asked for are those that fit the pattern, which the daemon does not know.
  const isLimited = Number.isFinite(lines) && textOf(args, 'grep') === undefined
  const first = { ...query, ...(isLimited && { lines }), ...(lines === 0 && { bytes: 0 }) }
  await untilInterrupted((stop) => hear(client, 'GET /api/v1/logs/stream', { query: first }, { take }, stop))
  return CTL_EXIT.success
}

function nameFor(text: string): string {
  const named = splitNamespec(text)
  return named.name === undefined ? `${named.group}:*` : fullName(named)
}

/** Prints a line behind the name of its process; on a terminal each name has a colour. */
async function writerFor(client: Client, args: Arguments): Promise<(line: LogLine) => void> {
  if (flagOf(args, 'json')) return (line) => print(JSON.stringify(line))
  const known = (await client.call('GET /api/v1/processes')).map(({ group, name }) => namespec(group, name))
  const colour = colourFor(process.stdout)
  const colours = [colour.cyan, colour.yellow, colour.green, colour.magenta, colour.blue, colour.red]
  const width = Math.min(30, Math.max(1, ...known.map((name) => name.length)))
  const isTimed = flagOf(args, 'timestamps')
  return ({ group, name, line, time }) => {
    const id = namespec(group, name)
    const index = known.includes(id) ? known.indexOf(id) : known.push(id) - 1
    const paint = colours[index % colours.length] ?? ((text: string) => text)
    const prefix = `${isTimed ? `${time ?? '-'.padEnd(24)} ` : ''}${id.padEnd(width)} |`
    print(`${paint(prefix)} ${line}`)
  }
}
