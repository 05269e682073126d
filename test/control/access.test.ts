// Access to a server: credentials, roles, and wrong passwords.

import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Gate, isAuthorized } from '../../runtime/control/http/access.ts'
import { sourceOf } from '../../runtime/control/http/source.ts'
import { FakeClock } from '../helpers/fake-clock.ts'
import { scratch } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'
import { ask, open, unixServer } from './asking.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const plain = { username: 'me', password: 'a:b' }
const hashed = { username: 'me', password: '{SHA}a9993e364706816aba3e25717850c26c9cd0d89d' }

test.each([
  ['nothing is asked for', undefined, undefined, true],
  ['no header', undefined, plain, false],
  ['the right pair, the password with a colon', basic('me:a:b'), plain, true],
  ['another spelling of the scheme', basic('me:a:b').replace('Basic', 'bAsIc'), plain, true],
  ['a wrong password', basic('me:a:c'), plain, false],
  ['a wrong user', basic('you:a:b'), plain, false],
  ['no colon', basic('mea'), plain, false],
  ['another scheme', 'Bearer abc', plain, false],
  ['not base64', 'Basic !!!', plain, false],
  ['the password of a hash', basic('me:abc'), hashed, true],
  ['the hash itself is no password', basic(`me:${hashed.password}`), hashed, false],
])('%s', (_sentence, header, credentials, isAllowed) => {
  expect(isAuthorized(header, credentials)).toBe(isAllowed)
})

/** A gate, and a function that sends it a password from an address; `answers` has the answers of the gate in order. */
function gate(credentials = plain) {
  const clock = new FakeClock()
  const log: string[] = []
  const answers: string[] = []
  const after = (ms: number, callback: () => void) => clock.after(ms, callback)
  const parts = { credentials, after, nowMs: () => clock.nowMs(), log: (line: string) => void log.push(line) }
  const one = new Gate(parts)
  const send = (password: string, address?: string, socket = new EventEmitter()): Promise<unknown> => {
    const headers = { authorization: basic(`me:${password}`) }
    const request = { headers, socket: Object.assign(socket, { remoteAddress: address }) }
    const answer = one.admits(request as unknown as IncomingMessage)
    const keep = (what: string): void => void answers.push(what)
    return answer.then(
      (isRight) => keep(isRight ? 'right' : 'wrong'),
      (error: Error) => keep(error.message),
    )
  }
  return { clock, log, answers, send }
}

test.each([['203.0.113.7'], ['127.0.0.1'], [undefined]])(
  'the right password is accepted while others are guessed from the same place: %s',
  async (address) => {
    const { clock, answers, send, log } = gate()
    for (let guess = 0; guess < 100; guess += 1) void send(String(guess), address)
    await send('a:b', address)
    expect(answers).toEqual([...Array<string>(10).fill('wrong'), 'right'])
    expect(log).toHaveLength(2)
    await clock.advance(3000)
    expect(answers.slice(11)).toEqual(['wrong', 'wrong', 'wrong'])
    await clock.advance(2000)
    expect(answers.slice(14).filter((answer) => answer === 'wrong')).toHaveLength(2)
    expect(answers.filter((answer) => answer.startsWith('too many'))).toHaveLength(85)
  },
)

test('all addresses of one machine wait in one line, and a guess that is given up does not shorten it', async () => {
  const { clock, answers, send } = gate()
  const given = new EventEmitter()
  for (let guess = 1; guess <= 10; guess += 1) await send('x', `127.0.0.${guess}`)
  void send('x', '::1', given)
  void send('x', '::ffff:127.9.9.9')
  await send('x', '203.0.113.7')
  given.emit('close')
  await clock.advance(1000)
  expect(answers).toHaveLength(12)
  await clock.advance(1000)
  expect(answers).toHaveLength(13)
})

test.each([
  [undefined, 'the unix socket'],
  ['127.0.0.9', 'this machine'],
  ['::ffff:127.0.0.9', 'this machine'],
  ['::1', 'this machine'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:0:5::1', '2001:db8:0:5::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the source of %s is %s', (address, source) => {
  expect(sourceOf(address)).toBe(source)
})

test('over a unix socket the right password is answered while wrong ones wait', async () => {
  const socketPath = join(scratch(), 's')
  const { log } = await open([unixServer(socketPath, { credentials: plain })])
  const asking = (password: string) =>
    ask({ socketPath }, '/api/v1/version', { headers: { authorization: basic(`me:${password}`) } })
  const guesses = Array.from({ length: 30 }, (_, guess) => asking(String(guess)))
  await eventually(() => log.some((line) => line.includes('too many wrong passwords')), 'guesses that wait')
  expect((await asking('a:b')).status).toBe(200)
  const statuses = new Set((await Promise.all(guesses)).map(({ status }) => status))
  expect([...statuses].sort()).toEqual([401, 429])
})

test('guesses of a bcrypt password from many places on TCP do not take the turn of the unix socket', async () => {
  const credentials = { username: 'me', password: '$2b$10$9d6vnaU9rqG8BuNvowo3u.w3mqPyJVXcu8vVOJ3r7sourHDSuMb0e' }
  const [network, local] = [gate(credentials), gate(credentials)]
  for (let place = 0; place < 25; place += 1) void network.send('wrong', `203.0.113.${place}`)
  await local.send('wrong')
  expect(local.answers).toEqual(['wrong'])
  expect(network.answers.filter((answer) => answer !== 'wrong')).toHaveLength(5)
})
