// Dependencies order starts and stops.

import { writeFileSync } from 'node:fs'

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { end, noting, oneshot, run } from '../../helpers/order.ts'
import { eventually } from '../../helpers/wait.ts'

describe('essential', () => {
  test('is stopped by the end of the daemon only, and keeps up what it needs', async () => {
    const all = await run(noting('db', 'essential = true\ndepends_on = ["disk"]') + noting('disk') + noting('web'))
    await all.daemon.line("spawned: 'db'")
    expect((await all.ctl('stop', 'db')).stdout).toContain('it is essential')
    expect((await all.ctl('stop', 'disk')).stdout).toContain('could not be taken down')
    expect((await all.ctl('stop', 'web')).stdout).toBe('web: stopped\n')
    all.rewrite(noting('web', 'stopwaitsecs = 7'))
    all.daemon.signal('SIGHUP')
    await all.daemon.line('db is essential: it stays as it is')
    await all.daemon.line('removed: disk')
    expect((await all.ctl('status', 'db')).stdout).toContain('RUNNING')
    expect((await all.ctl('restart', 'db')).stdout).toContain('it is essential')
    await end(all)
    await eventually(() => expect(all.order().filter((line) => line.endsWith('db'))).toEqual(['+db', '-db']))
  })
})

describe('order', () => {
  test('everything starts after what it needs and stops before it', async () => {
    const all = await run(
      noting('web', 'depends_on = ["app"]') +
        noting('app', 'depends_on = ["db", "migrate"]\npriority = 1') +
        oneshot('migrate', 'depends_on = { db = "started" }') +
        noting('db', 'ready = { file = "DIR/order", interval = 0.02 }\npriority = 2000'),
    )
    await all.daemon.line("spawned: 'web'")
    await all.daemon.line('success: web entered RUNNING')
    await eventually(() => expect(all.order()).toEqual(['+db', '+migrate', '+app', '+web']))
    await end(all)
    await eventually(() => expect(all.order().slice(4)).toEqual(['-web', '-app', '-migrate', '-db']))
  })

  test('ctl start pulls in what is needed, ctl stop first stops those that need it', async () => {
    const off = 'autostart = false'
    const all = await run(
      noting('web', `${off}\ndepends_on = ["once", "other"]`) +
        oneshot('once', `${off}\ndepends_on = ["db"]`) +
        noting('db', off) +
        noting('other', off) +
        noting('apart', off) +
        '[oneshots.nothing]\nup = ""\n',
    )
    expect(await all.ctl('start', 'web')).toMatchObject({ stdout: 'web: started\n', exitCode: 0 })
    await eventually(() => expect(all.order().toSorted()).toEqual(['+db', '+once', '+other', '+web']))
    expect((await all.ctl('status')).stdout).toMatch(/^once +EXITED +completed /m)
    expect((await all.ctl('status')).stdout).toMatch(/^nothing +EXITED +completed$/m)
    expect((await all.ctl('status', 'once')).exitCode).toBe(0)
    expect(await all.ctl('stop', 'db')).toMatchObject({
      stdout: 'web: stopped (depends on db)\nonce: stopped (depends on db)\ndb: stopped\n',
      exitCode: 0,
    })
    await eventually(() => expect(all.order().slice(4)).toEqual(['-web', '-once', '-db']))
    expect((await all.ctl('status', 'other')).stdout).toContain('RUNNING')
    expect((await all.ctl('start', 'once')).stdout).toBe('once: started\n')
    expect((await all.ctl('status', 'db')).stdout).toContain('RUNNING')
    expect((await all.ctl('status', 'apart')).stdout).toContain('Not started')
    await end(all)
  })

  test('a failed oneshot stops its branch only, and everybody says why', async () => {
    const all = await run(
      '[oneshots.check]\nup = ["/bin/sh", "-c", "test -e DIR/fine"]\n' +
        noting('web', 'depends_on = ["check"]') +
        noting('proxy', 'depends_on = ["web"]') +
        noting('apart'),
    )
    await all.daemon.line('not starting web: check up failed: exit status 1')
    await all.daemon.line('not starting proxy: web was not started')
    const { stdout, exitCode } = await all.ctl('status')
    expect(stdout).toMatch(/^check +FATAL +up failed: exit status 1$/m)
    expect(stdout).toMatch(/^web +STOPPED +check up failed: exit status 1$/m)
    expect(stdout).toMatch(/^apart +RUNNING/m)
    expect(exitCode).toBe(3)
    expect(await all.ctl('start', 'proxy')).toMatchObject({
      stdout: 'proxy: ERROR (a dependency has failed: web was not started)\n',
    })
    writeFileSync(join(all.folder, 'fine'), '')
    expect(await all.ctl('start', 'proxy')).toMatchObject({ stdout: 'proxy: started\n', exitCode: 0 })
    await end(all)
    await eventually(() =>
      expect(all.order().toSorted()).toEqual(['+apart', '+proxy', '+web', '-apart', '-proxy', '-web']),
    )
  })

  test('a program that is given up fails those that wait for it', async () => {
    const all = await run(
      '[programs.db]\ncommand = "/nonexistent"\nstartretries = 0\n' + noting('web', 'depends_on = ["db"]'),
    )
    await all.daemon.line('not starting web: db is FATAL')
    await end(all)
  })

  test('who waits says for whom; a stop withdraws it; nothing waits at the end of the daemon', async () => {
    const never = 'ready = { file = "DIR/never", interval = 0.02 }'
    const all = await run(
      noting('db', never) + noting('web', 'depends_on = ["db"]') + noting('b', 'depends_on = ["db"]'),
    )
    await all.daemon.line('success: db entered RUNNING')
    const [web] = JSON.parse((await all.ctl('status', '--json', 'web')).stdout)
    expect(web).toMatchObject({ state: 'STOPPED', waiting_for: ['db'], description: 'waiting for db', ready: null })
    const [db] = JSON.parse((await all.ctl('status', '--json', 'db')).stdout)
    expect(db).toMatchObject({ state: 'RUNNING', ready: false })
    expect((await all.ctl('stop', 'web')).stdout).toBe('web: stopped\n')
    expect((await all.ctl('status', 'web')).stdout).toContain('Not started')
    await end(all)
    await eventually(() =>
      expect(all.order().filter((line) => /web|b$/.test(line) && !line.endsWith('db'))).toEqual([]),
    )
  })

  test('a program that comes back by itself leaves those that need it alone; ctl restart too', async () => {
    const all = await run(noting('web', 'depends_on = ["db"]') + noting('db', 'autorestart = true'))
    await all.daemon.line('success: web entered RUNNING')
    const pid = (await all.ctl('pid', 'web')).stdout
    process.kill(Number((await all.ctl('pid', 'db')).stdout), 'SIGKILL')
    await all.daemon.line('exited: db (terminated by SIGKILL; not expected)')
    await eventually(async () => expect((await all.ctl('status', 'db')).stdout).toContain('RUNNING'))
    expect((await all.ctl('restart', 'db')).stdout).toBe('db: stopped\ndb: started\n')
    expect((await all.ctl('pid', 'web')).stdout).toBe(pid)
    await end(all)
  })

  test('who waits for a program that a reload changes waits for the new one', async () => {
    const db = (file: string) => noting('db', `ready = { file = "${file}", interval = 0.02 }`)
    const all = await run(db('DIR/never') + noting('web', 'depends_on = ["db"]'))
    await all.daemon.line('success: db entered RUNNING')
    all.rewrite(db('DIR/order') + noting('web', 'depends_on = ["db"]'))
    all.daemon.signal('SIGHUP')
    await all.daemon.line('success: web entered RUNNING')
    await end(all)
  })

  test('boot names what is started, with all it needs', async () => {
    const all = await run(
      `[supervisor]\nboot = ["user"]\n[bundles.user]\ncontents = ["web"]\n` +
        noting('web', 'depends_on = ["db"]\nautostart = false') +
        noting('db') +
        noting('apart'),
    )
    await all.daemon.line('success: web entered RUNNING')
    expect((await all.ctl('status', 'apart')).stdout).toContain('Not started')
    await end(all)
  })
})

