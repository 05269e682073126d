// Keys of [programs.X]: attributes and limits of its processes.

import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { eventually } from '../../helpers/wait.ts'
import { procOf, program, says } from './declare.ts'

const native = { needsHelper: true }
const root = { needsRoot: true, needsHelper: true }
program(
  'nice',
  'nice = 7',
  async (run) => {
    expect((await procOf(run, 'stat')).split(' ')[18]).toBe('7')
  },
  native,
)
program(
  'oom_score_adj',
  'oom_score_adj = 321',
  async (run) => {
    expect(await procOf(run, 'oom_score_adj')).toBe('321\n')
  },
  native,
)
program(
  'nice',
  'nice = -5\nuser = "nobody"',
  async (run) => expect((await procOf(run, 'stat')).split(' ')[18]).toBe('-5'),
  root,
)
program(
  'limits',
  '[programs.p.limits]\nnofile = "100:200"\ncore = 0\nfsize = "10MB:unlimited"\ncputime = 500\nnproc = "${NO_SUCH:-77}"',
  async (run) => {
    const lines = (await procOf(run, 'limits')).replaceAll(/ +/g, ' ')
    for (const line of [
      'Max open files 100 200 files',
      'Max core file size 0 0 bytes',
      'Max file size 10485760 unlimited bytes',
      'Max cpu time 500 500 seconds',
      'Max processes 77 77 processes',
    ])
      expect(lines).toContain(line)
  },
  native,
)
program(
  'no_new_privs',
  'no_new_privs = true',
  async (run) => {
    expect(await procOf(run, 'status')).toMatch(/^NoNewPrivs:\t1$/m)
  },
  native,
)
const bind = (1 << 10).toString(16).padStart(16, '0')
const none = '0'.repeat(16)
for (const [user, names, kept, ambient] of [
  ['root', '["net_bind_service"]', bind, none],
  ['nobody', '["CAP_NET_BIND_SERVICE"]', bind, bind],
  ['nobody', '[]', none, none],
  ['root', '[]', none, none],
] as const) {
  program(
    'capabilities',
    `capabilities = ${names}\nuser = "${user}"`,
    async (run) => {
      const sets = [...(await procOf(run, 'status')).matchAll(/^Cap(\w+):\t(\w+)$/gm)].map(([, name, set]) => [
        name,
        set,
      ])
      expect(Object.fromEntries(sets)).toEqual({ Inh: kept, Prm: kept, Eff: kept, Bnd: kept, Amb: ambient })
    },
    root,
  )
}
program('session', 'session = true', async (run) => {
  const [pid, , , , , session] = (await procOf(run, 'stat')).split(' ')
  expect(session).toBe(pid)
})
for (const user of ['root', 'nobody']) {
  program(
    'pdeathsig',
    `user = "${user}"\npdeathsig = "USR1"\ncommand = ["/bin/sh", "-c", "trap 'echo told > DIR/sub/told; exit' USR1; echo up; while :; do sleep 0.05; done"]`,
    async (run) => {
      chmodSync(run.folder, 0o777)
      chmodSync(join(run.folder, 'sub'), 0o777)
      await run.daemon.line(/"message":"up"/)
      const parent = Number((await procOf(run, 'stat')).split(' ')[3])
      const guard = Number(readFileSync(`/proc/${parent}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
      // Both would kill the group first.
      for (const pid of [run.daemon.pid, guard]) process.kill(pid, 'SIGSTOP')
      process.kill(parent, 'SIGKILL')
      await eventually(() => existsSync(join(run.folder, 'sub/told')), 'the signal came')
      for (const pid of [guard, run.daemon.pid]) process.kill(pid, 'SIGCONT')
      await run.daemon.line('the helper that runs the programs is gone')
    },
    { ...root, ends: 101 },
  )
}
program(
  'login_env',
  `login_env = true\nuser = "nobody"\nenvironment = { SHELL = "/mine" }\ncommand = "/bin/sh -c 'echo $HOME $USER $LOGNAME $SHELL; exec sleep 1000'"`,
  says('/nonexistent nobody nobody /mine'),
  root,
)
