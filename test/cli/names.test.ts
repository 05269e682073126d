// A name has the same meaning in every command of `kahi ctl`: a process, a program with several processes, or a group. For an unknown
// name there is one message, with the most similar name.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'

const FILE = `[programs.mail]
command = "sleep 1000"
process_name = "%(program_name)s_%(process_num)d"
numprocs = 2
startsecs = 0

[programs.search]
command = "sleep 1001"
startsecs = 0

[groups.shop]
programs = ["search"]

[programs.late]
command = "sleep 1002"
depends_on = ["slow"]

[programs.slow]
command = "sleep 1003"
ready = { file = "never" }
`

test('programs, groups and processes in status, stop, start and restart', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${join(folder, 's')}"\n${FILE}`)
  await startReady(file, { cwd: folder })
  const ctl = async (...words: readonly string[]) => (await kahi(['ctl', '-c', file, ...words])).stdout
  const [one, two] = ['mail:mail_0', 'mail:mail_1']
  expect((await ctl('status', 'mail')).match(/^\S+/gm)).toEqual([one, two])
  expect(await ctl('status', 'late')).toMatch(/^late +STARTING +waiting for slow\n$/)
  expect(await ctl('stop', 'mail')).toBe(`${one}: stopped\n${two}: stopped\n`)
  expect(await ctl('start', 'mail')).toBe(`${one}: started\n${two}: started\n`)
  expect(await ctl('restart', 'shop')).toBe('shop:search: stopped\nshop:search: started\n')
  expect(await ctl('restart', 'serch')).toBe('serch: ERROR (no such process; did you mean shop:search?)\n')
})
