// `kahi install --as service`: the unit and the user, checked by systemd's own tools, and removed again.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch } from '../helpers/kahi.ts'

const UNIT = 'etc/systemd/system/kahi.service'
const USERS = 'etc/sysusers.d/kahi.conf'
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasSystemd) console.warn('no systemd-analyze (apt-get install systemd): the unit is not checked by systemd')

const install = (root: string, ...more: string[]) => kahi(['install', '--as', 'service', '--dir', root, ...more])

test('a unit with readiness, watchdog and reload', async () => {
  const root = scratch()
  expect(await install(root)).toMatchObject({ exitCode: 0, stdout: `wrote ${root}/${UNIT}\n`, stderr: '' })
  const unit = readFileSync(join(root, UNIT), 'utf8')
  expect(unit).toContain(`\nType=notify\n`)
  expect(unit).toContain(`\nExecStart=${kahiPath} daemon -c /etc/kahi.toml\n`)
  expect(unit).toContain(`\nExecReload=${kahiPath} check /etc/kahi.toml\nExecReload=kill -HUP $MAINPID\n`)
  expect(unit).toContain('\nWatchdogSec=30\n')
  expect(unit).not.toContain('User=')
  expect(existsSync(join(root, USERS))).toBe(false)
})

test.runIf(hasSystemd)('systemd accepts the unit and the user, also with a path that must be quoted', async () => {
  const root = scratch()
  const config = join(root, 'a "b" 100% $c.toml')
  expect(await install(root, '--user', 'kahi', '-c', config)).toMatchObject({ exitCode: 0 })
  const verified = spawnSync('systemd-analyze', ['verify', join(root, UNIT)], { encoding: 'utf8' })
  expect({ status: verified.status, said: verified.stdout + verified.stderr }).toEqual({ status: 0, said: '' })
  const users = spawnSync('systemd-sysusers', ['--dry-run', join(root, USERS)], { encoding: 'utf8' })
  expect(users).toMatchObject({ status: 0 })
  const unit = readFileSync(join(root, UNIT), 'utf8')
  expect(unit).toContain('User=kahi\nGroup=kahi\nRuntimeDirectory=kahi\n')
  expect(unit).toContain(`daemon -c "${root}/a \\"b\\" 100%% $$c.toml"`)
})

test('--undo removes what was written, and only that', async () => {
  const root = scratch()
  await install(root, '--user', 'kahi')
  expect(await install(root, '--user', 'kahi')).toMatchObject({ exitCode: 0 })
  expect(await install(root, '--undo')).toMatchObject({
    exitCode: 0,
    stdout: `removed ${root}/${UNIT}\nremoved ${root}/${USERS}\n`,
  })
  expect(await install(root, '--undo')).toMatchObject({ exitCode: 0, stdout: 'there is no unit of kahi\n' })
  mkdirSync(join(root, 'etc/systemd/system'), { recursive: true })
  writeFileSync(join(root, UNIT), '[Unit]\n')
  for (const args of [[], ['--undo']]) {
    const refused = await install(root, ...args)
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`${root}/${UNIT} `) })
    expect(readFileSync(join(root, UNIT), 'utf8')).toBe('[Unit]\n')
  }
})

test('a line end in a path begins no setting', async () => {
  const root = scratch()
  expect(await install(root, '-c', '/a\nExecStartPre=/b')).toMatchObject({ exitCode: 0 })
  const unit = readFileSync(join(root, UNIT), 'utf8')
  expect(unit).toContain('daemon -c "/a\\x0aExecStartPre=/b"\n')
  expect(unit).not.toMatch(/^ExecStartPre=\/b/m)
})

test('a link of the image that leads out of it is not followed', async () => {
  const [root, machine] = [scratch(), scratch()]
  symlinkSync(machine, join(root, 'etc'))
  expect(await install(root)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('a link leads out of it'),
  })
  expect(readdirSync(machine)).toEqual([])
  // what is there already was written for the machine, not for the image
  mkdirSync(join(machine, 'systemd/system'), { recursive: true })
  const unit = join(machine, 'systemd/system/kahi.service')
  writeFileSync(unit, '# Written by kahi install --as service; --undo removes it.\n')
  expect(await install(root, '--undo')).toMatchObject({ exitCode: 1 })
  expect(existsSync(unit)).toBe(true)
})

test.each(['FIFO', 'directory'])('a %s in place of the unit is not waited for and stays', async (kind) => {
  const root = scratch()
  mkdirSync(join(root, 'etc/systemd/system'), { recursive: true })
  if (kind === 'directory') mkdirSync(join(root, UNIT))
  else expect(spawnSync('mkfifo', [join(root, UNIT)]).status).toBe(0)
  for (const args of [[], ['--undo']])
    expect(await install(root, ...args)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('not written by'),
    })
  expect(existsSync(join(root, UNIT))).toBe(true)
})

test.each([
  [['--as', 'service', '--user', 'No:name'], 'No:name is no name for a user'],
  [['--as', 'supervisord', '--user', 'a'], '--user belong to --as service'],
])('%j is a mistake', async (args, message) => {
  expect(await kahi(['install', ...args])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
})
