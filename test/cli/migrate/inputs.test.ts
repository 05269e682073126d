// The inputs of `kahi migrate`: files, directories, fragments, standard input, no input; and the verification of its output.
// Through dist/kahi.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch } from '../../helpers/kahi.ts'

const MAIN = '[supervisord]\n[include]\nfiles = conf.d/*.conf\n'
const WEB = '[program:web]\ncommand = %(here)s/web\n'

function tree(files: Readonly<Record<string, string>>): string {
  const folder = scratch()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

test('a directory stands for its supervisord.conf', async () => {
  const folder = tree({ 'supervisord.conf': MAIN, 'conf.d/web.conf': WEB })
  const { exitCode, stdout, stderr } = await kahi(['migrate', folder])
  expect(exitCode).toBe(0)
  expect(stdout).toContain(`command = "${folder}/conf.d/web"`)
  expect(stderr).toContain(`note: Converting ${folder}/supervisord.conf, the main file of ${folder}\n`)
})

test('a directory of fragments is converted as a main file would include them', async () => {
  const folder = tree({ 'web.ini': WEB, 'conf.d/db.conf': '[program:db]\ncommand = %(here)s/db\n', README: 'no' })
  const { exitCode, stdout, stderr } = await kahi(['migrate', folder, '--verify'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('2 programs') })
  expect(stdout).toContain(`command = "${folder}/web"`)
  expect(stdout).toContain(`command = "${folder}/conf.d/db"`)
  expect(stderr).toContain(`${folder} has no supervisord.conf: converting *.ini conf.d/*.conf`)
})

test('a directory with nothing in it is an error', async () => {
  const folder = tree({ README: 'no' })
  expect(await kahi(['migrate', folder])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(
      `error: There is no configuration in ${folder} that kahi reads\n  hint: looked for`,
    ),
  })
})

test('a fragment alone', async () => {
  const folder = tree({ 'web.ini': WEB })
  const { exitCode, stderr } = await kahi(['migrate', 'web.ini', '-o', 'web.toml'], { cwd: folder })
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('This is a fragment') })
  expect(readFileSync(join(folder, 'web.toml'), 'utf8')).toContain('command = "%(here)s/web"')
})

test('- is standard input; places name it, %(here)s is the working directory', async () => {
  const folder = scratch()
  const good = await kahi(['migrate', '-', '--verify'], { cwd: folder, input: `[supervisord]\n${WEB}` })
  expect(good).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`command = "${folder}/web"`) })
  const bad = await kahi(['migrate', '-'], { cwd: folder, input: '[supervisord]\n[program:a]\ncommand=a\nuser\n' })
  expect(bad).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('<stdin>:4:1: error: Cannot read "user"') })
})

test('no path: what supervisord would take, and it is said', async () => {
  const folder = tree({ 'bin/supervisord': '', 'etc/supervisord.conf': '[supervisord]\n' })
  const { exitCode, stderr } = await kahi(['migrate'], {
    cwd: folder,
    env: { PATH: `${folder}/bin:${process.env.PATH}` },
  })
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`note: Converting ${folder}/etc/supervisord.conf, the file that supervisord would take`)
})

const hasOwn = ['/etc/supervisord.conf', '/etc/supervisor/supervisord.conf'].some((file) => existsSync(file))

test.skipIf(hasOwn)('no path and no file: where it was looked for (skipped where supervisord is set up)', async () => {
  const { exitCode, stderr } = await kahi(['migrate'], { cwd: tree({}) })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('error: No supervisord.conf was found\n  hint: name one; supervisord looks for /')
})

test('a file is verified when it is written, unless --no-verify; the end says so and what is next', async () => {
  const folder = tree({ 'supervisord.conf': `[supervisord]\n${WEB}` })
  const verified = await kahi(['migrate', 'supervisord.conf', '-o', 'a.toml'], { cwd: folder })
  expect(verified.stderr).toContain('\nwrote a.toml; read back, it runs the same\n')
  expect(verified.stderr).toContain('\nnext: kahi check a.toml, then kahi daemon -c a.toml\n')
  const skipped = await kahi(['migrate', 'supervisord.conf', '--no-verify', '-o', 'b.toml'], { cwd: folder })
  expect(skipped.stderr).toContain('\nwrote b.toml, not verified\n')
  const json = await kahi(['migrate', 'supervisord.conf', '--verify', '--report', 'json'], { cwd: folder })
  expect(JSON.parse(json.stderr)).toMatchObject({ isVerified: true, output: null })
})

