// Signals as supervisord's messages name them.

import { expect, test } from 'vitest'
import { signalInMessage } from '../../config/values/signal.ts'

test.each([
  [15, 'SIGTERM'],
  [6, 'SIGABRT'],
  [17, 'SIGCHLD'],
  [29, 'SIGPOLL'],
  [34, 'SIGRTMIN'],
  [64, 'SIGRTMAX'],
  [37, 'signal 37'],
  [0, 'signal 0'],
])('%i is %s, as supervisord says it', (number, name) => {
  expect(signalInMessage(number)).toBe(name)
})
