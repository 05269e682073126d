// What `kahi migrate` takes: files, directories, fragments, standard input, nothing at all; and that it verifies what it
// writes. Through dist/kahi.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
    stderr: expect.stringContaining(`error: There is no supervisord configuration in ${folder}\n  hint: looked for`),
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