test('a kahi.toml is recognized, by its name or by its first table', async () => {
  const folder = tree({ 'kahi.toml': '[programs.a]\ncommand = "a"\n', plain: '# first\n[programs.a]\ncommand = "a"\n' })
  for (const name of ['kahi.toml', 'plain']) {
    const { exitCode, stderr } = await kahi(['migrate', name], { cwd: folder })
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is a kahi.toml already'),
    })
    const checked = await kahi(['check', name], { cwd: folder })
    expect(checked.stdout).toBe(`${name} is valid: 1 process (a)\n`)
  }
})

test('all that means nothing to the format is said at once', async () => {
  const folder = tree({ 'supervisord.conf': '[supervisord]\n' })
  const { exitCode, stderr } = await kahi(['migrate', 'supervisord.conf', 'more', '--inline', '--at', '/x'], {
    cwd: folder,
  })
  expect(exitCode).toBe(2)
  for (const what of ['--inline does not apply to it', '--at does not apply to it', 'it is converted alone'])
    expect(stderr).toContain(`supervisord.conf is a supervisord.conf: ${what}`)
})

test('one answer for all commands: migrate, check, graph, plan and export read the same directory', async () => {
  const folder = tree({ 'service/web/run': '#!/bin/sh\nexec sleep 1000\n' })
  chmodSync(join(folder, 'service/web/run'), 0o755)
  const migrated = await kahi(['migrate', 'service', '--verify'], { cwd: folder })
  expect(migrated).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('[programs.web]') })
  const checked = await kahi(['check', 'service'], { cwd: folder })
  expect(checked.stdout).toBe('service is valid: 1 process (web)\n')
  expect((await kahi(['graph', 'service'], { cwd: folder })).stdout).toContain('web')
  expect((await kahi(['plan', '-c', 'service'], { cwd: folder })).stdout).toContain('start web')
  expect((await kahi(['export', 'supervisord', 'service'], { cwd: folder })).stdout).toContain('[program:web]')
})

test('a variable that is not set stays in the TOML and is said once; --env-file gives values', async () => {
  const folder = tree({
    's.conf': '[supervisord]\n[program:a]\ncommand = /x %(ENV_KT_A)s %(ENV_KT_B)s\npriority = %(ENV_KT_A)s\n',
    env: '# values\nKT_A=7\nKT_B=odd\n',
    bad: 'KT_A=x\nKT_B=y\n',
  })
  const plain = await kahi(['migrate', 's.conf', '-o', 'k.toml'], { cwd: folder })
  expect(plain.exitCode).toBe(0)
  expect(plain.stderr.match(/The variable KT_\w is not set here/g)).toHaveLength(2)
  expect(plain.stderr).toContain('read back, it runs the same\n')
  expect(readFileSync(join(folder, 'k.toml'), 'utf8')).toContain('priority = "%(ENV_KT_A)s"')
  const given = await kahi(['migrate', 's.conf', '--env-file', 'env'], { cwd: folder })
  expect(given.stderr).not.toContain('is not set')
  const bad = await kahi(['migrate', 's.conf', '--env-file', 'bad'], { cwd: folder })
  expect(bad).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('s.conf:4:1: error: Cannot read "priority"'),
  })
})

test('what is wrong in a supervisord.conf is said in its own words', async () => {
  const folder = tree({ 's.conf': '[supervisord]\n[program:a]\ncommand = a\nnumprocs = 2\n' })
  const { stderr } = await kahi(['migrate', 's.conf'], { cwd: folder })
  expect(stderr).toContain('[program:a] has 2 processes')
  expect(stderr).toContain('hint: write process_name = %(program_name)s_%(process_num)02d\n')
})
