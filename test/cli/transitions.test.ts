// `kahi ctl up` and `kahi ctl down`, seen through dist/kahi.

import { request } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../helpers/kahi.ts'
import { AFTER_NOTE, end, noting, oneshot, run } from '../helpers/order.ts'
import { eventually } from '../helpers/wait.ts'

const OFF = 'autostart = false'
const TREE =
  noting('web', `${OFF}\ndepends_on = ["migrate", "cache"]`) +
  oneshot('migrate', `${OFF}\ndepends_on = ["db"]`) +
  noting('db', OFF) +
  noting('cache', OFF) +
  noting('apart', OFF) +
  '[bundles.user]\ncontents = ["web", "apart"]\n'

describe('up and down', () => {
  test('up pulls in what is needed, down takes what needs it first; both say how it went for each', async () => {
    const all = await run(TREE)
    expect(await all.ctl('up', 'web')).toMatchObject({
      stdout: 'db: started\nmigrate: started\ncache: started\nweb: started\n',
      exitCode: 0,
    })
    await eventually(() => expect(all.order().indexOf('+db')).toBeLessThan(all.order().indexOf('+migrate')))
    expect((await all.ctl('up', 'web')).stdout).toBe('web: nothing to do\n')
    expect(await all.ctl('down', 'db')).toMatchObject({
      stdout: 'web: stopped\nmigrate: stopped\ndb: stopped\n',
      exitCode: 0,
    })
    await eventually(() => expect(all.order().slice(4)).toEqual(['-web', '-migrate', '-db']))
    expect((await all.ctl('down', 'db')).stdout).toBe('db: nothing to do\n')
    await end(all)
  })

  test('a dry run prints what kahi plan prints, of what is left to do, and does nothing', async () => {
    const all = await run(TREE)
    const plan = async (...words: string[]) => (await all.ctl(...words, '--dry-run')).stdout.trimEnd().split('\n')
    expect(await plan('up', 'user')).toEqual([
      '1. start db, apart, cache',
      '2. start migrate (after db started)',
      '3. start web (after migrate completed, cache started)',
    ])
    await all.ctl('up', 'db', 'apart')
    expect(await plan('up', '--only', 'web')).toEqual([
      '1. stop apart',
      '2. start migrate, cache',
      '3. start web (after migrate completed, cache started)',
    ])
    expect(await plan('down', 'cache')).toEqual(['nothing to do'])
    await eventually(() => expect(all.order().toSorted()).toEqual(['+apart', '+db']))
    const { steps, services } = JSON.parse((await all.ctl('up', '--dry-run', '--json', 'migrate')).stdout)
    expect(steps).toEqual([{ action: 'start', unit: 'migrate:migrate', stage: 0, after: [] }])
    expect(services).toEqual([])
    await end(all)
  })

  test('--only takes everything else down first, but what is essential and what that needs', async () => {
    const all = await run(
      noting('log', 'depends_on = ["disk"]\nessential = true') + noting('disk') + noting('web') + noting('rescue', OFF),
    )
    for (const name of ['log', 'disk', 'web']) await all.daemon.line(`success: ${name} entered RUNNING`)
    expect(await all.ctl('up', '--only', 'rescue')).toMatchObject({
      stdout: 'web: stopped\nrescue: started\n',
      exitCode: 0,
    })
    expect((await all.ctl('status', 'log', 'disk')).exitCode).toBe(0)
    await end(all)
  })

  test('nothing is brought up when what should go first stays', async () => {
    const stuck = '[oneshots.stuck]\nup = "/bin/true"\ndown = "/bin/false"\n'
    const all = await run(stuck + noting('rescue', OFF))
    await all.daemon.line('up: stuck')
    expect(await all.ctl('up', '--only', 'rescue')).toMatchObject({
      stdout: 'stuck: ERROR (could not be taken down)\n',
      exitCode: 1,
    })
    await eventually(() => expect(all.order()).toEqual([]))
    await end(all)
  })

  test('a failure is 1 and says why, also for those that waited; the rest comes up', async () => {
    const all = await run(
      `[oneshots.check]\nup = "/bin/false"\n${OFF}\n` +
        noting('web', `depends_on = ["check"]\n${OFF}`) +
        noting('apart', OFF),
    )
    expect(await all.ctl('up', 'web', 'apart')).toMatchObject({
      stdout: 'check: ERROR (up failed: exit status 1)\napart: started\nweb: ERROR (check up failed: exit status 1)\n',
      exitCode: 1,
    })
    await end(all)
  })

  test('up waits until a program is ready; a time-out is 2, names the unit, and the starts continue', async () => {
    const all = await run(
      noting('db', `ready = { file = "DIR/flag", interval = 0.02 }\n${OFF}`) +
        noting('web', `depends_on = ["db"]\n${OFF}`),
    )
    expect(await all.ctl('up', '--timeout', '0.2', 'web')).toMatchObject({
      stdout: 'db: ERROR (not done in time; it continues)\nweb: ERROR (not done in time; it continues)\n',
      exitCode: 2,
    })
    const waiting = all.ctl('up', 'web')
    await all.daemon.line('success: db entered RUNNING')
    writeFileSync(join(all.folder, 'flag'), '')
    expect(await waiting).toMatchObject({ exitCode: 0 })
    await eventually(() => expect(all.order()).toEqual(['+db', '+web']))
    await end(all)
  })

  test('targets are names of all kinds: groups with or without a star, and all', async () => {
    const all = await run(
      noting('a', OFF) + noting('b', OFF) + noting('c', OFF) + '[groups.pair]\nprograms = ["a", "b"]\n',
    )
    expect((await all.ctl('up', 'pair:*')).stdout).toBe('pair:a: started\npair:b: started\n')
    expect((await all.ctl('down', 'pair')).stdout.split('\n').toSorted()).toEqual([
      '',
      'pair:a: stopped',
      'pair:b: stopped',
    ])
    expect((await all.ctl('up', 'pair:a', 'c')).stdout.split('\n').toSorted()).toEqual([
      '',
      'c: started',
      'pair:a: started',
    ])
    expect((await all.ctl('down', 'all')).stdout.split('\n').toSorted()).toEqual([
      '',
      'c: stopped',
      'pair:a: stopped',
      'pair:b: nothing to do',
    ])
    await end(all)
  })

  test('--no-wait returns when it has begun', async () => {
    const all = await run(noting('db', `ready = { file = "DIR/never" }\n${OFF}`))
    expect(await all.ctl('up', '--no-wait', 'db')).toMatchObject({ stdout: 'db: starting\n', exitCode: 0 })
    await all.daemon.line('success: db entered RUNNING')
    await end(all)
  })

  test('an unknown name is 3, with what may have been meant; a bad time is 2', async () => {
    const all = await run(TREE)
    const { stderr, exitCode } = await all.ctl('up', 'web', 'migrat')
    expect(stderr).toContain('there is no "migrat"')
    expect(stderr).toContain('did you mean "migrate"?')
    expect(exitCode).toBe(3)
    await eventually(() => expect(all.order()).toEqual([]))
    expect(await all.ctl('down', '--timeout', 'soon', 'web')).toMatchObject({ exitCode: 2 })
    await end(all)
  })

  test.each([
    ['{}', 'body.targets: is missing'],
    ['{"targets": []}', 'body.targets: is empty'],
    ['{"targets": ["web"], "timeout": -1}', 'body.timeout: must be from 0'],
    ['{"targets": ["web"], "dry_run": "yes"}', 'body.dry_run: must be true or false'],
  ])('the endpoint refuses %s', async (body, reason) => {
    const all = await run(TREE)
    const answer = await new Promise<string>((resolve, reject) => {
      const path = '/api/v1/up'
      const asked = request({ socketPath: join(all.folder, 'k.sock'), path, method: 'POST' }, async (response) => {
        const chunks = await response.toArray()
        resolve(`${response.statusCode} ${Buffer.concat(chunks).toString()}`)
      })
      asked.on('error', reject)
      asked.end(body)
    })
    expect(answer).toMatch(/^400 /)
    expect(JSON.parse(answer.slice(4)).error).toContain(reason)
    await end(all)
  })
})

