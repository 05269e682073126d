// Programs whose exit ends the daemon, through dist/kahi: on_exit, on_fatal, exit_code, exit_signal_base, main, exit_code_file.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

/** Writes a kahi.toml; gives its path. */
function write(programs: string, supervisor = ''): string {
  const directory = scratch()
  const file = join(directory, 'kahi.toml')
  writeFileSync(join(directory, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 })
  writeFileSync(
    file,
    `[supervisor]\n${supervisor}\n[server.unix]\nfile = "${directory}/k.sock"\n${programs}\n`.replaceAll(
      'DIR',
      directory,
    ),
  )
  return file
}

function program(name: string, script: string, more = ''): string {
  return `[programs.${name}]\ncommand = ["/bin/sh", "-c", '''${script}''']\n${more}\n`
}

const OTHER = program('other', 'exec sleep 1000', 'startsecs = 0')
const MISSING = '[programs.cmd]\ncommand = "/no/such/program"\n'

test.each([
  ['on_exit: its exit code', program('cmd', 'exit 3', 'startsecs = 0\non_exit = "shutdown"'), '', 3],
  ['on_exit: also a success', program('cmd', 'exit 0', 'startsecs = 0\non_exit = "shutdown"'), '', 0],
  ['on_exit: death by a signal', program('cmd', 'kill -9 $$$$', 'startsecs = 0\non_exit = "shutdown"'), '', 137],
  ['on_exit: during startsecs', program('cmd', 'exit 4', 'startsecs = 60\non_exit = "shutdown"'), '', 4],
  [
    'on_exit beats autorestart',
    program('cmd', 'exit 5', 'startsecs = 0\nautorestart = true\non_exit = "shutdown"'),
    '',
    5,
  ],
  ['exit_code', program('cmd', 'exit 3', 'startsecs = 0\non_exit = "shutdown"\nexit_code = 42'), '', 42],
  ['on_fatal: a command that is not there', `${MISSING}startretries = 0\non_fatal = "shutdown"`, '', 127],
  [
    'on_fatal: a command that cannot be run',
    `${MISSING.replace('no/such/program', 'etc/passwd')}startretries = 0\non_fatal = "shutdown"`,
    '',
    126,
  ],
  [
    'on_fatal: an interpreter that is not there',
    `${MISSING.replace('/no/such/program', 'DIR/script')}startretries = 0\non_fatal = "shutdown"`,
    '',
    127,
  ],
  [
    'exit_signal_base',
    program('cmd', 'kill -9 $$$$', 'startsecs = 0\non_exit = "shutdown"\nexit_signal_base = 256'),
    '',
    9,
  ],
  ['on_fatal and exit_code', `${MISSING}startretries = 0\non_fatal = "shutdown"\nexit_code = 7`, '', 7],
  [
    'on_fatal: one that never stays up',
    program('cmd', 'exit 9', 'startsecs = 60\nstartretries = 0\non_fatal = "shutdown"'),
    '',
    1,
  ],
  ['main: its exit code', program('cmd', 'exit 6', 'startsecs = 0'), 'main = "cmd"', 6],
  ['main: not restarted', program('cmd', 'exit 6', 'startsecs = 0\nautorestart = true'), 'main = "cmd"', 6],
  ['main: death by a signal', program('cmd', 'kill -15 $$$$', 'startsecs = 0'), 'main = "cmd"', 143],
  ['main: during startsecs', program('cmd', 'exit 8', 'startsecs = 60'), 'main = "cmd"', 8],
  ['main: a command that is not there', `${MISSING}startretries = 0`, 'main = "cmd"', 127],
])('%s', async (_, text, supervisor, code) => {
  const daemon = startDaemon(['daemon', '-c', write(text + '\n' + OTHER, supervisor)])
  const { exitCode, stdout } = await daemon.ended()
  expect(stdout).toMatch(
    new RegExp(`'cmd' (has ended|is FATAL).*: the daemon ends with exit code (?:${code}|${code + 256})\\b`),
  )
  expect(stdout.match(/spawned: 'cmd'/g)?.length ?? 0).toBeLessThan(2)
  expect(stdout).toContain('stopped: other (terminated by SIGTERM)')
  expect(exitCode).toBe(code)
})

