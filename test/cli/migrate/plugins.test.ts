// After the conversion kahi does the work of supervisord's plug-ins: `kahi migrate`, then `kahi daemon`.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon } from '../../helpers/kahi.ts'

test('supervisor_stdout and supervisord-dependent-startup: order and output are theirs', async () => {
  const folder = scratch()
  writeFileSync(
    join(folder, 's.conf'),
    `[supervisord]
nodaemon = true
logfile = /dev/null
logfile_maxbytes = 0
[unix_http_server]
file = ${folder}/k.sock
[eventlistener:starter]
command = supervisord-dependent-startup
events = PROCESS_STATE
[eventlistener:stdout]
command = supervisor_stdout
events = PROCESS_LOG
result_handler = supervisor_stdout:event_handler
[program:app]
command = sh -c 'cat ${folder}/made; echo trouble >&2; exec sleep 1000'
startsecs = 0
autostart = false
stdout_events_enabled = true
stderr_events_enabled = true
dependent_startup = true
dependent_startup_wait_for = prepare:exited
[program:prepare]
command = sh -c 'sleep 0.3; echo ready > ${folder}/made'
startsecs = 0
autostart = false
autorestart = false
dependent_startup = true
`,
  )
  const migrated = await kahi(['migrate', 's.conf', '-o', 'k.toml'], { cwd: folder })
  expect(migrated.stderr).toMatch(/\nwrote k\.toml; read back, it runs the same\n/)
  const daemon = startDaemon(['daemon', '-c', join(folder, 'k.toml')], { cwd: folder })
  await daemon.line('app stdout | ready')
  await daemon.line('app stderr | trouble')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('where something that acts is dropped, the end of the report says so', async () => {
  const folder = scratch()
  const handler = '[eventlistener:x]\ncommand = x\nevents = TICK_60\nresult_handler = mine:handler\n'
  writeFileSync(
    join(folder, 's.conf'),
    `[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory = a:b\n${handler}`,
  )
  const { stderr } = await kahi(['migrate', 's.conf', '-o', 'k.toml'], { cwd: folder })
  expect(stderr).toContain('it runs the same but for what was dropped and the result handlers of x\n')
  expect(readFileSync(join(folder, 'k.toml'), 'utf8')).toContain('# [rpcinterface:x]')
})
