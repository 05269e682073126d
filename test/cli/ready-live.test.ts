// A readiness check is added, changed and removed while the process runs: `kahi ctl apply` restarts no process.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const check = (name: string): string => `ready = { file = "DIR/${name}", interval = 0.02 }`

async function run(ready: string) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const write = (keys: string) => {
    const db = `[programs.db]\ncommand = "sleep 1000"\nstartsecs = 0\nautorestart = false\n${keys}\n`
    const web = '[programs.web]\ncommand = "sleep 1000"\nstartsecs = 0\ndepends_on = { db = "ready" }\n'
    writeFileSync(file, `[server.unix]\nfile = "DIR/s"\n${db}${web}`.replaceAll('DIR', folder))
  }
  write(ready)
  const daemon = await startReady(file)
  const ctl = (...words: string[]) => kahi(['ctl', '-c', file, ...words])
  const look = async () => {
    const list = JSON.parse((await ctl('status', '--json')).stdout) as { name: string; pid: number; ready: boolean }[]
    return Object.fromEntries(list.map(({ name, pid, ready: isReady }) => [name, { pid, isReady }]))
  }
  const apply = async (keys: string) => {
    write(keys)
    return (await ctl('apply')).stdout
  }
  return { daemon, ctl, look, apply, touch: (name: string) => writeFileSync(join(folder, name), '') }
}

const LIVE = 'changed: db (nothing restarts)\n'

test('a process that is not ready is looked at by the new check, and its dependents start then', async () => {
  const all = await run(check('never'))
  await all.daemon.line("spawned: 'db'")
  const { pid } = (await all.look()).db ?? {}
  all.touch('other')
  expect(await all.apply(check('other'))).toContain(LIVE)
  await all.daemon.line("spawned: 'web'")
  expect((await all.look()).db).toEqual({ pid, isReady: true })
})

test('without the check a RUNNING process is enough', async () => {
  const all = await run(check('never'))
  await all.daemon.line("spawned: 'db'")
  const { pid } = (await all.look()).db ?? {}
  expect(await all.apply('')).toContain(LIVE)
  await all.daemon.line("spawned: 'web'")
  expect((await all.look()).db).toEqual({ pid, isReady: null })
})

test('a process that is ready stays so; the next one is looked at by the new check', async () => {
  const all = await run('')
  await all.daemon.line("spawned: 'web'")
  const before = await all.look()
  expect(await all.apply(check('late'))).toContain(LIVE)
  expect(await all.look()).toEqual({ ...before, db: { pid: before.db?.pid, isReady: true } })
  await all.ctl('signal', 'KILL', 'db')
  await eventually(async () => expect((await all.look()).db).toMatchObject({ pid: 0 }))
  const started = all.ctl('start', 'db')
  await eventually(async () => expect((await all.look()).db?.pid).not.toBe(0))
  expect((await all.look()).db?.isReady).toBe(false)
  all.touch('late')
  expect((await started).exitCode).toBe(0)
  expect((await all.look()).db?.isReady).toBe(true)
  expect((await all.look()).web).toEqual(before.web)
})

test('a check that needs a descriptor of the process restarts it', async () => {
  const all = await run('')
  await all.daemon.line("spawned: 'web'")
  expect(await all.apply('ready = { notify = true }')).toContain('changed: db (restarts)\n')
})
