// supervisord as the first process of a container: it restarts after `supervisorctl reload` and after SIGHUP, and the container ends
// after `shutdown`. If supervisor is installed, kahi is compared with the real supervisord.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bootImage, canBoot, firstPid } from '../helpers/image.ts'
import type { Daemon } from '../helpers/kahi.ts'
import { processState } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

const CONF = `[supervisord]
logfile=/run/main.log
pidfile=/run/supervisord.pid
childlogdir=/run
[unix_http_server]
file=/run/supervisor.sock
[supervisorctl]
serverurl=unix:///run/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:forks]
command=sh -c "(sleep 1000 &) & sleep 1000 & wait"
stopasgroup=true
killasgroup=true
[program:plain]
command=sleep 1000
[program:stubborn]
command=sh -c "trap '' TERM; while :; do sleep 1; done"
stopwaitsecs=1
killasgroup=true
`

interface Inside {
  readonly image: Daemon
  readonly first: number
  /** The pids of the programs in the container. */
  readonly pids: () => string
  readonly run: (script: string) => string
  /** Resolves when all programs have started this number of times. */
  readonly lives: (count: number) => Promise<void>
}

async function boot(before: string): Promise<Inside> {
  const image = bootImage({ 'etc/supervisord.conf': CONF }, ['-n', '-c', '/etc/supervisord.conf'], {
    entry: '/usr/bin/supervisord',
    before,
  })
  await image.line('success: plain entered RUNNING state')
  const first = firstPid(image)
  const run = (script: string) =>
    execFileSync('nsenter', ['-t', String(first), '-m', '-p', '-r', '-w', 'sh', '-c', script], { encoding: 'utf8' })
  const lives = (count: number) =>
    eventually(() => {
      const up = image.output().match(/success: \w+ entered RUNNING state/g) ?? []
      return up.length === 3 * count
    }, `all programs were up ${count} times`)
  await lives(1)
  return { image, first, run, lives, pids: () => run('supervisorctl pid all') }
}

/** Checks that no process of one run remains in the next one, and that the first process is still the same. */
async function beginAnew(inside: Inside, how: () => void, life: number): Promise<void> {
  const { image, first, lives, pids } = inside
  const before = pids()
  how()
  await lives(life)
  expect(firstPid(image)).toBe(first)
  expect(inside.run('supervisorctl pid; cat /run/supervisord.pid')).toBe('1\n1\n')
  const after = pids()
  expect(after.split('\n').filter((pid) => pid !== '' && before.split('\n').includes(pid))).toEqual([])
  const processes = () => inside.run('ps -e -o stat=,args=').split('\n')
  await eventually(() => !processes().some((line) => /^Z/.test(line)), 'no zombie is left')
  expect(processes().filter((line) => /^\S+ +sleep 1000$/.test(line))).toHaveLength(3)
}

const INSTALLS: Readonly<Record<string, string>> = {
  // If the image has Debian's supervisor, its programs are moved to another directory.
  kahi: '/kahi/kahi install --as supervisord',
  ...(existsSync('/usr/bin/supervisord') ? { supervisord: ':' } : {}),
}

test.runIf(canBoot()).each(Object.entries(INSTALLS))(
  '%s as PID 1 begins anew and ends on request',
  async (_who, before) => {
    const inside = await boot(before)
    const { image, first, run } = inside
    const reload = () => expect(run('supervisorctl reload')).toBe('Restarted supervisord\n')
    await beginAnew(inside, reload, 2)
    await beginAnew(inside, reload, 3)
    await beginAnew(inside, () => process.kill(first, 'SIGHUP'), 4)
    expect(readFileSync(`/proc/${first}/root/run/main.log`, 'utf8')).toContain(
      'received SIGHUP indicating restart request',
    )
    expect(run('supervisorctl shutdown')).toBe('Shut down\n')
    expect(await image.ended()).toMatchObject({ exitCode: 0 })
    expect(processState(first)).toBeUndefined()
  },
)
