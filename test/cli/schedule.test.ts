// schedule: programs and oneshots that start at their times. The schedules here fire every second, so that the tests are short.
// croner computes the times of a line; test/runtime/schedules.test.ts tests the rest with the fake clock.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

async function setUp(programs: string) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "DIR/s"\n${programs}`.replaceAll('DIR', folder))
  const daemon = await startReady(file)
  const lines = (name: string): number => {
    const path = join(folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0
  }
  return { folder, daemon, lines, file, ctl: (...words: readonly string[]) => kahi(['ctl', '-c', file, ...words]) }
}

const EACH = '* * * * * *'

test('a program and a oneshot are run each second; overlaps are skipped, queued, or restart; a reload changes the times', async () => {
  const { daemon, lines, folder, file, ctl } = await setUp(`
[programs.job]
command = "sh -c 'echo x >>DIR/job; exit 1'"
schedule = "${EACH}"
[oneshots.clean]
up = "sh -c 'echo x >>DIR/clean'"
schedule = "${EACH}"
[programs.slow]
command = "sh -c 'echo x >>DIR/slow; sleep 1000'"
schedule = "${EACH}"
[programs.queued]
command = "sh -c 'echo x >>DIR/queued; until [ -e DIR/go ]; do sleep 0.05; done; rm DIR/go'"
schedule = { cron = "${EACH}", overlap = "queue", timezone = "Asia/Tokyo" }
[programs.caddy]
command = "sh -c 'echo x >>DIR/caddy; exec sleep 1000'"
startsecs = 0
schedule = { cron = "${EACH}", overlap = "restart" }
[programs.yearly]
command = "sh -c 'echo x >>DIR/yearly'"
schedule = { cron = "0 3 1 jan *", timezone = "Europe/Berlin" }
`)
  await eventually(() => lines('job') > 1 && lines('clean') > 1 && lines('caddy') > 2)
  await daemon.line('schedule: slow is still running: skipped')
  await daemon.line('schedule: queued is still running: started when it has ended')
  await daemon.line(/schedule: yearly is started next at \d{4}-01-01T02:00:00.000Z/)
  appendFileSync(join(folder, 'go'), '')
  await eventually(() => lines('queued') > 1)
  expect(lines('slow')).toBe(1)
  expect(lines('yearly')).toBe(0)
  expect((await ctl('status', 'job')).stdout).toContain('EXITED')
  writeFileSync(file, readFileSync(file, 'utf8').replace('0 3 1 jan *', EACH))
  await ctl('apply')
  await eventually(() => lines('yearly') > 0)
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
})

test.each([
  ['"0 3 * *"', 'has not the five fields minute, hour'],
  ['"61 3 * * *"', '"61" is no minute from 0 to 59'],
  ['"*/61 * * * *"', '"*/61" has a step above 60, the number of values of a minute'],
  ['"0 0 1-31/32 * *"', 'has a step above 31'],
  ['"0 0 * * 1-1/8"', 'has a step above 7'],
  ['"0 3 * * mox"', '"mox" is no day of week'],
  ['"@dayly"', 'did you mean "@daily"?'],
  ['{ cron = "@daily", timezone = "Mars/Olympus" }', 'is no time zone such as'],
  ['{ cron = "@daily", overlap = "skp" }', 'is not one of skip, queue, restart'],
])('mistakes: %s', async (value, message) => {
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(file, `[programs.a]\ncommand = "true"\nschedule = ${value}\n`)
  const { exitCode, stderr } = await kahi(['check', file])
  expect(stderr).toContain(message)
  expect(stderr).toContain('kahi.toml:3:')
  expect(exitCode).toBe(2)
})
