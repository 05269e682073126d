// Who may use a server.

import { expect, test } from 'vitest'
import { isAuthorized } from '../../runtime/control/http/access.ts'

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