test('on_exit alone does not end the daemon of a program that cannot start', async () => {
  const daemon = await startReady(write(`${MISSING}startretries = 0\non_exit = "shutdown"`))
  await daemon.line('gave up: cmd')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('an end by request ends nothing: main can be stopped, started and restarted', async () => {
  const file = write(program('cmd', 'exec sleep 1000', 'startsecs = 0'), 'main = "cmd"')
  const daemon = await startReady(file)
  await daemon.line("spawned: 'cmd'")
  for (const verb of ['stop', 'start', 'restart']) {
    expect(await kahi(['ctl', '-c', file, verb, 'cmd'])).toMatchObject({ exitCode: 0 })
  }
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('SIGTERM keeps 0 though main ends by it; who comes first decides', async () => {
  const script = 'trap "exit 9" TERM; echo armed; while :; do sleep 0.05; done'
  const asked = await startReady(write(program('cmd', script, 'startsecs = 0'), 'main = "cmd"'))
  await asked.line('armed')
  asked.signal('SIGTERM')
  expect(await asked.ended()).toMatchObject({ exitCode: 0 })
  const deaf = program('deaf', 'trap "" TERM; echo armed; while :; do sleep 1; done', 'stopwaitsecs = 3600')
  const first = await startReady(write(`${program('cmd', 'read x; exit 9', 'startsecs = 0')}\n${deaf}`, 'main = "cmd"'))
  await first.line('armed')
  const pid = Number(/with pid (\d+)/.exec(await first.line("spawned: 'cmd'"))?.[1])
  process.kill(pid, 'SIGKILL')
  await first.line('the daemon ends with exit code 137')
  first.signal('SIGTERM')
  first.signal('SIGINT')
  expect(await first.ended()).toMatchObject({ exitCode: 137 })
})

test('main must name a program: the error has the place', async () => {
  const file = write(program('web', 'exit 0'), 'main = "wep"')
  const { exitCode, stderr } = await kahi(['check', file])
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`${file}:2:1: error: "main" names the unknown program "wep"`)
  expect(stderr).toContain('did you mean "web"?')
})

test('numprocs: the first process of main that ends decides', async () => {
  const more = 'startsecs = 0\nprocess_name = "cmd%(process_num)d"\nnumprocs = 2'
  const script = 'case $SUPERVISOR_PROCESS_NAME in cmd1) exit 3;; esac; exec sleep 1000'
  const daemon = startDaemon(['daemon', '-c', write(program('cmd', script, more), 'main = "cmd"')])
  expect(await daemon.ended()).toMatchObject({ exitCode: 3 })
})

test.each([
  [
    'up fails',
    '[oneshots.cmd]\nup = ["/bin/sh", "-c", "exit 3"]\non_fatal = "shutdown"',
    /'cmd' has failed: the daemon/,
  ],
  [
    'what it needs fails',
    '[oneshots.first]\nup = ["/bin/false"]\n[oneshots.cmd]\nup = ""\non_fatal = "shutdown"\ndepends_on = ["first"]',
    /'cmd' cannot start: the daemon/,
  ],
  [
    'what a program needs fails',
    `[oneshots.first]\nup = ["/bin/false"]\n${program('cmd', 'exit 0', 'depends_on = ["first"]\non_fatal = "shutdown"')}`,
    /'cmd' cannot start: the daemon/,
  ],
])('on_fatal of a oneshot, and needs: %s', async (_, text, line) => {
  const daemon = startDaemon(['daemon', '-c', write(`${text}\n${OTHER}`)])
  const { exitCode, stdout } = await daemon.ended()
  expect(stdout).toMatch(line)
  expect(exitCode).toBe(1)
})

test('exit_code_file: holds the code of main while the others stop; what they write there counts', async () => {
  const file = join(scratch(), 'code')
  const trap = `trap 'echo found $$(cat ${file}); echo five > ${file}; exit 0' TERM`
  const other = program('other', `${trap}; echo > ${file}.armed; while :; do sleep 0.05; done`)
  const main = program('cmd', `until [ -e ${file}.armed ]; do sleep 0.05; done; exit 3`, 'startsecs = 0')
  const daemon = startDaemon(['daemon', '-c', write(`${main}\n${other}`, `main = "cmd"\nexit_code_file = "${file}"`)])
  await daemon.line('found 3')
  expect(await daemon.ended()).toMatchObject({ exitCode: 100 })
})

test('a program that cannot be executed: the interpreter is named where that is what is missing', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'bad'), '#!/usr/bin/nosuch -x\n', { mode: 0o755 })
  writeFileSync(join(folder, 'plain'), 'echo\n', { mode: 0o755 })
  const program = (name: string) => `[programs.${name}]\ncommand = ["${join(folder, name)}"]\nstartretries = 0\n`
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${join(folder, 'k.sock')}"\n${program('bad')}${program('plain')}`)
  const daemon = await startReady(file)
  await daemon.line(`couldn't exec ${join(folder, 'bad')}: ENOENT (its interpreter /usr/bin/nosuch does not exist)`)
  await daemon.line(`couldn't exec ${join(folder, 'plain')}: ENOEXEC (it has no`)
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
})

test('status says why a program does not stay up, or cannot be started', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const script = 'echo starting; echo "cannot open app.yml, token=abcdef0123456789" >&2; exit 3'
  writeFileSync(
    file,
    `[server.unix]\nfile = "${join(folder, 'k.sock')}"\n[programs.ends]\ncommand = ["/bin/sh", "-c", '${script}']\nstartretries = 1\n` +
      `[programs.log]\ncommand = "sleep 1000"\nstdout_logfile = "${folder}"\nstartretries = 0\n` +
      `[programs.place]\ncommand = "sleep 1000"\ndirectory = "${join(folder, 'gone')}"\nstartretries = 0\n`,
  )
  const daemon = startDaemon(['daemon', '-c', file])
  const status = async () => (await kahi(['ctl', '-c', file, 'status'])).stdout
  await eventually(async () => (await status()).match(/FATAL/g)?.length === 3)
  const lines = (await status()).split('\n')
  expect(lines[0]).toMatch(
    /^ends +FATAL +exit status 3, 2 times in \d+ s; last line: cannot open app\.yml, token=\(hidden\)$/,
  )
  expect(lines[1]).toContain(`EISDIR (its log ${folder} is a directory)`)
  expect(lines[2]).toContain(`couldn't chdir to ${join(folder, 'gone')}: ENOENT (it does not exist)`)
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
})
