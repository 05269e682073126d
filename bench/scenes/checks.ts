// Health checks: 500 programs with one check a second each, of kahi alone: what they cost, and how late they come. The
// bench itself is the server that is asked, so its own delay on a busy machine counts as lateness too.

import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { cpuSeconds } from '../proc.ts'
import type { Peer } from '../peers.ts'
import { nowMs, sleep } from '../running.ts'
import { alternate, type Figures, type Row, type Scene, type Stage, withRunning } from '../scene.ts'

const PROGRAMS = 500
const INTERVAL_MS = 1000
/** Until all programs were started, and the code of the checks is warm. */
const WARM_MS = 5000
const WATCHED_MS = 15_000

const KINDS = ['tcp', 'http', 'half of each'] as const
type Kind = (typeof KINDS)[number]

/** Health checks of 500 programs. */
export const checks: Scene = {
  names: ['checks'],
  peers: ['kahi'],
  isSlow: true,
  rows: () => KINDS.flatMap((kind) => rowsOf(kind)),
  measure: (stage, peers) =>
    alternate(stage, peers, '500 health checks a second', async (peer) => {
      const figures: Figures[] = []
      for (const kind of KINDS) figures.push(await measure(stage, peer, kind))
      return Object.assign({}, ...figures) as Figures
    }),
}

function idOf(kind: Kind): string {
  return kind === 'half of each' ? 'checks' : `checks-${kind}`
}

function rowsOf(kind: Kind): readonly Row[] {
  const id = idOf(kind)
  return [
    { id, title: `500 health checks a second, ${kind}: part of one core`, unit: '', goal: { value: 0.1 } },
    { id: `${id}-late`, title: 'likewise, the latest one', unit: 'ms', goal: { value: 200 } },
    { id: `${id}-p99`, title: 'likewise, 99 of 100 are less late than', unit: 'ms' },
    { id: `${id}-rate`, title: 'likewise, checks that were made', unit: '/s' },
  ]
}

async function measure(stage: Stage, peer: Peer, kind: Kind): Promise<Figures> {
  const daemon: Peer = { ...peer, command: (setup) => [peer.command(setup)[0], 'daemon', '-c', setup.toml] }
  const asked = await serve(kind)
  const keys = (index: number): string => `health = { ${asked.check(index)}, interval = ${INTERVAL_MS / 1000} }\n`
  const figures: Record<string, number> = {}
  try {
    await withRunning(stage, daemon, { programs: PROGRAMS, needs: () => [], keys }, async (running) => {
      await running.waitForMarks(PROGRAMS)
      await sleep(WARM_MS)
      const pids = running.supervisorPids()
      const [begunMs, cpu] = [nowMs(), cpuSeconds(pids)]
      await sleep(WATCHED_MS)
      const seconds = (nowMs() - begunMs) / 1000
      const id = idOf(kind)
      const late = asked.lateMs(begunMs)
      figures[id] = (cpuSeconds(pids) - cpu) / seconds
      figures[`${id}-late`] = late.at(-1) ?? Number.NaN
      figures[`${id}-p99`] = late[Math.floor(late.length * 0.99)] ?? Number.NaN
      figures[`${id}-rate`] = late.length / seconds
    })
  } finally {
    asked.close()
  }
  return figures
}

/** What answers the checks. */
interface Asked {
  /** The check of a program, as keys of TOML. */
  check(index: number): string
  /** How late each check since that moment came after the one before it, in order of size. */
  lateMs(sinceMs: number): readonly number[]
  close(): void
}

async function serve(kind: Kind): Promise<Asked> {
  const arrivals = Array.from({ length: PROGRAMS }, (): number[] => [])
  const came = (index: number): void => void arrivals[index]?.push(nowMs())
  const http = createHttpServer((request, answer) => {
    came(Number(request.url?.slice(1)))
    answer.end('fine\n')
  })
  const isTcp = (index: number): boolean => kind === 'tcp' || (kind !== 'http' && index % 2 === 0)
  const tcp = arrivals.map((_, index) =>
    isTcp(index)
      ? createServer((socket) => {
          came(index)
          socket.destroy()
        })
      : undefined,
  )
  const ports = await Promise.all(tcp.map(async (server) => (server === undefined ? 0 : portOf(server))))
  const port = await portOf(http)
  return {
    check: (index) =>
      isTcp(index) ? `tcp = "127.0.0.1:${ports[index]}"` : `http = "http://127.0.0.1:${port}/${index}"`,
    lateMs: (sinceMs) => arrivals.flatMap((times) => gaps(times, sinceMs)).sort((left, right) => left - right),
    close: () => {
      for (const server of [http, ...tcp]) server?.close()
    },
  }
}

function gaps(times: readonly number[], sinceMs: number): readonly number[] {
  return times.slice(1).flatMap((atMs, index) => {
    const beforeMs = times[index] ?? 0
    return beforeMs < sinceMs ? [] : [atMs - beforeMs - INTERVAL_MS]
  })
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}
