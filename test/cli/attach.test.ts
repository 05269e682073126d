// `kahi ctl attach` on a terminal: typed text reaches the process, its output is shown, Ctrl-C and Ctrl-\ send it signals, and it
// keeps running after the end of the input.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch, startReady } from '../helpers/kahi.ts'
import { hasPython } from '../helpers/python.ts'
import { typeAt } from '../helpers/terminal.ts'

if (!hasPython) console.warn('no /usr/bin/python3: kahi ctl attach on a terminal is not tested')

const SCRIPT = `import signal, sys
signal.signal(signal.SIGINT, lambda *_: print("heard INT"))
signal.signal(signal.SIGQUIT, lambda *_: print("heard QUIT"))
for line in sys.stdin:
    if line.strip() == "end": sys.exit(5)
    print("read", line.strip())
`

async function run() {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const command = JSON.stringify(['/usr/bin/python3', '-u', '-c', SCRIPT])
  const program = `[programs.console]\ncommand = ${command}\nstartsecs = 0\nautorestart = false\n`
  writeFileSync(file, `[server.unix]\nfile = "${folder}/s"\n${program}`)
  await startReady(file)
  const argv = [kahiPath, 'ctl', '-c', file, 'attach', 'console']
  const state = async () => JSON.parse((await kahi(['ctl', '-c', file, 'status', '--json'])).stdout)[0].state
  return { argv, state }
}

test.skipIf(!hasPython)('keys, output and signals; the end of the input leaves the process', async () => {
  const { argv, state } = await run()
  const { screen, exitCode } = await typeAt(argv, [
    ['hello\r', '', true],
    ['\x03', 'read hello', true],
    ['\x1c', 'heard INT', true],
    ['grüße 日本\r', 'heard QUIT', true],
    ['\x04', 'read grüße 日本', true],
  ])
  expect(screen).toContain('read grüße 日本')
  expect(exitCode).toBe(0)
  expect(await state()).toBe('RUNNING')
})

test.skipIf(!hasPython)('it ends with the exit code of the process', async () => {
  const { argv, state } = await run()
  expect((await typeAt(argv, [['end\r', '', true]])).exitCode).toBe(5)
  expect(await state()).toBe('EXITED')
})
