// Keys of [programs.X]: how it is stopped.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isRunning } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { program } from './declare.ts'

program(
  'timeout_kill',
  `command = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done'"\nstopwaitsecs = 1000\ntimeout_kill = 0.2`,
  async ({ daemon, ctl }) => {
    await daemon.line(/"message":"up"/)
    expect(await ctl('stop', 'p')).toBe('p: stopped\n')
    await daemon.line(/killing 'p' \(\d+\) with SIGKILL/)
  },
)
program(
  'stop_command',
  `stop_command = ["/bin/sh", "-c", "echo $MAINPID >DIR/asked; kill -9 $MAINPID"]`,
  async (run) => {
    const { daemon, ctl, folder } = run
    await daemon.line("spawned: 'p'")
    const pid = await ctl('pid', 'p')
    expect(await ctl('stop', 'p')).toBe('p: stopped\n')
    await daemon.line('stopped: p (terminated by SIGKILL)')
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(pid)
  },
)
program('stop_command', 'stop_command = "/bin/false"', async ({ daemon, ctl }) => {
  await daemon.line("spawned: 'p'")
  expect(await ctl('stop', 'p')).toBe('p: stopped\n')
  await daemon.line('stop_command of p failed: exit status 1; sending the stop signal')
  await daemon.line('stopped: p (terminated by SIGTERM)')
})
program(
  'stopsignal',
  `command = "/bin/sh -c 'trap \\"echo got USR1; exit 0\\" USR1; echo up; while :; do sleep 0.1; done'"\nstartsecs = 0\nstopsignal = "USR1"`,
  async ({ daemon, ctl }) => {
    await daemon.line(/"message":"up"/)
    expect(await ctl('stop', 'p')).toBe('p: stopped\n')
    await daemon.line('got USR1')
  },
)
program(
  'stopwaitsecs',
  `command = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done'"\nstopwaitsecs = 1`,
  async ({ daemon, ctl }) => {
    await daemon.line(/"message":"up"/)
    expect(await ctl('stop', 'p')).toBe('p: stopped\n')
    await daemon.line(/killing 'p' \(\d+\) with SIGKILL/)
  },
)
for (const [name, body] of [
  ['stopasgroup', 'stopasgroup = true'],
  ['killasgroup', 'killasgroup = true\nstopsignal = "KILL"'],
] as const) {
  program(name, `command = "/bin/sh -c 'sleep 1000 & echo child $!; wait'"\n${body}`, async ({ daemon, ctl }) => {
    const child = /child (\d+)"/.exec(await daemon.line(/"message":"child \d+"/))?.[1]
    expect(isRunning(Number(child))).toBe(true)
    expect(await ctl('stop', 'p')).toBe('p: stopped\n')
    await eventually(() => expect(isRunning(Number(child))).toBe(false))
  })
}
