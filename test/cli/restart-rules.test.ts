// restart = { jitter, no_restart_codes }, seen through dist/kahi. The delays themselves are tested on the fake clock.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'

test('an exit code of the list ends the restarts, another one does not', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const script = `test -e ${folder}/second && exit 78; : >${folder}/second; exit 1`
  const rules = '{ delay = 0.01, jitter = 0.01, limit = 0, no_restart_codes = [78] }'
  writeFileSync(
    file,
    `[server.unix]\nfile = "${folder}/k.sock"\n[programs.p]\ncommand = ["/bin/sh", "-c", '''${script}''']\nstartsecs = 0\nautorestart = true\nrestart = ${rules}\n`,
  )
  const daemon = await startReady(file)
  await daemon.line(/restarting: p in 0\.0[12]\d* seconds \(restart 1 in a row\)/)
  await daemon.line('not restarting: p, exit code 78 forbids it (no_restart_codes)')
  const [status] = JSON.parse((await kahi(['ctl', '-c', file, 'status', '--json'])).stdout)
  expect(status).toMatchObject({ state: 'EXITED', exitstatus: 78 })
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test.each([
  ['{ no_restart_codes = [256] }', 'no_restart_codes is not a list of exit codes from 0 to 255'],
  ['{ jitter = -1 }', 'jitter is not a number from 0 on'],
  ['{ no_restart_code = [1] }', 'there is no "no_restart_code"; did you mean "no_restart_codes"?'],
])('check says what is wrong with %s', async (rules, message) => {
  const folder = scratch()
  writeFileSync(join(folder, 'kahi.toml'), `[programs.p]\ncommand = "p"\nrestart = ${rules}\n`)
  expect((await kahi(['check', 'kahi.toml'], { cwd: folder })).stderr).toContain(message)
})