describe('oneshots', () => {
  test('up that takes too long is ended, and counts as failed', async () => {
    const all = await run(
      '[oneshots.slow]\nup = "/bin/sleep 1000"\ntimeout_up = 0.1\n' + noting('web', 'depends_on = ["slow"]'),
    )
    await all.daemon.line('not starting web: slow up failed: took longer than 0.1 seconds')
    await end(all)
  })

  test('down that fails keeps up what it needs, but not at the end of the daemon', async () => {
    const all = await run(
      noting('db') + '[oneshots.once]\ndepends_on = ["db"]\ndown = "/bin/sleep 1000"\ntimeout_down = 0.1\n',
    )
    await all.daemon.line('up: once')
    expect((await all.ctl('stop', 'db')).stdout).toBe('db: ERROR (could not be taken down)\n')
    expect((await all.ctl('status', 'db')).stdout).toContain('RUNNING')
    await end(all)
    await eventually(() => expect(all.order()).toEqual(['+db', '-db']))
  })

  test('a stop while up runs ends it; one that is stopped does not run again by a reload', async () => {
    const all = await run('[oneshots.slow]\nup = "/bin/sleep 1000"\n')
    await all.daemon.line("spawned: 'slow' up")
    expect((await all.ctl('stop', 'slow')).stdout).toBe('slow: stopped\n')
    expect((await all.ctl('status', 'slow')).stdout).toMatch(/^slow +STOPPED +Not up$/m)
    await end(all)
  })

  test('a reload runs new ones, takes down old ones, and leaves changed ones up', async () => {
    const all = await run(oneshot('kept') + oneshot('old'))
    await Promise.all([all.daemon.line('up: kept'), all.daemon.line('up: old')])
    all.rewrite(oneshot('kept', 'timeout_down = 5') + oneshot('fresh', 'depends_on = ["kept"]'))
    all.daemon.signal('SIGHUP')
    await all.daemon.line('up: fresh')
    await eventually(() => expect(all.order().slice(2)).toEqual(['-old', '+fresh']))
    expect((await all.ctl('status', 'kept')).stdout).toMatch(/EXITED +completed/)
    await end(all)
    await eventually(() => expect(all.order().slice(4)).toEqual(['-fresh', '-kept']))
  })
})
