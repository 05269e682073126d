// The output of several processes as one list of lines, in the order in which they were written.

import { StringDecoder } from 'node:string_decoder'
import { findGroup, findService } from './find.ts'
import type { Operation, Room } from './operation.ts'
import type { LogLine } from './shapes/log-line.ts'
import type { Controlled, ControlledService, TimedLog } from './supervised.ts'

/** The most that is read of all logs together. */
const ALL_LIMIT_BYTES = 16 * 1024 * 1024
/** A longer line is given in pieces. */
const LINE_LIMIT = 64 * 1024

/** Which lines: of which processes (names, or groups as `group:*`; none means all), and how much of each log. */
export interface LinesQuery {
  readonly processes: readonly string[]
  readonly bytes: number
  readonly sinceMs: number | undefined
  readonly room: Room
}

/** The lines that are there, and those that follow; `begin` gives a function that ends it. */
export interface LineFeed {
  begin(take: (line: LogLine) => void): () => void
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
  await query.room(sources.reduce((sum, { log }) => sum + Math.min(each, log.size() ?? 0), 0))
  const found = sources.flatMap(({ service, stream, log }) =>
    log.lines(each, query.sinceMs).map(({ atMs = 0, line }) => ({ atMs, line: showLine(service, stream, line, atMs) })),
  )
  return found.sort((left, right) => left.atMs - right.atMs).map(({ line }) => line)
}

function followAll(controlled: Controlled, names: readonly string[], take: (line: LogLine) => void): () => void {
  const followed = new Map<TimedLog, () => void>()
  const follow = (): void => {
    for (const { service, stream, log } of sourcesOf(servicesOf(controlled, names, true))) {
      if (followed.has(log)) continue
      const split = splitter((text) => take(showLine(service, stream, text, controlled.clock.wallMs())))
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
function splitter(take: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
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
