// `kahi ctl restart` through dist/kahi: the daemon finishes a restart even if the client that requested it exits.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startDaemon } from '../helpers/kahi.ts'
import { end, run, type Run } from '../helpers/order.ts'
import { eventually } from '../helpers/wait.ts'

const HANGING = 'while [ ! -e DIR/go ]; do sleep 0.02; done; '

/** A program that writes a note at its start and when it gets TERM. After TERM it exits as soon as the file `go` exists. */
const slow = (name: string, more = '', hanging = HANGING) =>
  `[programs.${name}]\ncommand = ["/bin/sh", "-c", '''
trap "echo -${name} >>DIR/order; ${hanging}exit 0" TERM
echo +${name} >>DIR/order; while :; do sleep 0.02; done''']\nstartsecs = 0\nstopwaitsecs = 3600\n${more}\n`

/** Starts `kahi ctl restart WORDS` and kills the client when all programs in `stopping` have got TERM. */
async function restartWithKilledClient(all: Run, words: readonly string[], stopping: readonly string[]): Promise<void> {
  const client = startDaemon(['ctl', '-c', join(all.folder, 'kahi.toml'), 'restart', ...words])
  await eventually(() => stopping.every((name) => all.order().includes(`-${name}`)))
  client.signal('SIGKILL')
  expect((await client.ended()).stdout).not.toContain('started')
}

test.each([
  ['one process', ['slow'], ['slow']],
  ['several names', ['slow', 'other'], ['slow', 'other']],
  ['a group', ['both:*'], ['slow', 'other']],
  ['all', ['all'], ['slow', 'other']],
])('restart of %s: the client is killed while they stop, they come up again', async (_what, words, names) => {
  const all = await run(slow('slow') + slow('other') + '[groups.both]\nprograms = ["slow", "other"]\n')
  const given = words.map((word) => (word === 'all' || word.includes(':') ? word : `both:${word}`))
  await eventually(() => all.order().length === 2)
  await restartWithKilledClient(all, given, names)
  writeFileSync(join(all.folder, 'go'), '')
  await eventually(() => names.every((name) => all.order().filter((line) => line === `+${name}`).length === 2))
  await end(all)
})

test('a stop while a restart waits for the end wins: the process stays down', async () => {
  const all = await run(slow('slow'))
  await eventually(() => all.order().length === 1)
  await restartWithKilledClient(all, ['slow'], ['slow'])
  const stop = startDaemon(['ctl', '-c', join(all.folder, 'kahi.toml'), 'stop', 'slow'])
  await stop.line('waiting for slow to stop')
  writeFileSync(join(all.folder, 'go'), '')
  expect(await stop.ended()).toMatchObject({ exitCode: 0 })
  expect((await all.ctl('status')).stdout).toContain('STOPPED')
  await eventually(() => expect(all.order()).toEqual(['+slow', '-slow']))
  await end(all)
})

test('a restart of all with a killed client keeps the order of the graph', async () => {
  const all = await run(slow('web', 'depends_on = ["db"]', '') + slow('db'))
  await eventually(() => all.order().length === 2)
  await restartWithKilledClient(all, ['all'], ['db'])
  writeFileSync(join(all.folder, 'go'), '')
  await eventually(() => all.order().length === 6)
  await eventually(() => expect(all.order()).toEqual(['+db', '+web', '-web', '-db', '+db', '+web']))
  await end(all)
})

test('the line that shows readiness is never missed, however soon it follows the start', async () => {
  const all = await run(
    '[programs.web]\ncommand = ["/bin/sh", "-c", "echo up; exec sleep 1000"]\nready = { log = "^up" }\n',
  )
  const isReady = async () => JSON.parse((await all.ctl('status', '--json', 'web')).stdout)[0].ready === true
  await eventually(isReady)
  for (let count = 1; count <= 3; count++) {
    expect(await all.ctl('restart', 'web')).toMatchObject({ exitCode: 0 })
    await eventually(isReady, `restart ${count} is ready`)
  }
  await end(all)
})

test('stop names the dependents that it stops, and start brings back those that went with it', async () => {
  const program = (name: string, more = '') => `[programs.${name}]\ncommand = "sleep 1000"\n${more}\n`
  const all = await run(
    program('db') + program('app', 'depends_on = ["db"]') + program('page', 'depends_on = ["app"]') + program('other'),
  )
  const states = async () =>
    (JSON.parse((await all.ctl('status', '--json')).stdout) as { name: string; state: string }[])
      .filter(({ state }) => state === 'RUNNING')
      .map(({ name }) => name)
  await eventually(async () => (await states()).length === 4)
  expect((await all.ctl('stop', 'db')).stdout).toBe(
    'page: stopped (depends on db)\napp: stopped (depends on db)\ndb: stopped\n',
  )
  expect(await states()).toEqual(['other'])
  expect((await all.ctl('start', 'db')).stdout.split('\n').toSorted()).toEqual([
    '',
    'app: starting (was stopped with db)',
    'db: started',
    'page: starting (was stopped with db)',
  ])
  await eventually(async () => (await states()).length === 4)
  // A dependent that a separate request has stopped stays down.
  await all.ctl('stop', 'page')
  expect((await all.ctl('stop', 'db', 'app')).stdout).toBe('app: stopped (depends on db)\ndb: stopped\n')
  await all.ctl('start', 'db')
  await eventually(async () => expect(await states()).toEqual(['app', 'db', 'other']))
  await end(all)
})
