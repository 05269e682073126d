// The output of several processes as one list of lines, in the order in which they were written.

import { StringDecoder } from 'node:string_decoder'
import { findGroup, findService } from './find.ts'
import type { Operation, Room } from './operation.ts'
import type { LogLine } from './shapes/log-line.ts'
import type { Controlled, ControlledService, TimedLog } from './supervised.ts'

/** The most that is read of all logs together. */
const ALL_LIMIT_BYTES = 16 * 1024 * 1024
/** The most lines of one answer, which has some hundred bytes for each. So many are at least given of each log. */
export const MOST_LINES = 20_000
const LEAST_LINES = 20
const LINE_BYTES = 256
/** A longer line is given in pieces. */
const LINE_LIMIT = 64 * 1024

/** Which lines: of which processes (names, or groups as `group:*`; none means all), and how much of each log. */
export interface LinesQuery {
  readonly processes: readonly string[]
  readonly bytes: number
  readonly sinceMs: number | undefined
  /** How many of the newest lines of all together; undefined means all. */
  readonly newest: number | undefined
  readonly room: Room
}

/** The lines that are there, and those that follow; `begin` gives a function that ends it. */
export interface LineFeed {
  begin(take: Take): () => void
}

/** Takes a line. False and `drop`: further lines of the same chunk need not be made, but counted. */
export interface Take {
  (line: LogLine): boolean
  readonly drop: (bytes: number) => void
}

/** The newest lines of the output of processes. */
export const logLines: Operation<LinesQuery, readonly LogLine[]> = {
  summary: 'The newest lines of the output of processes, in the order in which they were written',
  errors: ['NOT_FOUND'],
  run: (controlled, query) => readLines(controlled, query),
}

/** The output of processes as it is written, also of processes that are added or replaced meanwhile. */
export const followLines: Operation<LinesQuery, LineFeed> = {
  summary: 'The newest lines of the output of processes, and then their lines as they are written',
  errors: ['NOT_FOUND'],
  run: async (controlled, query) => {
    const before = await readLines(controlled, query)
    return {
      begin: (take) => {
        for (const line of before) take(line)
        return followAll(controlled, query.processes, take)
      },
    }
  },
}

interface Source {
  readonly service: ControlledService
  readonly stream: 'stdout' | 'stderr'
  readonly log: TimedLog
}

async function readLines(controlled: Controlled, query: LinesQuery): Promise<readonly LogLine[]> {
  const sources = sourcesOf(servicesOf(controlled, query.processes))
  const each = Math.min(query.bytes, Math.floor(ALL_LIMIT_BYTES / Math.max(1, sources.length)))
  const most = Math.max(LEAST_LINES, Math.floor(MOST_LINES / Math.max(1, sources.length)))
  const sizes = sources.map(({ log }) => Math.min(each, log.size() ?? 0))
  await query.room(sizes.reduce((sum, size) => sum + size + LINE_BYTES * Math.min(size, most), 0))
  const found = sources.flatMap(({ service, stream, log }) =>
    log
      .lines(each, most, query.sinceMs)
      .map(({ atMs = 0, line }) => ({ atMs, line: showLine(service, stream, line, atMs) })),
  )
  const lines = found.sort((left, right) => left.atMs - right.atMs).map(({ line }) => line)
  return query.newest === undefined ? lines : lines.slice(Math.max(0, lines.length - query.newest))
}

function followAll(controlled: Controlled, names: readonly string[], take: Take): () => void {
  const followed = new Map<TimedLog, () => void>()
  const follow = (): void => {
    for (const { service, stream, log } of sourcesOf(servicesOf(controlled, names, true))) {
      if (followed.has(log)) continue
      const show = (text: string) => take(showLine(service, stream, text, controlled.clock.wallMs()))
      const split = splitter(Object.assign(show, { drop: take.drop }))
      followed.set(log, log.follow(split))
    }
  }
  follow()
  const stop = controlled.journal.follow(({ type }) => {
    if (type === 'configuration-applied' || type === 'group-added' || type === 'process-started') follow()
  })
  return () => {
    stop()
    for (const end of followed.values()) end()
  }
}

/** Passes on whole lines. */
function splitter(take: { (line: string): boolean; readonly drop: Take['drop'] }): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const text = rest + decoder.write(chunk)
    const last = text.lastIndexOf('\n') + 1
    let from = 0
    while (from < last) {
      const end = text.indexOf('\n', from)
      const isTaken = take(text.slice(from, end))
      from = end + 1
      if (isTaken) continue
      take.drop(last - from)
      break
    }
    rest = text.slice(last)
    if (rest.length <= LINE_LIMIT) return
    take(rest)
    rest = ''
  }
}

/** `isLater`: processes that are gone meanwhile are left out. */
function servicesOf(
  { supervisor }: Controlled,
  names: readonly string[],
  isLater = false,
): readonly ControlledService[] {
  if (names.length === 0) return supervisor.services()
  const known = isLater ? names.filter((name) => isKnown(() => servicesNamed(supervisor, name))) : names
  return [...new Set(known.flatMap((name) => servicesNamed(supervisor, name)))]
}

function servicesNamed(supervisor: Controlled['supervisor'], name: string): readonly ControlledService[] {
  const group = /^(.+):\*?$/.exec(name)?.[1]
  return group === undefined ? [findService(supervisor, name)] : findGroup(supervisor, group)
}

function isKnown(find: () => unknown): boolean {
  try {
    find()
    return true
  } catch {
    return false
  }
}

function sourcesOf(services: readonly ControlledService[]): readonly Source[] {
  return services.flatMap((service) =>
    (['stdout', 'stderr'] as const).flatMap((stream) => {
      const log = service.log(stream)
      return log === undefined ? [] : [{ service, stream, log }]
    }),
  )
}

function showLine(
  { group, name }: ControlledService,
  stream: 'stdout' | 'stderr',
  line: string,
  atMs: number,
): LogLine {
  return { time: atMs === 0 ? null : new Date(atMs).toISOString(), group, name, stream, line }
}
