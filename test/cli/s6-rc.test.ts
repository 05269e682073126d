// `kahi s6-rc` and `kahi s6-rc-db` with a running daemon. The expected results are those of the real s6-rc 0.5.4.1 on the same
// tree. A row names the deliberate differences of kahi (docs/compat/s6.md).

import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, kahiPath, type Result, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const sleeper = (name: string, more = '') => `[programs.${name}]\ncommand = "sleep 1000"\nautostart = false\n${more}\n`
const CONFIGURATION = [
  sleeper('afterbad', 'depends_on = ["bad"]'),
  sleeper('db'),
  sleeper('key', 'essential = true'),
  sleeper('web', 'depends_on = ["db", "setup"]'),
  sleeper('worker', 'depends_on = ["db"]'),
  '[oneshots.setup]\nup = ["true"]\ndown = ["true", "down"]\ntimeout_up = 2.5\nautostart = false',
  '[oneshots.bad]\nup = ["sh", "-c", "exit 3"]\nautostart = false',
  '[bundles.all]\ncontents = ["web", "worker"]',
  '[bundles.user]\ncontents = ["all", "key"]',
].join('\n')

type Ask = (words: string) => Promise<Pick<Result, 'exitCode' | 'stdout' | 'stderr'>>

/** A daemon without running services, and a function that sends it commands. */
async function daemon(configuration = CONFIGURATION): Promise<Ask> {
  const folder = scratch()
  const socket = join(folder, 'kahi.sock')
  writeFileSync(join(folder, 'kahi.toml'), `${configuration}\n[server.unix]\nfile = "${socket}"\n`)
  const running = startDaemon(['daemon', '-c', join(folder, 'kahi.toml')], { cwd: folder })
  await running.line('kahi ')
  const ask: Ask = (words) => kahi(words.split(' '), { cwd: folder, env: { KAHI_SOCKET: socket } })
  await eventually(async () => (await ask('s6-rc-db check')).exitCode === 0, 'it is up')
  return ask
}

const lines = (...names: readonly string[]) => names.map((name) => `${name}\n`).join('')
const LONGRUNS = ['s6rc-oneshot-runner', 's6rc-fdholder', 'afterbad', 'db', 'key', 'web', 'worker']
const refusal = (text: string) => expect.stringContaining(text) as unknown as string

describe('s6-rc-db', () => {
  test('answers as the original', async () => {
    const ask = await daemon()
    const rows: readonly (readonly [string, Partial<Result>])[] = [
      ['list services', { stdout: lines(...LONGRUNS, 'bad', 'setup') }],
      ['list all', { stdout: lines(...[...LONGRUNS, 'bad', 'setup'].reverse(), 'user', 'all') }],
      ['list longruns', { stdout: lines(...LONGRUNS) }],
      ['list oneshots', { stdout: lines('bad', 'setup') }],
      ['list bundles', { stdout: lines('user', 'all') }],
      ['list x', { exitCode: 100, stderr: refusal('s6-rc-db: usage: s6-rc-db [ -u | -d ]') }],
      ['list', { exitCode: 100 }],
      ['nothing', { exitCode: 100 }],
      ['-x check', { exitCode: 100 }],
      ['help', { stdout: refusal('s6-rc-db list all|services') }],
      ['type web', { stdout: 'longrun\n' }],
      ['type setup', { stdout: 'oneshot\n' }],
      ['type user', { stdout: 'bundle\n' }],
      [
        'type nosuch',
        { exitCode: 3, stderr: 's6-rc-db: fatal: nosuch is not a valid identifier in /run/s6-rc/compiled\n' },
      ],
      ['-l /live type nosuch', { exitCode: 3, stderr: refusal('in /live/compiled\n') }],
      ['-c /db type nosuch', { exitCode: 3, stderr: refusal('in /db\n') }],
      ['timeout setup', { stdout: '2500\n' }],
      ['-d timeout setup', { stdout: '0\n' }],
      ['timeout user', { exitCode: 5, stderr: refusal('identifier user represents a bundle') }],
      ['contents user', { stdout: lines('key', 'web', 'worker') }],
      ['contents web', { exitCode: 5, stderr: refusal('identifier web represents an atomic service') }],
      ['dependencies web', { stdout: lines('setup', 'db') }],
      ['-d dependencies db', { stdout: lines('worker', 'web') }],
      ['dependencies all', { stdout: lines('setup', 'db') }],
      ['all-dependencies web', { stdout: lines('setup', 'web', 'db', 's6rc-oneshot-runner') }],
      ['-d all-dependencies db setup', { stdout: lines('setup', 'worker', 'web', 'db') }],
      ['atomics user', { stdout: lines('worker', 'web', 'key') }],
      ['script setup', { stdout: 'true\0' }],
      ['-d script setup', { stdout: 'true\0down\0' }],
      ['script web', { exitCode: 5, stderr: refusal('identifier web represents a longrun service') }],
      ['pipeline web', {}],
      ['pipeline setup', { exitCode: 5, stderr: refusal('does not represent a longrun') }],
      ['flags web', { stdout: '00000000\n' }],
      ['flags key', { stdout: '00000001\n' }],
      ['check', {}],
    ]
    for (const [words, expected] of rows)
      expect({ words, ...(await ask(`s6-rc-db ${words}`)) }).toMatchObject({ words, exitCode: 0, ...expected })
  })

  test('without a daemon the database cannot be read', async () => {
    const env = { KAHI_SOCKET: join(scratch(), 'none.sock') }
    for (const words of [
      ['s6-rc-db', 'list', 'all'],
      ['s6-rc', '-a', 'list'],
    ])
      expect(await kahi(words, { env })).toMatchObject({ exitCode: 111, stderr: refusal('ENOENT') })
  })

  test('shows a whole pipeline from any of its longruns', async () => {
    const writers = [sleeper('one', 'log_to = "filter"'), sleeper('two', 'log_to = "filter"')]
    const ask = await daemon([sleeper('filter', 'log_to = "writer"'), ...writers, sleeper('writer')].join('\n'))
    const whole = { stdout: 'one | filter\ntwo | filter\nfilter | writer\n' }
    for (const name of ['one', 'filter', 'writer']) expect(await ask(`s6-rc-db pipeline ${name}`)).toMatchObject(whole)
  })
})