describe('ctl start and restart', () => {
  test('start waits until the program is ready, and fails when that takes too long', async () => {
    const all = await run(
      noting('db', `ready = { file = "DIR/order", interval = 0.02 }\n${OFF}`) +
        noting('late', `ready = { file = "DIR/never", interval = 0.02, deadline = 0.2 }\n${OFF}`),
    )
    expect((await all.ctl('start', 'db')).stdout).toBe('db: started\n')
    const [db] = JSON.parse((await all.ctl('status', '--json', 'db')).stdout)
    expect(db).toMatchObject({ state: 'RUNNING', ready: true })
    expect(await all.ctl('start', 'late')).toMatchObject({ stdout: 'late: ERROR (not ready in time)\n', exitCode: 7 })
    await end(all)
  })

  test('start says what it waits for', async () => {
    const all = await run(noting('db', `ready = { file = "DIR/flag", interval = 0.02 }\n${OFF}`))
    const starting = startDaemon(['ctl', '-s', join(all.folder, 'k.sock'), 'start', 'db'])
    await starting.line('waiting for db to be ready')
    writeFileSync(join(all.folder, 'flag'), '')
    expect(await starting.ended()).toMatchObject({ stdout: 'db: started\n', exitCode: 0 })
    await end(all)
  })

  test('a group restarts in the order of the graph, over ctl and over REST', async () => {
    const all = await run(
      noting('a_web', 'depends_on = ["b_db"]') +
        noting('b_db', AFTER_NOTE) +
        '[groups.site]\nprograms = ["a_web", "b_db"]\n',
    )
    await all.daemon.line('success: a_web entered RUNNING')
    // A program that gets TERM before it has set its trap ends without a note.
    await eventually(() => expect(all.order()).toEqual(['+b_db', '+a_web']))
    await all.ctl('restart', 'site:*')
    // A process is RUNNING as soon as it has started; it writes its note a little later.
    await eventually(() => expect(all.order()).toEqual(['+b_db', '+a_web', '-a_web', '-b_db', '+b_db', '+a_web']))
    await new Promise<void>((resolve, reject) => {
      const path = '/api/v1/groups/site/restart?wait=true'
      const asked = request({ socketPath: join(all.folder, 'k.sock'), path, method: 'POST' }, (response) => {
        response.resume().on('end', resolve)
      })
      asked.on('error', reject)
      asked.end()
    })
    await eventually(() => expect(all.order().slice(6)).toEqual(['-a_web', '-b_db', '+b_db', '+a_web']))
    await end(all)
  })
})
