// `kahi migrate` of the files of an image of s6-overlay, through dist/kahi.

import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
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
  expect(first).toContain('[oneshots.s6rc-cont-init-10-data]\nup = ["/etc/cont-init.d/10-data"]')
})

test('one of its directories stands for all of them', async () => {
  const { stdout, stderr } = await kahi(['migrate', 'services.d/'], { cwd: join(IMAGE, 'etc') })
  const whole = await kahi(['migrate', join(IMAGE, 'etc')])
  expect(stdout).toBe(whole.stdout)
  expect(stderr).toContain(`note: Converting ${join(IMAGE, 'etc')}, to which services.d belongs. The scripts are`)
})

test('the variables of s6-overlay decide; s6-rc.d and services.d may have services of one name', async () => {
  const folder = scratch()
  cpSync(IMAGE, folder, { recursive: true })
  const env = { S6_BEHAVIOUR_IF_STAGE2_FAILS: '2', S6_KEEP_ENV: '1', S6_KILL_FINISH_MAXTIME: '1500', S6_LOGGING: '1' }
  const { stdout, stderr } = await kahi(['migrate', folder], { env })
  expect(stdout).toContain('timeout_down = 1.5')
  expect(stdout).toContain('on_fatal = "shutdown"\ndepends_on = ["top"]')
  expect(stdout).not.toContain('environment_directory')
  expect(stderr).toContain('S6_LOGGING has no effect')
  expect(stderr).toContain('--at / names them by their paths in the image')
  cpSync(join(folder, 'etc/services.d/web'), join(folder, 'etc/services.d/db'), { recursive: true })
  const twice = await kahi(['migrate', folder])
  expect(twice.exitCode).toBe(0)
  expect(twice.stdout).toContain('[programs.db]')
  expect(twice.stdout).toContain('[programs."legacy-services.db"]')
})

test('a script without #! is run by the shell of version 3, and fails in versions 1 and 2', async () => {
  const [old, folder] = [scratch(), scratch()]
  for (const [image, own] of [
    [old, 'etc/s6/init'],
    [folder, 'etc/s6-overlay'],
  ] as const) {
    for (const one of ['etc/cont-init.d', own]) mkdirSync(join(image, one), { recursive: true })
    if (image === old) writeFileSync(join(image, own, 'init-stage1'), '')
    for (const [name, mode] of [
      ['10-file', 0o644],
      ['20-script', 0o755],
    ] as const) {
      writeFileSync(join(image, 'etc/cont-init.d', name), 'echo hello\n')
      chmodSync(join(image, 'etc/cont-init.d', name), mode)
    }
  }
  const [before, now] = await Promise.all(
    [old, folder].map(async (image) => {
      const output = join(scratch(), 'kahi.toml')
      const { stderr } = await kahi(['migrate', image, '--at', '/', '-o', output])
      const ups = readFileSync(output, 'utf8').match(/^up = .*(?:file|script).*$/gm)
      return { ups, warnings: stderr.match(/is not executable|no "#!" line/g) }
    }),
  )
  const byPath = ['up = ["/etc/cont-init.d/10-file"]', 'up = ["/etc/cont-init.d/20-script"]']
  expect(before).toEqual({ ups: byPath, warnings: ['no "#!" line', 'no "#!" line'] })
  expect(now).toEqual({
    ups: [byPath[0], 'up = ["/bin/sh", "/etc/cont-init.d/20-script"]'],
    warnings: ['is not executable'],
  })
})

