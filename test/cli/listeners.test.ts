// Event listeners through the program: their order among programs, their log, reloads and upgrades.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'

/** Writes down the name of each event and its payload, in the words of sh. */
const LISTENER = `#!/bin/sh
while echo READY && IFS= read -r header; do
  length=\${header##*len:}
  payload=$(head -c "$length")
  name=\${header##*eventname:}
  echo "\${name% len:*} $payload" >>"$1"
  printf 'RESULT 2\\nOK'
done
`

/** Ends when the listener has heard that it is to end. */
const PROGRAM = `trap 'until grep -q STOPPING \$1; do sleep 0.02; done; exit' TERM; while :; do sleep 0.02; done`

async function start(options: readonly string[] = [], more = '') {
  const folder = scratch()
  const script = join(folder, 'listener')
  writeFileSync(script, LISTENER, { mode: 0o755 })
  const file = join(folder, 'kahi.toml')
  const write = (events: string) =>
    writeFileSync(
      file,
      `[supervisor]\nlog_level = "debug"\n${more}\n[server.unix]\nfile = "${folder}/k.sock"\n` +
        `[event_listeners.l]\ncommand = ["${script}", "${folder}/heard"]\nevents = ${events}\nstartsecs = 0\nstdout_logfile = "${folder}/l.log"\n` +
        `[programs.a]\ncommand = ["/bin/sh", "-c", "${PROGRAM}", "sh", "${folder}/heard"]\nstartsecs = 0\n`,
    )
  write('["PROCESS_STATE", "SUPERVISOR_STATE_CHANGE"]')
  const daemon = startDaemon(['daemon', '-c', file, ...options], { cwd: folder })
  await daemon.line('success: a entered RUNNING')
  const heard = () => {
    const path = join(folder, 'heard')
    return existsSync(path)
      ? readFileSync(path, 'utf8')
          .replace(/pid:\d+/g, 'pid:N')
          .trim()
          .split('\n')
      : []
  }
  return { folder, daemon, heard, write, ctl: (...args: string[]) => kahi(['ctl', '-c', file, ...args]) }
}

test('listeners start first and stop last; what they write is also in their log', async () => {
  const { folder, daemon, heard } = await start()
  await expect.poll(heard).toContain('PROCESS_STATE_RUNNING processname:a groupname:a from_state:STARTING pid:N')
  daemon.signal('SIGTERM')
  const { stdout, exitCode } = await daemon.ended()
  expect(exitCode).toBe(0)
  const words = stdout.match(/(?<=spawned: ')\w|(?<=stopped: )\w/g)
  expect(words).toEqual(['l', 'a', 'a', 'l'])
  expect(heard()).toContain('SUPERVISOR_STATE_CHANGE_STOPPING ')
  expect(readFileSync(join(folder, 'l.log'), 'utf8')).toMatch(/^READY\nRESULT 2\nOKREADY\n/)
})

test('a listener that asks for other events after a reload begins anew; a program does not', async () => {
  const { daemon, heard, write, ctl } = await start()
  const before = (await ctl('pid', 'a')).stdout
  await expect.poll(heard).toContain('PROCESS_STATE_RUNNING processname:a groupname:a from_state:STARTING pid:N')
  write('["PROCESS_GROUP"]')
  daemon.signal('SIGHUP')
  await daemon.line('changed: l (events)')
  await expect.poll(heard).toContain('PROCESS_GROUP_ADDED groupname:l')
  expect((await ctl('pid', 'a')).stdout).toBe(before)
})

test.skipIf(!hasHelper)('a listener goes on hearing after an upgrade (needs the native helper)', async () => {
  const { daemon, heard, ctl } = await start(['--survive'], 'survive = true')
  await expect.poll(heard).toContain('PROCESS_STATE_RUNNING processname:a groupname:a from_state:STARTING pid:N')
  const before = (await ctl('pid', 'l')).stdout
  expect(await ctl('upgrade')).toMatchObject({ exitCode: 0 })
  await ctl('stop', 'a')
  await expect.poll(heard).toContain('PROCESS_STATE_STOPPED processname:a groupname:a from_state:STOPPING pid:N')
  expect((await ctl('pid', 'l')).stdout).toBe(before)
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})
