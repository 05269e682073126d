// `kahi ctl apply`, seen through dist/kahi.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { end, noting, oneshot, run } from '../helpers/order.ts'
import { eventually } from '../helpers/wait.ts'

const env = (value: string) => `environment = { MODE = "${value}", DB_PASSWORD = "hunter-${value}" }`

test('a dry run names each key, before and after, without secrets; apply restarts only what differs', async () => {
  const all = await run(
    noting('web', env('a')) + noting('gone') + noting('same') + noting('near', 'depends_on = ["web"]'),
  )
  for (const name of ['web', 'gone', 'same', 'near']) await all.daemon.line(`success: ${name} entered RUNNING`)
  const pids = await all.ctl('pid', 'same', 'near')
  all.rewrite(
    noting('web', env('b')) +
      noting('same') +
      noting('near', 'depends_on = ["web"]') +
      noting('fresh') +
      oneshot('once'),
  )
  const said = (verb: string, would = '') =>
    [
      `${would}remove${verb}: gone`,
      `${would}change${verb}: web (restarts)`,
      '  environment.MODE: "a" -> "b" (restart)',
      '  environment.DB_PASSWORD: "(hidden)" -> "(hidden)" (restart)',
      `${would}add${verb === '' ? '' : 'ed'}: fresh`,
      `${would}add${verb === '' ? '' : 'ed'}: once`,
      'unchanged: 2',
      '',
    ].join('\n')
  expect(await all.ctl('apply', '--dry-run')).toMatchObject({ stdout: said('', 'would '), exitCode: 0 })
  expect((await all.ctl('status', 'gone')).stdout).toContain('RUNNING')
  const json = JSON.parse((await all.ctl('apply', '--dry-run', '--json')).stdout)
  expect(json).toMatchObject({ added: ['fresh'], removed: ['gone'], oneshots: { added: ['once'] } })
  expect(await all.ctl('apply')).toMatchObject({ stdout: said('d').replace('removed', 'removed'), exitCode: 0 })
  expect(await all.ctl('pid', 'same', 'near')).toEqual(pids)
  await all.daemon.line('up: once')
  await eventually(() =>
    expect(all.order().filter((line) => /web|gone/.test(line))).toEqual(
      expect.arrayContaining(['-gone', '-web', '+web']),
    ),
  )
  expect((await all.ctl('apply')).stdout).toBe('nothing differs\nunchanged: 4\n')
  await end(all)
})

test('of a group only the processes that differ are restarted; more processes leave the others alone', async () => {
  const pool = (count: number, more = '') =>
    noting('w', `process_name = "w_%(process_num)d"\nnumprocs = ${count}`) +
    noting('x', more) +
    '[groups.pool]\nprograms = ["w", "x"]\n'
  const all = await run(pool(2))
  for (const name of ['w_0', 'w_1', 'x']) await all.daemon.line(`success: ${name} entered RUNNING`)
  const pids = async (...names: string[]) => (await all.ctl('pid', ...names)).stdout
  const before = await pids('pool:w_0', 'pool:w_1', 'pool:x')
  all.rewrite(pool(3))
  const { stdout } = await all.ctl('apply')
  expect(stdout).toContain('changed: pool (nothing restarts)\n')
  await all.daemon.line('success: w_2 entered RUNNING')
  expect(await pids('pool:w_0', 'pool:w_1', 'pool:x')).toBe(before)
  all.rewrite(pool(1, 'umask = "027"'))
  expect((await all.ctl('apply')).stdout).toContain('changed: pool (restarts x; w_0 keeps running)\n')
  expect((await all.ctl('status', 'pool:w_1')).stdout).toContain('no such process')
  expect(await pids('pool:w_0')).toBe(before.split('\n')[0] + '\n')
  await eventually(async () => expect((await pids('pool:x')) !== `${before.split('\n')[2]}\n`).toBe(true))
  await end(all)
})

test('a process of a changed group that was stopped stays stopped', async () => {
  const pool = (more: string) => noting('w') + noting('x', more) + '[groups.pool]\nprograms = ["w", "x"]\n'
  const all = await run(pool(''))
  await all.daemon.line('success: w entered RUNNING')
  await all.ctl('stop', 'pool:w')
  all.rewrite(pool('umask = "027"'))
  await all.ctl('apply')
  expect((await all.ctl('status', 'pool:w')).stdout).toContain('STOPPED')
  await end(all)
})

test('how a program is restarted and stopped changes while it runs', async () => {
  const stubborn = (more: string) =>
    `[programs.web]\ncommand = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.02; done"]\nstartsecs = 0\n${more}\n`
  const brief = (more: string) => `[programs.job]\ncommand = "sleep 1000"\nstartsecs = 0\n${more}\n`
  const all = await run(stubborn('stopwaitsecs = 3600') + brief('autorestart = true'))
  for (const name of ['web', 'job']) await all.daemon.line(`success: ${name} entered RUNNING`)
  const pids = await all.ctl('pid', 'web')
  all.rewrite(
    stubborn('stopwaitsecs = 3600\nstopsignal = "KILL"\npriority = 5') +
      brief('autorestart = false\nfinish = ["/bin/sh", "-c", "echo finished >>DIR/order"]'),
  )
  const { stdout } = await all.ctl('apply')
  expect(stdout).toContain('changed: web (nothing restarts)\n')
  expect(stdout).toContain('changed: job (nothing restarts)\n')
  expect(await all.ctl('pid', 'web')).toEqual(pids)
  expect((await all.ctl('apply')).stdout).toBe('nothing differs\nunchanged: 2\n')
  // With the old rules kahi would wait for an hour and then start the job again.
  expect((await all.ctl('stop', 'web')).stdout).toContain('stopped')
  await all.ctl('signal', 'KILL', 'job')
  await eventually(() => expect(all.order()).toEqual(['finished']))
  await eventually(async () => expect((await all.ctl('status', 'job')).stdout).toMatch(/EXITED|FATAL/))
  await end(all)
})