describe('an image with a tree and no directory of the first version', () => {
  const TREE = 'etc/s6-overlay/s6-rc.d'

  function image(): string {
    const folder = scratch()
    for (const one of ['web', 'user/contents.d', 'prepare']) mkdirSync(join(folder, TREE, one), { recursive: true })
    for (const [name, text] of [
      ['web/type', 'longrun\n'],
      ['web/run', '#!/command/with-contenv sh\nexec sleep 1000\n'],
      ['prepare/type', 'oneshot\n'],
      ['prepare/up', '/etc/s6-overlay/scripts/prepare\n'],
      ['user/type', 'bundle\n'],
      ['user/contents.d/web', ''],
      ['user/contents.d/prepare', ''],
    ] as const)
      writeFileSync(join(folder, TREE, name), text)
    chmodSync(join(folder, TREE, 'web/run'), 0o755)
    return folder
  }

  const PLACES = [
    'environment_directory = "/run/s6/container_environment"',
    'exit_code_file = "/run/s6-linux-init-container-results/exitcode"',
    'halt_directory = "/run/s6/basedir/bin"',
    'scan_directory = "/run/service"',
    'service_directory = "/run/s6-rc/servicedirs/web"',
    `service_files = "/${TREE}/web"`,
    `command = ["/${TREE}/web/run", "web"]`,
  ]

  test.each([
    ['', '/'],
    ['etc', '/etc'],
    ['', `/${TREE}`],
    [TREE, `/${TREE}`],
    [TREE, '/'],
    ['etc/s6-overlay', '/etc/s6-overlay'],
  ])('ROOT/%s --at %s', async (path, at) => {
    const output = join(scratch(), 'kahi.toml')
    const { exitCode, stderr } = await kahi(['migrate', join(image(), path), '--at', at, '-o', output])
    expect(stderr).toContain('read back, it runs the same')
    expect(exitCode).toBe(0)
    const lines = readFileSync(output, 'utf8').split('\n')
    expect(lines).toEqual(expect.arrayContaining(PLACES))
  })

  test('--translate converts the tree; with-contenv has nothing to do then, wherever it is called', async () => {
    const { stdout } = await kahi(['migrate', image(), '--at', '/', '--translate'])
    expect(stdout).toContain(`command = ["sh", "/${TREE}/web/run", "web"]`)
    expect(stdout).toContain('S6_KEEP_ENV = "1"')
    expect(stdout).not.toContain('environment_directory')
  })

  test('--translate leaves with-contenv where a script outside of the tree writes variables', async () => {
    const folder = image()
    mkdirSync(join(folder, 'etc/s6-overlay/scripts'))
    const script = '#!/bin/sh\nprintf 1 >/run/s6/container_environment/ADDED\n'
    writeFileSync(join(folder, 'etc/s6-overlay/scripts/prepare'), script)
    const { stdout, stderr } = await kahi(['migrate', folder, '--at', '/', '--translate'])
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(PLACES))
    expect(stderr).toContain('keeps with-contenv: /etc/s6-overlay/scripts/prepare uses its files')
  })

  test('--base takes the tree of a base image, or the image', async () => {
    const [base, top] = [image(), scratch()]
    mkdirSync(join(top, TREE, 'extra'), { recursive: true })
    writeFileSync(join(top, TREE, 'extra/type'), 'oneshot\n')
    writeFileSync(join(top, TREE, 'extra/up'), 'true\n')
    const runs = await Promise.all(
      [base, join(base, TREE)].map((one) => kahi(['migrate', top, '--base', one, '--at', '/'])),
    )
    for (const { exitCode, stdout } of runs) {
      expect(exitCode).toBe(0)
      expect(stdout.split('\n')).toEqual(expect.arrayContaining([...PLACES, '[oneshots.extra]']))
    }
  })

  test('a folder without a configuration is not walked through to its end for a hint', async () => {
    const folder = scratch()
    for (let number = 0; number < 600; number += 1) mkdirSync(join(folder, `a${number}`))
    mkdirSync(join(folder, 'b'))
    writeFileSync(join(folder, 'b/supervisord.conf'), '[supervisord]\n')
    const { exitCode, stderr } = await kahi(['migrate', folder])
    expect(exitCode).toBe(2)
    expect(stderr).not.toContain('converts that one')
  })
})

describe('trees at the edge of the format', () => {
  test('a layer that only overrides a file is laid over its base', async () => {
    const folder = scratch()
    const script = (seconds: number): string => `#!/bin/sh\nexec sleep ${seconds}\n`
    for (const [layer, files] of [
      ['base', { type: 'longrun\n', run: script(1) }],
      ['top', { run: script(2) }],
    ] as const) {
      const place = join(folder, layer, 's6-rc.d/web')
      mkdirSync(place, { recursive: true })
      for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text, { mode: 0o755 })
    }
    const words = ['migrate', 'top/s6-rc.d', '--base', 'base/s6-rc.d', '--inline']
    const { exitCode, stdout } = await kahi(words, { cwd: folder })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('[programs.web]')
    expect(stdout).toContain('sleep 2')
    expect(stdout).not.toContain('sleep 1')
  })

  test.each(['migrate', 'check', 'graph'])('%s takes an empty tree', async (command) => {
    const folder = scratch()
    mkdirSync(join(folder, 's6-rc.d'))
    expect(await kahi([command, 's6-rc.d'], { cwd: folder })).toMatchObject({ exitCode: 0 })
  })
})

test('--inline says which scripts remain files', async () => {
  const folder = scratch()
  mkdirSync(join(folder, 'etc/services.d/web'), { recursive: true })
  writeFileSync(join(folder, 'etc/services.d/web/run'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
  const { exitCode, stderr } = await kahi(['migrate', folder, '--at', '/', '--inline', '--dry-run'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('--inline writes the scripts of s6-rc.d into the TOML; those of services.d remain files.')
})
