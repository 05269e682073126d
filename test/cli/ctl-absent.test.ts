// `kahi ctl` without a daemon: the reason, a hint, and the exit codes of supervisorctl.

import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'

const START =
  '  hint: start one: kahi daemon -c FILE; if it listens elsewhere: kahi ctl -c FILE, -s SOCKET or $KAHI_SOCKET\n'

test.each([
  ['status', `error: no daemon listens on unix://SOCKET\n${START}`, 4],
  ['stop web', `error: no daemon listens on unix://SOCKET\n${START}`, 7],
  ['start', `error: no daemon listens on unix://SOCKET\n${START}`, 7],
  ['shutdown', 'error: no daemon listens on unix://SOCKET (already shut down?)\n', 1],
])('%s without a daemon', async (line, text, exitCode) => {
  const socket = join(scratch(), 'none.sock')
  const result = await kahi(['ctl', '-s', socket, ...line.split(' ')])
  expect([result.stdout.replace(socket, 'SOCKET'), result.exitCode]).toEqual([text, exitCode])
})

test.each([
  ['status', `error: no daemon listens on URL\n${START}`, 4],
  ['pid', `error: no daemon listens on URL\n${START}`, 4],
  ['shutdown', 'error: no daemon listens on URL (already shut down?)\n', 1],
])('%s where no process listens', async (line, text, exitCode) => {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const result = await kahi(['ctl', '-s', url, line])
  expect([result.stdout.replace(url, 'URL'), result.exitCode]).toEqual([text, exitCode])
})