describe('s6-rc', () => {
  test('lists', async () => {
    const ask = await daemon()
    const rows: readonly (readonly [string, Partial<Result>])[] = [
      ['help', { stdout: refusal('s6-rc [ -l live ] diff') }],
      ['', { exitCode: 100 }],
      ['nothing', { exitCode: 100 }],
      ['-t x list', { exitCode: 100, stderr: refusal('s6-rc: usage: ') }],
      ['-a list', {}],
      ['list web', { stdout: 'web\n' }],
      ['-d list web', { stdout: lines(...LONGRUNS.filter((name) => name !== 'web'), 'bad', 'setup') }],
      ['listall web', { stdout: lines('s6rc-oneshot-runner', 'db', 'web', 'setup') }],
      ['-d listall db', { stdout: lines('db', 'web', 'worker') }],
      [
        'listall nosuch',
        { exitCode: 3, stderr: 's6-rc: fatal: nosuch is not a recognized identifier in /run/s6-rc/resolve.cdb\n' },
      ],
      ['diff', {}],
      [
        '-n 0 -u change web',
        {
          stdout: lines(
            's6-rc-dryrun: s6-rc-oneshot-run -l /run/s6-rc -T 2500 -- up setup',
            's6-rc-dryrun: s6-svc -uwu -T 0 -- /run/s6-rc/servicedirs/db',
            's6-rc-dryrun: s6-svc -uwu -T 0 -- /run/s6-rc/servicedirs/web',
          ),
        },
      ],
    ]
    for (const [words, expected] of rows)
      expect({ words, ...(await ask(`s6-rc ${words}`.trim())) }).toMatchObject({ words, exitCode: 0, ...expected })
  })

  test('changes, with the messages of -v2', async () => {
    const ask = await daemon()
    const info = (...texts: readonly string[]) => texts.map((text) => `s6-rc: info: service ${text}`).sort()
    const change = async (words: string) => {
      const { exitCode, stderr } = await ask(`s6-rc -v2 ${words}`)
      return { exitCode, said: stderr.trim().split('\n').sort() }
    }
    expect(await change('-u change web')).toEqual({
      exitCode: 0,
      said: info(
        ...['setup: starting', 'db: starting', 'web: starting'],
        ...['setup successfully started', 'db successfully started', 'web successfully started'],
      ),
    })
    expect((await ask('s6-rc -a list')).stdout).toBe(lines('s6rc-oneshot-runner', 'db', 'web', 'setup'))
    expect(await change('-u change web')).toEqual({ exitCode: 0, said: [''] })
    expect(await change('change afterbad')).toMatchObject({
      exitCode: 1,
      said: expect.arrayContaining([
        's6-rc: warning: unable to start service bad: up failed: exit status 3',
      ]) as unknown,
    })
    expect((await ask('s6-rc start user')).exitCode).toBe(0)
    expect((await ask('s6-rc -a list')).stdout).toBe(
      lines('s6rc-oneshot-runner', 'db', 'key', 'web', 'worker', 'setup'),
    )
    expect(await change('-da change')).toMatchObject({
      exitCode: 0,
      said: expect.arrayContaining(['s6-rc: warning: service key is marked as essential, not stopping it']) as unknown,
    })
    expect((await ask('s6-rc -a list')).stdout).toBe('key\n')
    expect((await change('-up change worker')).exitCode).toBe(0)
    expect((await ask('s6-rc -a list')).stdout).toBe(lines('db', 'key', 'worker'))
    expect((await ask('s6-rc -d -a list')).stdout).toContain('web\n')
    expect((await ask('s6-rc stop db')).exitCode).toBe(0)
    expect((await ask('s6-rc -a list')).stdout).toBe('key\n')
  })

  test('-t ends with 2; diff names what gave up', async () => {
    const ask = await daemon(
      [
        '[oneshots.slow]\nup = ["sleep", "1000"]\nautostart = false',
        '[programs.dies]\ncommand = "sh -c \'exit 1\'"\nautostart = false\nstartsecs = 0\nrestart = { delay = 0.01, limit = 1 }',
        'autorestart = true',
      ].join('\n'),
    )
    const late = await ask('s6-rc -t 200 change slow')
    expect(late).toMatchObject({ exitCode: 2, stderr: 's6-rc: fatal: timed out\n' })
    await ask('s6-rc change dies')
    await eventually(async () => (await ask('s6-rc diff')).exitCode === 1, 'there is a difference')
    expect((await ask('s6-rc diff')).stdout).toBe('-dies\n')
  })

  test('is also what a link is called by', async () => {
    const link = join(scratch(), 's6-rc')
    symlinkSync(kahiPath, link)
    expect(await kahi(['help'], { program: link })).toMatchObject({ exitCode: 0, stdout: refusal('s6-rc help') })
  })
})
