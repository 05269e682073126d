// Many clients of a busy daemon: 1,000 follow its events while 100 programs write lines without end and 200 requests come each
// second, some of which are changes that all followers hear of.

import { connect, type Socket } from 'node:net'
import { memoryMib } from '../proc.ts'
import { ask } from '../request.ts'
import { nowMs, type Running, sleep } from '../running.ts'
import { alternate, type Figures, type Scene, type Stage, withRunning } from '../scene.ts'
import { programName } from '../setup.ts'
import { quantile } from '../statistics.ts'

const FOLLOWERS = 1000
const PROGRAMS = 100
const PER_SECOND = 200
const TITLE = `${FOLLOWERS} SSE clients, ${PER_SECOND} requests/s, ${PROGRAMS} flooding programs`

/** Clients of a busy daemon. */
export const crowd: Scene = {
  names: ['crowd'],
  peers: ['kahi'],
  isSlow: true,
  rows: () => [
    { id: 'crowd', title: `${TITLE}: p99 of a request`, unit: 'ms', goal: { value: 100 } },
    { id: 'crowd-median', title: 'its median', unit: 'ms' },
    { id: 'crowd-memory-first', title: 'private memory after a sixth of the time', unit: 'MiB' },
    { id: 'crowd-memory-last', title: 'private memory at the end', unit: 'MiB' },
    { id: 'crowd-memory-ratio', title: 'its growth: the end over a sixth', unit: '', goal: { value: 1.2 } },
    { id: 'crowd-lost', title: 'followers that were cut off, and requests that failed', unit: '', goal: { value: 0 } },
    { id: 'crowd-silent', title: 'followers that missed an event', unit: '', goal: { value: 0 } },
  ],
  measure: (stage, peers) =>
    alternate(stage, peers, 'crowd', async (peer) => {
      let figures: Figures = {}
      await withRunning(stage, peer, { programs: PROGRAMS, floods: PROGRAMS }, async (running) => {
        figures = await play(stage, running)
      })
      return figures
    }),
}

async function play(stage: Stage, running: Running): Promise<Figures> {
  const seconds = stage.isQuick ? 12 : 60
  const { socket } = running.setup
  const marks = await running.waitForMarks(PROGRAMS)
  const followers = await follow(socket)
  for (const { pid } of marks) process.kill(pid, 'SIGUSR1')
  await sleep(1000)
  const took: number[] = []
  const state = { failed: 0, changes: 0 }
  const send = async (index: number): Promise<void> => {
    const [method, path, body] = requestOf(index)
    try {
      const { ms, status } = await ask(socket, method, path, body)
      took.push(ms)
      if (status !== 200) state.failed += 1
      else if (method === 'POST') state.changes += 1
    } catch {
      state.failed += 1
    }
  }
  const work: Promise<void>[] = []
  let first = 0
  const begun = nowMs()
  for (let index = 0; index < seconds * PER_SECOND; index += 1) {
    await sleep(Math.max(0, begun + (index * 1000) / PER_SECOND - nowMs()))
    work.push(send(index))
    if (index === Math.floor((seconds * PER_SECOND) / 6)) first = memoryMib(running.supervisorPids(), 'Anonymous')
  }
  await Promise.all(work)
  const last = memoryMib(running.supervisorPids(), 'Anonymous')
  await sleep(2000)
  const lost = followers.filter(({ isOpen }) => !isOpen).length
  const silent = followers.filter(({ heard }) => heard < state.changes).length
  for (const one of followers) one.socket.destroy()
  return {
    crowd: quantile(took, 0.99),
    'crowd-median': quantile(took, 0.5),
    'crowd-memory-first': first,
    'crowd-memory-last': last,
    'crowd-memory-ratio': last / first,
    'crowd-lost': lost + state.failed,
    'crowd-silent': silent,
  }
}

/** Each second has two changes, one scrape and twenty lists; all others ask for one process. */
function requestOf(index: number): readonly [method: string, path: string, body: string] {
  const kind = index % PER_SECOND
  if (kind % 100 === 0)
    return ['POST', `/api/v1/processes/${programName(index % PROGRAMS)}/signal`, '{"signal":"CONT"}']
  if (kind === 50) return ['GET', '/metrics', '']
  if (kind % 10 === 1) return ['GET', '/api/v1/processes', '']
  return ['GET', `/api/v1/processes/${programName(index % PROGRAMS)}`, '']
}

interface Follower {
  readonly socket: Socket
  isOpen: boolean
  /** Changes that it has heard of. */
  heard: number
}

async function follow(path: string): Promise<readonly Follower[]> {
  const followers: Follower[] = []
  for (let index = 0; index < FOLLOWERS; index += 1) followers.push(await followOne(path))
  return followers
}

function followOne(path: string): Promise<Follower> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const follower: Follower = { socket, isOpen: true, heard: 0 }
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      const text = String(chunk)
      if (text.includes('event: hello')) resolve(follower)
      follower.heard += text.split('event: audit').length - 1
    })
    socket.on('error', reject)
    socket.once('close', () => {
      follower.isOpen = false
      reject(new Error('a follower was refused'))
    })
    socket.write('GET /api/v1/events/stream?types=audit HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
}
