// Facts about the machine: real timers, names of signals, users and groups of an account file, open files.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../runtime/system/clock.ts'
import { onInternalError } from '../../../runtime/system/exit.ts'
import { errnoCode, openForAppending } from '../../../runtime/system/files.ts'
import { onSignals } from '../../../runtime/system/signals.ts'
import { machineWith, thisMachine } from '../../../runtime/system/users.ts'
import { temporaryDirectory } from '../../helpers/pipes.ts'

let directory: string

beforeEach(() => {
  directory = temporaryDirectory()
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

describe('the clock', () => {
  const clock = systemClock()

  test('fires once, no earlier than asked', async () => {
    const before = clock.nowMs()
    await new Promise<void>((resolve) => clock.after(15, resolve))
    expect(clock.nowMs() - before).toBeGreaterThan(13)
    const earlier = new Date().getTime()
    expect(clock.wallMs()).toBeGreaterThanOrEqual(earlier)
  })

  test('a cancelled timer and one of years do not fire', async () => {
    let fired = 0
    const timers = [clock.after(0, () => fired++), clock.after(1e12, () => fired++)]
    timers[0]?.cancel()
    await new Promise<void>((resolve) => clock.after(5, resolve))
    timers[1]?.cancel()
    expect(fired).toBe(0)
  })
})

describe('signals', () => {
  test('reach their handler until it is taken away', async () => {
    let count = 0
    const got = new Promise<() => void>((resolve) => {
      const off = onSignals({
        SIGUSR2: () => {
          count++
          resolve(off)
        },
      })
    })
    process.kill(process.pid, 'SIGUSR2')
    ;(await got)()
    expect([count, process.listenerCount('SIGUSR2')]).toEqual([1, 0])
  })

  test('bugs are reported until the listener is removed', () => {
    const before = process.listenerCount('uncaughtException')
    const off = onInternalError(() => {})
    expect(process.listenerCount('uncaughtException')).toBe(before + 1)
    off()
    expect(process.listenerCount('uncaughtException')).toBe(before)
  })
})

describe('users and groups', () => {
  function machine(environment: Record<string, string> = {}) {
    const passwd = join(directory, 'passwd')
    const group = join(directory, 'group')
    writeFileSync(passwd, '# accounts\nroot:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/srv/web/:/bin/sh\nbroken\n')
    writeFileSync(group, 'root:x:0:\nwww:x:34:\nlogs:x:50:other,web\ntls:x:51:web\nbroken\n')
    return machineWith(passwd, group, environment)
  }

  test('a user has its primary group and all that list it', () => {
    const web = { uid: 33, gid: 34, groups: [34, 50, 51] }
    expect(machine().findUser('web')).toEqual(web)
    expect(machine().findUser('33')).toEqual(web)
  })

  test.each(['nobody', '99', '', 'web:www'])('there is no user %j', (name) => {
    expect(machine().findUser(name)).toBeUndefined()
  })

  test('groups by name and number', () => {
    expect(['logs', '51', 'nope', '77'].map((name) => machine().findGroup(name))).toEqual([
      50,
      51,
      undefined,
      undefined,
    ])
  })

  test.each([
    ['~', '/home/me'],
    ['~/x', '/home/me/x'],
    ['~web/x', '/srv/web/x'],
    ['~nobody/x', '~nobody/x'],
    ['/a/~', '/a/~'],
  ])('%s is %s', (path, expanded) => {
    expect(machine({ HOME: '/home/me' }).expandHome(path)).toBe(expanded)
  })

  test('missing account files mean no users', () => {
    expect(machineWith('/gone', '/gone', {}).findUser('root')).toBeUndefined()
  })

  test('directories, and where temporary files go', () => {
    mkdirSync(join(directory, 'tmp'))
    expect(machine({ TMPDIR: join(directory, 'tmp') }).temporaryDirectory).toBe(join(directory, 'tmp'))
    expect(machine({ TMPDIR: '/gone' }).temporaryDirectory).toBe('/tmp')
    expect(['/', '/gone', '/etc/passwd'].map((path) => machine().isDirectory(path))).toEqual([true, false, false])
  })

  test('this machine knows root', () => {
    expect(thisMachine().findUser('root')?.uid).toBe(0)
  })
})

describe('files', () => {
  test('errno codes', () => {
    expect([
      errnoCode(Object.assign(new Error('x'), { code: 'EIO' })),
      errnoCode(new Error('x')),
      errnoCode(3),
    ]).toEqual(['EIO', 'x', '3'])
  })

  test('a file opens at its end', () => {
    const path = join(directory, 'a')
    writeFileSync(path, 'abc')
    expect(openForAppending(path)).toMatchObject({ regular: true, size: 3 })
    expect(readFileSync(path, 'utf8')).toBe('abc')
  })
})
