// Event listeners through dist/kahi: their order among programs, their log, reloads and upgrades.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

/** A script for sh that records the name of each event and its payload. */
const LISTENER = `#!/bin/sh
while echo READY && IFS= read -r header; do
  length=\${header##*len:}
  payload=$(head -c "$length")
  name=\${header##*eventname:}
  echo "\${name% len:*} $payload" >>"$1"
  printf 'RESULT 2\\nOK'
done
`

/** A program that exits when the listener has got the event about its stop. */
const PROGRAM = `trap 'until grep -q STOPPING \$1; do sleep 0.02; done; exit' TERM; echo >\$2; while :; do sleep 0.02; done`

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
        `[programs.a]\ncommand = ["/bin/sh", "-c", "${PROGRAM}", "sh", "${folder}/heard", "${folder}/trapped"]\nstartsecs = 0\n`,
    )
  write('["PROCESS_STATE", "SUPERVISOR_STATE_CHANGE"]')
  const daemon = startDaemon(['daemon', '-c', file, ...options], { cwd: folder })
  await daemon.line('success: a entered RUNNING')
  await eventually(() => expect(existsSync(join(folder, 'trapped'))).toBe(true))
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
  await eventually(() =>
    expect(heard()).toContain('PROCESS_STATE_RUNNING processname:a groupname:a from_state:STARTING pid:N'),
  )
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
  await eventually(() =>
    expect(heard()).toContain('PROCESS_STATE_RUNNING processname:a groupname:a from_state:STARTING pid:N'),
  )
  write('["PROCESS_GROUP"]')
  daemon.signal('SIGHUP')
  await daemon.line('changed: l (events)')
  await eventually(() => expect(heard()).toContain('PROCESS_GROUP_ADDED groupname:l'))
  expect((await ctl('pid', 'a')).stdout).toBe(before)
})

test.skipIf(!hasHelper)('a listener keeps getting events after an upgrade (needs the native helper)', async () => {
  const { daemon, heard, ctl } = await start(['--survive'], 'survive = true')
  await eventually(() =>
    expect(heard()).toContain('PROCESS_STATE_RUNNING processname:a groupname:a from_state:STARTING pid:N'),
  )
  const before = (await ctl('pid', 'l')).stdout
  expect(await ctl('upgrade')).toMatchObject({ exitCode: 0 })
  await ctl('stop', 'a')
  await eventually(() =>
    expect(heard()).toContain('PROCESS_STATE_STOPPED processname:a groupname:a from_state:STOPPING pid:N'),
  )
  expect((await ctl('pid', 'l')).stdout).toBe(before)
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

/** Answers each event with its payload, as supervisor_stdout does. */
const RELAY = `#!/bin/sh
while echo READY && IFS= read -r header; do
  payload=$(head -c "\${header##*len:}"; echo .)
  payload=\${payload%.}
  printf 'RESULT %d\\n%s' "$(printf %s "$payload" | wc -c)" "$payload"
done
`

const RELAY_CONF = `[supervisord]
logfile = /dev/null
[unix_http_server]
file = %(here)s/k.sock
[program:web]
command = /bin/sh -c 'echo tick one; echo tick two; exec sleep 1000'
stdout_logfile = NONE
stdout_events_enabled = true
[eventlistener:relay]
command = %(here)s/relay
events = PROCESS_LOG
buffer_size = 100
result_handler = supervisor_stdout:event_handler
`

const RELAY_TOML = `[server.unix]
file = "%(here)s/k.sock"
[programs.web]
command = ["/bin/sh", "-c", "echo tick one; echo tick two; exec sleep 1000"]
stdout_logfile = "NONE"
stdout_events_enabled = true
[event_listeners.relay]
command = ["%(here)s/relay"]
events = ["PROCESS_LOG"]
buffer_size = 100
result_handler = "supervisor_stdout:event_handler"
`

test.each([
  ['supervisord', ['supervisord', '-n', '-c'], RELAY_CONF],
  ['daemon', ['daemon', '-c'], RELAY_TOML],
])('kahi %s prints what supervisor_stdout prints, and no answer is a refusal', async (_, args, text) => {
  const folder = scratch()
  writeFileSync(join(folder, 'relay'), RELAY, { mode: 0o755 })
  const file = join(folder, 'configuration')
  writeFileSync(file, text)
  const daemon = startDaemon([...args, file], { cwd: folder })
  await daemon.line(/^web stdout \| tick one$/)
  await daemon.line(/^web stdout \| tick two$/)
  daemon.signal('SIGTERM')
  await daemon.ended()
  expect(daemon.output()).not.toContain('rejected')
})

test('an event that a listener refuses comes again with its numbers, and few refusals are logged', async () => {
  const folder = scratch()
  const script = `while echo READY && read -r header; do
  head -c "\${header##*len:}" >/dev/null
  echo "$header" >>heard
  if test "$(wc -l <heard)" -gt 7; then printf 'RESULT 2\\nOK'; else printf 'RESULT 4\\nFAIL'; fi
done`
  writeFileSync(join(folder, 'listener'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[server.unix]\nfile = "${folder}/k.sock"\n[event_listeners.l]\ncommand = ["${folder}/listener"]\ndirectory = "${folder}"\nevents = ["SUPERVISOR_STATE_CHANGE_RUNNING"]\n`,
  )
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  const heard = () =>
    existsSync(join(folder, 'heard')) ? readFileSync(join(folder, 'heard'), 'utf8').trim().split('\n') : []
  await eventually(() => expect(heard()).toHaveLength(8))
  expect(new Set(heard()).size).toBe(1)
  daemon.signal('SIGTERM')
  await daemon.ended()
  expect(daemon.output().match(/event was rejected/g)).toHaveLength(5)
})

test('a listener that ends the daemon at each stop does not make a shutdown kill programs', async () => {
  const folder = scratch()
  const listener = join(folder, 'listener')
  const told = 'kill -QUIT $PPID; until grep -q "received SIGQUIT" "$1"; do sleep 0.02; done'
  writeFileSync(listener, `#!/bin/sh\necho READY\nwhile read -r line; do ${told}; touch "$2"; done\n`, { mode: 0o755 })
  const file = join(folder, 'kahi.toml')
  const last = `trap 'until [ -e ${folder}/told ]; do sleep 0.02; done; echo in order; exit' TERM; echo armed; while :; do sleep 0.02; done`
  writeFileSync(
    file,
    `[supervisor]\nlogfile = "${folder}/main.log"\n[server.unix]\nfile = "${folder}/k.sock"\n` +
      `[event_listeners.l]\ncommand = ["${listener}", "${folder}/main.log", "${folder}/told"]\nevents = ["PROCESS_STATE_STOPPED"]\nstartsecs = 0\n` +
      `[programs.first]\ncommand = "sleep 1000"\n` +
      `[programs.last]\ncommand = ["/bin/sh", "-c", "${last}"]\nstopwaitsecs = 3600\n`,
  )
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('armed')
  await daemon.line('success: l entered RUNNING')
  await daemon.line('success: first entered RUNNING')
  daemon.signal('SIGTERM')
  const { stdout, exitCode } = await daemon.ended()
  expect(exitCode).toBe(0)
  expect(stdout).toContain('an event listener may have sent that')
  expect(stdout).toContain('in order')
  expect(stdout).not.toContain('SIGKILL')
})
