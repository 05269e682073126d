// `kahi migrate` of the files of an image of s6-overlay, through dist/kahi.

import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, root, scratch } from '../../helpers/kahi.ts'

const IMAGE = join(root, 'fixtures/s6-overlay/third/input')

test('the root of an image and its etc give the same TOML, read back', async () => {
  const folder = scratch()
  const runs = await Promise.all([
    kahi(['migrate', IMAGE, '--at', '/', '-o', join(folder, 'root.toml')]),
    kahi(['migrate', join(IMAGE, 'etc'), '--at', '/etc', '-o', join(folder, 'etc.toml')]),
    kahi(['migrate', '--format', 's6-overlay', IMAGE, '--at', '/', '-o', join(folder, 'named.toml')]),
  ])
  for (const { exitCode, stderr } of runs) {
    expect(exitCode).toBe(0)
    expect(stderr).toContain('read back, it runs the same')
  }
  const [first, ...others] = ['root', 'etc', 'named'].map((name) =>
    readFileSync(join(folder, `${name}.toml`), 'utf8').replace(/^# Converted.*/, ''),
  )
  expect(others).toEqual([first, first])
  expect(first).toContain('[oneshots.cont-init-10-data]\nup = ["/etc/cont-init.d/10-data"]')
})

test('one of its directories stands for all of them', async () => {
  const { stdout, stderr } = await kahi(['migrate', 'services.d/'], { cwd: join(IMAGE, 'etc') })
  const whole = await kahi(['migrate', join(IMAGE, 'etc')])
  expect(stdout).toBe(whole.stdout)
  expect(stderr).toContain(`note: Converting ${join(IMAGE, 'etc')}, to which services.d belongs. The scripts are`)
})

test('the variables of s6-overlay decide; what goes wrong has its place', async () => {
  const folder = scratch()
  cpSync(IMAGE, folder, { recursive: true })
  const env = { S6_BEHAVIOUR_IF_STAGE2_FAILS: '2', S6_KEEP_ENV: '1', S6_KILL_FINISH_MAXTIME: '1500', S6_LOGGING: '1' }
  const { stdout, stderr } = await kahi(['migrate', folder], { env })
  expect(stdout).toContain('timeout_down = 1.5')
  expect(stdout).toContain('on_fatal = "shutdown"\ndepends_on = ["top"]')
  expect(stdout).not.toContain('environment_directory')
  expect(stderr).toContain('S6_LOGGING has no effect')
  expect(stderr).toContain('--at / names them where they lie in the image')
  cpSync(join(folder, 'etc/services.d/web'), join(folder, 'etc/services.d/db'), { recursive: true })
  const twice = await kahi(['migrate', folder])
  expect(twice.exitCode).toBe(2)
  expect(twice.stderr).toMatch(/services\.d\/db\/run:1:1: error: There are two services called db/)
})
