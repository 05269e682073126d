// The memory of requests and answers of all clients.

import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { Connections } from '../../runtime/control/http/connections.ts'
import { Memory } from '../../runtime/control/http/memory.ts'
import { FakeClock } from '../helpers/fake-clock.ts'
import type { Socket } from 'node:net'

const MIB = 1024 * 1024

function world() {
  const clock = new FakeClock()
  const memory = new Memory((ms, callback) => clock.after(ms, callback))
  const cut: string[] = []
  const granted: string[] = []
  const client = (name: string): ServerResponse => {
    const response = new EventEmitter() as EventEmitter & { destroy(): void }
    response.destroy = () => {
      cut.push(name)
      response.emit('close')
    }
    return response as ServerResponse
  }
  const ask = (name: string, response: ServerResponse, bytes: number): void => {
    memory.works(response)
    void memory.room(response, bytes).then((is) => granted.push(`${name} ${is}`))
  }
  return { clock, memory, cut, granted, client, ask }
}

test('answers get memory before they are made: the others wait in order', async () => {
  const { clock, memory, granted, client, ask, cut } = world()
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name, response: client(name) }))
  for (const { name, response } of all) ask(name, response, 16 * MIB)
  await clock.advance(0)
  expect(granted).toEqual(['a true', 'b true', 'c true', 'd true'])
  const [first] = all
  if (first === undefined) return
  memory.answers(first.response, 100)
  await clock.advance(0)
  expect(granted.at(-1)).toBe('d true')
  first.response.emit('close')
  await clock.advance(0)
  expect(granted.at(-1)).toBe('e true')
  expect(cut).toEqual([])
})

test('a client that does not read is cut off for one that waits; what is being made is not', async () => {
  const { clock, memory, granted, client, ask, cut } = world()
  for (const name of ['made', 'stuck', 'reads', 'sent']) {
    const response = client(name)
    ask(name, response, 16 * MIB)
    await clock.advance(0)
    if (name !== 'made') memory.answers(response, 16 * MIB)
  }
  ask('new', client('new'), 16 * MIB)
  await clock.advance(999)
  expect(cut).toEqual([])
  await clock.advance(1)
  expect(cut).toEqual(['stuck'])
  expect(granted.at(-1)).toBe('new true')
})

test('an answer for which there is no room for long is refused, and small ones never are', async () => {
  const { clock, granted, client, ask } = world()
  for (const name of ['a', 'b', 'c', 'd']) ask(name, client(name), 16 * MIB)
  ask('long', client('long'), 100_000)
  ask('small', client('small'), 1000)
  await clock.advance(9_999)
  expect(granted.slice(4)).toEqual(['small true'])
  await clock.advance(1)
  expect(granted.slice(5)).toEqual(['long false'])
  expect(clock.pending).toBe(0)
})

test('bodies of all clients have a limit: those that came first and send no more are cut off', () => {
  const { memory, client, cut } = world()
  for (let number = 0; number < 70; number += 1) expect(memory.add(client(String(number)), MIB)).toBe(true)
  expect(cut).toEqual(['0', '1', '2', '3', '4', '5'])
})

test('a new connection replaces an idle one, or else the request that has been there for longest', () => {
  const clock = new FakeClock()
  const connections = new Connections((ms, callback) => clock.after(ms, callback))
  const closed: number[] = []
  const sockets = Array.from({ length: 258 }, (_, number) => {
    const socket = new EventEmitter() as EventEmitter & { destroy(): void }
    socket.destroy = () => {
      closed.push(number)
      socket.emit('close')
    }
    return socket as Socket
  })
  for (const [number, socket] of sockets.entries()) {
    connections.add(socket)
    if (number !== 100 && number < 256) connections.mark(socket, 'working')
    if (number === 256) connections.mark(socket, 'working')
  }
  expect(closed).toEqual([100, 0])
})

test('a later request that does not arrive is cut off, and a connection without one is not', async () => {
  const clock = new FakeClock()
  const connections = new Connections((ms, callback) => clock.after(ms, callback))
  const closed: string[] = []
  const [quiet, slow, good] = ['quiet', 'slow', 'good'].map((name) => {
    const socket = new EventEmitter() as EventEmitter & { destroy(): void }
    socket.destroy = () => void closed.push(name)
    connections.add(socket as Socket)
    for (let time = 0; time < 20; time += 1) connections.mark(socket as Socket, 'idle')
    return socket as Socket
  })
  for (const socket of [slow, good]) socket?.emit('data')
  if (good !== undefined) connections.mark(good, 'working')
  await clock.advance(3_600_000)
  expect(closed).toEqual(['slow'])
  expect([quiet, slow, good].map((socket) => socket?.listenerCount('data'))).toEqual([1, 0, 0])
})