test('health and watch come, change and go while the process runs, and act from then on', async () => {
  const program = (more: string) => `[programs.web]\ncommand = "sleep 1000"\nstartsecs = 0\n${more}\n`
  const all = await run(program(''))
  const look = async () => JSON.parse((await all.ctl('status', '--json', 'web')).stdout)[0]
  const { pid } = await look()
  const apply = async (more: string) => {
    all.rewrite(program(more))
    expect((await all.ctl('apply')).stdout).toContain('changed: web (nothing restarts)\n')
  }
  const becomes = (health: object | null) =>
    eventually(async () => expect(await look()).toMatchObject({ pid, state: 'RUNNING', health }))
  const check = (name: string) => `health = { file = "DIR/${name}", interval = 0.05, failures = 1 }\n`
  const watch = (name: string) =>
    `watch = { paths = "DIR/${name}", exec = ["/bin/sh", "-c", "echo ${name} >>DIR/order"], debounce = 0.05 }`
  const touch = (name: string) => writeFileSync(join(all.folder, name), `${all.order().length}`)
  await apply(check('up') + watch('one'))
  await becomes({ status: 'unhealthy', problem: expect.stringContaining('no file') })
  touch('up')
  await becomes({ status: 'healthy' })
  touch('one')
  await eventually(() => expect(all.order()).toEqual(['one']))
  await apply(check('other') + watch('two'))
  await becomes({ status: 'unhealthy', problem: expect.stringContaining('other') })
  touch('one')
  touch('two')
  await eventually(() => expect(all.order()).toEqual(['one', 'two']))
  await apply('')
  await becomes(null)
  await end(all)
})

test('a configuration that cannot be used changes nothing and is explained', async () => {
  const all = await run(noting('web'))
  await all.daemon.line('success: web entered RUNNING')
  all.rewrite('[programs.web]\ncommand = "sleep 9"\nstartsecs = "soon"\n')
  for (const words of [['apply', '--dry-run'], ['apply']]) {
    const { stderr, exitCode } = await all.ctl(...words)
    expect(stderr).toMatch(/kahi\.toml:5:\d+: error: .*startsecs/)
    expect(stderr).toContain('nothing was changed\n')
    expect(exitCode).toBe(2)
  }
  expect((await all.ctl('status', 'web')).stdout).toContain('RUNNING')
  await end(all)
})

test('what only a new start applies is said, and what is essential stays', async () => {
  const all = await run(noting('web', 'essential = true') + '[supervisor]\nlog_level = "info"\n')
  await all.daemon.line('success: web entered RUNNING')
  all.rewrite(noting('web', 'essential = true\nstopwaitsecs = 7') + '[supervisor]\nlog_level = "debug"\n')
  expect((await all.ctl('apply')).stdout.split('\n')).toEqual([
    'web is essential: it stays as it is',
    'supervisor.log_level: only a restart of kahi applies that',
    'unchanged: 1',
    '',
  ])
  await end(all)
})

test('a change of depends_on is said and restarts nothing; values are shown as they are written, each once', async () => {
  const all = await run(noting('db') + noting('web', 'depends_on = ["db"]') + noting('old'))
  for (const name of ['db', 'web', 'old']) await all.daemon.line(`success: ${name} entered RUNNING`)
  const pids = await all.ctl('pid', 'db', 'web')
  const ready = 'ready = { file = "/", deadline = 9 }\npriority = 5\nstopsignal = "INT"'
  all.rewrite(noting('db') + noting('web', 'depends_on = { db = "ready", old = "ordered" }') + noting('old', ready))
  const said = (verb: string) => [
    `${verb}: old (nothing restarts)`,
    '  priority: 999 -> 5 (live)',
    '  ready: none -> { file = "/", deadline = 9 } (live)',
    '  stopsignal: "TERM" -> "INT" (live)',
    `${verb}: web (nothing restarts)`,
    '  depends_on: ["db"] -> { db = "ready", old = "ordered" } (live)',
  ]
  const shown = async (...words: string[]) => (await all.ctl('apply', ...words)).stdout.split('\n').slice(0, 6)
  const sorted = (lines: readonly string[]) => [lines[0], ...lines.slice(1, 4).toSorted(), ...lines.slice(4)]
  expect(sorted(await shown('--dry-run'))).toEqual(said('would change'))
  expect(sorted(await shown())).toEqual(said('changed'))
  expect(await all.ctl('pid', 'db', 'web')).toEqual(pids)
  expect((await all.ctl('apply')).stdout).toBe('nothing differs\nunchanged: 3\n')
  await end(all)
})
