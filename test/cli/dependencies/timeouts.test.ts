// Limits of time of starts, stops and of waiting for dependencies.

import { describe, expect, test } from 'vitest'
import { end, noting, run } from '../../helpers/order.ts'
import { eventually } from '../../helpers/wait.ts'

describe('timeouts', () => {
  test('what is not ready in time is taken down, and what needs it is not started', async () => {
    const all = await run(
      noting('db', 'ready = { fd = 3 }\ntimeout_up = 0.3\nfinish = "/bin/sh -c \'echo f >>DIR/order; exit 0\'"') +
        noting('web', 'depends_on = ["db"]') +
        noting('other'),
    )
    const reason = 'was not up within 0.3 seconds (timeout_up)'
    await all.daemon.line(`not starting web: db ${reason}`)
    await all.daemon.line(`gave up: db entered FATAL state, ${reason}`)
    const { stdout } = await all.ctl('status')
    expect(stdout).toMatch(/^db +FATAL +was not up within 0\.3 seconds \(timeout_up\)$/m)
    expect(stdout).toMatch(/^other +RUNNING/m)
    await eventually(() => expect(all.order().filter((line) => line !== '+other')).toEqual(['+db', '-db', 'f']))
    await end(all)
  })

  test('tries count together; what was up once has no limit any more', async () => {
    const all = await run(`[programs.db]
command = "/bin/false"
startretries = 1000
restart = { delay = 0.05, factor = 1, limit = 0 }
timeout_up = 0.5
ready = { file = "DIR/never" }
[programs.quick]
command = ["/bin/sh", "-c", "echo >&3; exec sleep 0.4"]
ready = { fd = 3 }
startsecs = 0
autorestart = true
timeout_up = 0.3
[programs.web]
command = "/bin/sleep 1000"
depends_on = ["db"]
`)
    await all.daemon.line(/gave up: db .*was not up within 0.5/)
    await all.daemon.line('not starting web')
    await all.daemon.line(/exited: quick/)
    expect((await all.ctl('status', 'quick')).stdout).not.toContain('FATAL')
    await end(all)
  })

  test('timeout_down ends the wait for a stop: dependencies stay up, but the daemon ends', async () => {
    const stubborn = `[programs.web]
command = ["/bin/sh", "-c", "trap : TERM; echo up; while :; do sleep 0.02; done"]
startsecs = 0
timeout_down = 0.2
timeout_kill = 0
depends_on = ["db"]
`
    const all = await run(noting('db') + stubborn)
    await all.daemon.line(/"message":"up"/)
    const { stdout, exitCode } = await all.ctl('stop', 'db')
    expect(stdout).toContain('could not be taken down')
    expect(exitCode).not.toBe(0)
    await all.daemon.line('web is not down after 0.2 seconds (timeout_down)')
    expect((await all.ctl('status')).stdout).toMatch(/^db +RUNNING[^]*^web +STOPPING/m)
    await eventually(() => expect(all.order()).toEqual(['+db']))
    await end(all)
    await eventually(() => expect(all.order()).toEqual(['+db', '-db']))
    expect(all.daemon.output()).toContain("killing 'web'")
  })
})

describe('timeout_depends', () => {
  const late = '[oneshots.slow]\nup = "/bin/sleep 1000"\n' + noting('next', 'depends_on = ["slow"]')

  test('a program whose dependencies have not come is not started, nor is what else waits for them', async () => {
    const all = await run(late + noting('web', 'depends_on = ["next"]\ntimeout_depends = 0.3') + noting('other'))
    await all.daemon.line('web has waited 0.3 seconds (timeout_depends) for next, slow')
    await all.daemon.line('not starting next: web waits no longer')
    await all.daemon.line(/not starting web: next /)
    await eventually(async () => expect((await all.ctl('status')).stdout).toMatch(/^slow +STOPPED/m))
    expect(all.order()).toEqual(['+other'])
    await end(all)
  })

  test('it starts where it is only ordered behind them', async () => {
    const web = noting('web', 'depends_on = { next = "ordered" }\ntimeout_depends = 0.3')
    const all = await run(late + web)
    await all.daemon.line('not starting next: web waits no longer')
    await eventually(() => expect(all.order()).toEqual(['+web']))
    await end(all)
  })
})
