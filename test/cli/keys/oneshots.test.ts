// Keys of [oneshots.X].

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { eventually } from '../../helpers/wait.ts'
import { isMadeBefore, once, says } from './declare.ts'

once(
  'directory environment umask redirect_stderr log_format',
  `up = "/bin/sh -c 'echo $(pwd) $A $(umask) >&2'"\ndirectory = "DIR/sub"\nenvironment = { A = "x" }\numask = "0027"\nredirect_stderr = true\nlog_format = "json"`,
  async ({ daemon, folder }) => {
    const line = await daemon.line(`${folder}/sub x 0027`)
    expect(JSON.parse(line)).toMatchObject({ program: 'o', stream: 'stdout' })
  },
)
once('user', `up = "/bin/sh -c 'echo ids $(id -u)'"\nuser = "nobody"`, says('ids 65534'), { needsRoot: true })
once(
  'stdout_logfile stdout_logfile_maxbytes stdout_logfile_backups stderr_logfile stderr_logfile_maxbytes stderr_logfile_backups',
  `up = "/bin/sh -c 'for i in 1 2 3 4 5 6; do echo 0123456789; sleep 0.01; done; echo done >&2; echo done >&2'"\nstdout_logfile = "DIR/out"\nstdout_logfile_maxbytes = 22\nstdout_logfile_backups = 1\nstderr_logfile = "DIR/err"\nstderr_logfile_maxbytes = 5\nstderr_logfile_backups = 1`,
  async ({ daemon, folder }) => {
    await daemon.line('up: o (exit status 0)')
    const rotated = () => existsSync(join(folder, 'out.1')) && existsSync(join(folder, 'err.1'))
    await eventually(rotated, 'both logs are rotated')
    expect(existsSync(join(folder, 'out.2'))).toBe(false)
  },
)
once('ring_buffer', `up = "/bin/sh -c 'echo 0123456789; echo abc'"\nring_buffer = 4`, async ({ daemon, ctl }) => {
  await daemon.line('up: o (exit status 0)')
  expect((await ctl('tail', 'o')).trim()).toBe('abc')
})
once(
  'stopsignal stopwaitsecs',
  `up = '/bin/sh -c "trap : INT; echo on; while :; do sleep 0.05; done"'\nstopsignal = "INT"\nstopwaitsecs = 1`,
  async ({ daemon, ctl }) => {
    await daemon.line(/"message":"on"/)
    expect(await ctl('stop', 'o')).toBe('o: stopped\n')
    await daemon.line("killing 'o'")
  },
)
once('priority', 'priority = 5\nup = "/bin/true"\n[oneshots.a]\nup = "/bin/true"\npriority = 6', async ({ daemon }) => {
  await isMadeBefore(daemon, 'o', 'a')
})
