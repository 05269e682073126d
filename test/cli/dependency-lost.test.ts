// on_dependency_lost: what happens to running programs when a dependency goes down, becomes unready or unhealthy.

import { rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const DEPENDENTS = `
[programs.again]
command = "sleep 1000"
startsecs = 0
depends_on = ["db"]
on_dependency_lost = { action = "restart", delay = 0.05 }
[programs.ends]
command = "sleep 1000"
startsecs = 0
depends_on = ["db"]
on_dependency_lost = { action = "stop", delay = 0.05 }
[programs.patient]
command = "sleep 1000"
startsecs = 0
depends_on = ["db"]
on_dependency_lost = { action = "restart", delay = 3600 }
[programs.stays]
command = "sleep 1000"
startsecs = 0
depends_on = ["db"]
`

async function setUp(db: string) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const toml = `[server.unix]\nfile = "DIR/s"\n[programs.db]\n${db}\nstartsecs = 0\n${DEPENDENTS}`
  for (const name of ['good', 'may']) writeFileSync(join(folder, name), '')
  writeFileSync(file, toml.replaceAll('DIR', folder))
  const daemon = await startReady(file)
  const ctl = (...words: readonly string[]) => kahi(['ctl', '-c', file, ...words])
  const states = async () => {
    const all = JSON.parse((await ctl('status', '--json')).stdout) as readonly {
      name: string
      state: string
      pid: number
    }[]
    return Object.fromEntries(all.filter(({ name }) => name !== 'db').map(({ name, state }) => [name, state]))
  }
  const become = (again: string, ends: string) =>
    eventually(async () => expect(await states()).toEqual({ again, ends, patient: 'RUNNING', stays: 'RUNNING' }))
  await become('RUNNING', 'RUNNING')
  return { folder, daemon, ctl, become }
}

/** Sends a request without a body over a unix socket. */
function post(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method: 'POST' }, (answer) => answer.resume().once('end', resolve))
    asked.once('error', reject).end()
  })
}

test('a dependency that is killed and does not come back; a client starts it again', async () => {
  const { daemon, ctl, become } = await setUp('command = "sleep 1000"\nautorestart = false')
  await ctl('signal', 'KILL', 'db')
  await become('STOPPED', 'STOPPED')
  await daemon.line('stopping again until it is back: its dependency db is down')
  await daemon.line('stopping ends: its dependency db is down')
  await ctl('start', 'db')
  await daemon.line('starting again: its dependencies are back')
  await become('RUNNING', 'STOPPED')
})

test('a dependency that becomes unhealthy, and healthy again', async () => {
  const health = 'health = { file = "DIR/good", interval = 0.05, failures = 1 }'
  const { daemon, folder, ctl, become } = await setUp(`command = "sleep 1000"\n${health}`)
  await ctl('wait', 'db', '--for', 'healthy')
  rmSync(join(folder, 'good'))
  await daemon.line('stopping again until it is back: its dependency db is unhealthy')
  await become('STOPPED', 'STOPPED')
  writeFileSync(join(folder, 'good'), '')
  await become('RUNNING', 'STOPPED')
})

test('a restart stops those that do not wait for it, and no others', async () => {
  const script = 'while [ ! -e DIR/may ]; do sleep 0.02; done; exec sleep 1000'
  const { daemon, folder, ctl, become } = await setUp(
    `command = ["/bin/sh", "-c", "${script}"]\nready = { file = "DIR/may", interval = 0.02 }\nautorestart = true`,
  )
  rmSync(join(folder, 'may'))
  await ctl('signal', 'KILL', 'db')
  // At this time it may still be down, or up and not ready yet.
  await daemon.line(/stopping again until it is back: its dependency db is (?:down|not ready)/)
  await become('STOPPED', 'STOPPED')
  writeFileSync(join(folder, 'may'), '')
  await become('RUNNING', 'STOPPED')
  expect(daemon.output()).not.toContain('stopping patient')
  expect(daemon.output().split("spawned: 'stays'")).toHaveLength(2)
})

test.each(['kahi ctl stop', 'a stop without dependents'])('%s cancels the owed start', async (way) => {
  const { folder, daemon, ctl, become } = await setUp('command = "sleep 1000"\nautorestart = false')
  await ctl('signal', 'KILL', 'db')
  await become('STOPPED', 'STOPPED')
  if (way === 'kahi ctl stop') await ctl('stop', 'again')
  else await post(join(folder, 's'), '/api/v1/processes/again/stop?alone=true')
  await daemon.line('again is not started when its dependencies are back: its stop was requested')
  await ctl('start', 'db')
  // The start of another program that needs db shows that kahi has handled the return of db.
  await ctl('start', 'ends')
  await become('STOPPED', 'RUNNING')
  expect(daemon.output()).not.toContain('starting again')
  await ctl('start', 'again')
  await become('RUNNING', 'RUNNING')
})

test('mistakes', async () => {
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(file, '[programs.a]\ncommand = "true"\non_dependency_lost = "restrat"\n')
  expect(await kahi(['check', file])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('did you mean "restart"?'),
  })
})
