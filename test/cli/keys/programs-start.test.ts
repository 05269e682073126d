// Keys of [programs.X]: its starts and restarts, and the action after an exit.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { eventually } from '../../helpers/wait.ts'
import { isMadeBefore, program, says } from './declare.ts'

program(
  'priority',
  'command = "/bin/sleep 1000"\n[programs.a]\ncommand = "/bin/sleep 1000"\npriority = 1000',
  async ({ daemon }) => {
    await isMadeBefore(daemon, 'p', 'a')
  },
)
program('autostart', 'autostart = false', async ({ ctl }) => {
  expect(await ctl('status')).toMatch(/^p +STOPPED +Not started$/m)
})
program(
  'autorestart exitcodes startsecs',
  `command = "/bin/sh -c 'exit 3'"\nexitcodes = [3]\nstartsecs = 0\nautorestart = "unexpected"`,
  says('exited: p (exit status 3; expected)'),
)
program(
  'startretries',
  `command = "/bin/sh -c 'exit 0'"\nstartretries = 0`,
  says('gave up: p entered FATAL state, too many start retries too quickly'),
)
program(
  'restart',
  `command = "/bin/sh -c 'exit 3'"\nstartsecs = 0\nrestart = { delay = 0.01, limit = 2 }`,
  says('gave up: p entered FATAL state, restarted 2 times'),
)
program(
  'max_deaths',
  `command = ["/bin/sh", "-c", "read n < DIR/n || n=0; echo $((n+1)) > DIR/n; [ $n = 2 ] && kill -9 $$$$; exit $n"]
startsecs = 0\nautorestart = true\nrestart = { delay = 0.01, limit = 3 }\nmax_deaths = 2`,
  async ({ daemon, ctl }) => {
    await daemon.line('gave up: p entered FATAL state, restarted 3 times')
    const [p] = JSON.parse(await ctl('status', '--json'))
    expect(p.deaths).toEqual([
      { at: expect.any(Number), signal: 9 },
      { at: expect.any(Number), exitcode: 3 },
    ])
  },
)
program(
  'restart',
  `command = ["/bin/sh", "-c", "echo >&3; sleep 1.1; exit 1"]\nready = { fd = 3 }\nstartsecs = 0\nautorestart = true\nrestart = "s6"
[programs.unready]\ncommand = "/bin/true"\nstartsecs = 0\nautorestart = true\nrestart = "s6"
[programs.broken]\ncommand = "/etc/passwd"\nautorestart = true\nrestart = "s6"`,
  async ({ daemon, ctl }) => {
    await daemon.line('restarting: p in 0 seconds')
    await daemon.line('restarting: unready in 1 seconds')
    await daemon.line('restarting: broken in 60 seconds')
    await eventually(async () => expect(await ctl('status')).toMatch(/^unready +EXITED .*, restart \d+ in a row$/m))
  },
)
program(
  'finish',
  `command = ["/bin/sh", "-c", "echo pid $$$$; exit 3"]\nstartsecs = 0\nautorestart = true\nfinish = ["/bin/sh", "-c", "echo finish $1 $2 $3 $4; exit 125", "finish"]`,
  async ({ daemon, ctl }) => {
    const pid = /pid (\d+)"/.exec(await daemon.line(/"message":"pid \d+"/))?.[1]
    await daemon.line(`finish 3 0 p ${pid}`)
    await daemon.line('finish of p ended with 125: it is not started again')
    await daemon.line('exited: p (exit status 3; not expected)')
    expect(await ctl('status')).toMatch(/^p +EXITED/)
  },
)
program(
  'finish',
  `startsecs = 0\nfinish = "/bin/sh -c 'echo finish $1 $2; while ! test -e DIR/go; do sleep 0.02; done' finish"`,
  async ({ daemon, ctl, folder }) => {
    await daemon.line("spawned: 'p'")
    const stopped = ctl('stop', 'p')
    await daemon.line('finish 256 15')
    expect(await ctl('status')).toMatch(/^p +FINISHING/)
    writeFileSync(join(folder, 'go'), '')
    expect(await stopped).toBe('p: stopped\n')
  },
)
program(
  'timeout_finish',
  `command = "/bin/sh -c 'exit 3'"\nstartsecs = 0\nautorestart = false\nfinish = "/bin/sh -c 'exec sleep 1000'"\ntimeout_finish = 0.1`,
  says('finish of p: killed after 0.1 seconds'),
)
