// Readiness checks: dependents start when they succeed.

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { end, noting, run } from '../../helpers/order.ts'
import { eventually } from '../../helpers/wait.ts'

describe('ready', () => {
  const web = noting('web', 'depends_on = ["db"]')

  async function listen(answer: () => number): Promise<{ server: Server; port: number }> {
    const server = createServer((_, response) => response.writeHead(answer()).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return { server, port: (server.address() as AddressInfo).port }
  }

  test('tcp: when something listens', async () => {
    const { server, port } = await listen(() => 200)
    await new Promise((resolve) => server.close(resolve))
    const all = await run(noting('db', `ready = { tcp = "127.0.0.1:${port}", interval = 0.02 }`) + web)
    await all.daemon.line('success: db entered RUNNING')
    expect((await all.ctl('status', 'web')).stdout).toContain('waiting for db')
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    await all.daemon.line('success: web entered RUNNING')
    await end(all)
  })

  test('http: at a good status', async () => {
    let isUp = false
    const { port } = await listen(() => (isUp ? 204 : 503))
    const all = await run(noting('db', `ready = { http = "http://127.0.0.1:${port}/up", interval = 0.02 }`) + web)
    await all.daemon.line('success: db entered RUNNING')
    expect((await all.ctl('status', 'web')).stdout).toContain('waiting for db')
    isUp = true
    await all.daemon.line('success: web entered RUNNING')
    await end(all)
  })

  test('unix: the control socket of kahi itself will do', async () => {
    const all = await run(noting('db', 'ready = { unix = "DIR/k.sock" }') + web)
    await all.daemon.line('success: web entered RUNNING')
    await end(all)
  })

  test('exec: as the program is run, and killed when it takes too long', async () => {
    const script = 'test -e "$FLAG" || exec sleep 1000'
    const check = `{ exec = ["/bin/sh", "-c", '''${script}'''], interval = 0.02, timeout = 0.2 }`
    const all = await run(noting('db', `environment = { FLAG = "DIR/flag" }\nready = ${check}`) + web)
    await all.daemon.line('success: db entered RUNNING')
    expect((await all.ctl('status', 'web')).stdout).toContain('waiting for db')
    writeFileSync(join(all.folder, 'flag'), '')
    await all.daemon.line('success: web entered RUNNING')
    await end(all)
  })

  test('file; a new process begins unready', async () => {
    const ready = 'autorestart = true\nready = { file = "DIR/flag", interval = 0.02 }'
    const all = await run(noting('db', ready) + web)
    writeFileSync(join(all.folder, 'flag'), '')
    await all.daemon.line('success: web entered RUNNING')
    rmSync(join(all.folder, 'flag'))
    process.kill(Number((await all.ctl('pid', 'db')).stdout), 'SIGKILL')
    const status = async () => JSON.parse((await all.ctl('status', '--json', 'db')).stdout)[0]
    await eventually(async () => expect(await status()).toMatchObject({ state: 'RUNNING', ready: false }))
    await end(all)
  })

  test('fd: at a newline; a new process begins unready', async () => {
    const script = 'printf up >&3; until test -e DIR/flag; do sleep 0.02; done; echo >&3; exec sleep 1000'
    const db = `[programs.db]\ncommand = ["/bin/sh", "-c", '''${script}''']\nautorestart = true\nready = { fd = 3 }\n`
    const all = await run(db + web)
    await all.daemon.line('success: db entered RUNNING')
    expect((await all.ctl('status', 'web')).stdout).toContain('waiting for db')
    writeFileSync(join(all.folder, 'flag'), '')
    await all.daemon.line('success: web entered RUNNING')
    rmSync(join(all.folder, 'flag'))
    process.kill(Number((await all.ctl('pid', 'db')).stdout), 'SIGKILL')
    const status = async () => JSON.parse((await all.ctl('status', '--json', 'db')).stdout)[0]
    await eventually(async () => expect(await status()).toMatchObject({ state: 'RUNNING', ready: false }))
    writeFileSync(join(all.folder, 'flag'), '')
    await eventually(async () => expect(await status()).toMatchObject({ state: 'RUNNING', ready: true }))
    await end(all)
  })

  test('log: a line that fits, from either stream', async () => {
    const script = 'echo not yet; echo "Ready to serve" >&2; exec sleep 1000'
    const db = `[programs.db]\ncommand = ["/bin/sh", "-c", '''${script}''']\nready = { log = "^Ready" }\n`
    const all = await run(db + web)
    await all.daemon.line('success: web entered RUNNING')
    await end(all)
  })

  test('log: an expression that takes others exponential time does not stop the daemon', async () => {
    const script = `echo ${'a'.repeat(200)}!; : >DIR/printed; until test -e DIR/flag; do sleep 0.02; done; echo aaa; exec sleep 1000`
    const all = await run(`[programs.db]
command = ["/bin/sh", "-c", '''${script}''']
startsecs = 0
ready = { log = "^(a+)+$" }
`)
    await eventually(() => expect(existsSync(join(all.folder, 'printed'))).toBe(true))
    expect((await all.ctl('tail', 'db')).stdout).toContain('!')
    expect(JSON.parse((await all.ctl('status', '--json', 'db')).stdout)).toMatchObject([{ ready: false }])
    writeFileSync(join(all.folder, 'flag'), '')
    await all.daemon.line('ready: db after')
    await end(all)
  })

  test('deadline: reported once, and the wait ends', async () => {
    const ready = 'ready = { file = "DIR/never", interval = 0.02, deadline = 0.2 }'
    const all = await run(noting('db', ready) + web)
    await all.daemon.line('db is not ready after 0.2 seconds (file ')
    await all.daemon.line('not starting web: db is not ready after 0.2 seconds')
    expect((await all.ctl('status', 'db')).stdout).toContain('RUNNING')
    await end(all)
  })
})
