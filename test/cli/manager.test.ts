// `manager`, the program of flush-manager: the tests follow its README line by line. The texts are those of the original, which
// is written in Go. The image calls the program by its name, so the tests call kahi through a link.

import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigMap } from '../helpers/config-map.ts'
import { type Daemon, kahi, kahiPath, type Result, scratch, startDaemon } from '../helpers/kahi.ts'
import { pauseBetweenChanges } from '../helpers/wait.ts'

interface Setup {
  readonly folder: string
  run(...args: readonly string[]): Promise<Result>
  start(...args: readonly string[]): Daemon
}

function setUp(): Setup {
  const folder = scratch()
  const program = join(folder, 'manager')
  symlinkSync(kahiPath, program)
  return {
    folder,
    run: (...args) => kahi(args, { program, cwd: folder }),
    start: (...args) => startDaemon(args, { program, cwd: folder }),
  }
}

const STAMP = /(?<=\[flush-manager\] [A-Z]+: )\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /gm
/** The text without times, and with N instead of pids. */
const plain = (text: string): string => text.replaceAll(STAMP, '').replaceAll(/PID: \d+/g, 'PID: N')
const info = (text: string) => `[flush-manager] INFO: ${text}`
const debug = (text: string) => `[flush-manager] DEBUG: ${text}`
const error = (text: string) => `[flush-manager] ERROR: ${text}\n`

test('options: -version, -command, -config, arguments; defaults', async () => {
  const { run } = setUp()
  expect(await run('-version')).toMatchObject({ exitCode: 0, stdout: 'flush-manager version 1.0.0\n' })
  expect(await run('--version=T')).toMatchObject({ exitCode: 0, stdout: 'flush-manager version 1.0.0\n' })
  const defaults = await run()
  expect(defaults.exitCode).toBe(1)
  expect(defaults.stdout).toMatch(STAMP)
  const places = 'command=/usr/local/bin/redis-exporter, config_file=/usr/local/bin/conf/exporter.conf'
  expect(plain(defaults.stdout)).toContain(info(`Configuration: ${places}, args=[]`))
  expect(plain(defaults.stdout)).toContain('exporter.conf does not exist, using no-op watcher')
  const problem = 'failed to start process: fork/exec /usr/local/bin/redis-exporter: no such file or directory'
  expect(plain(defaults.stderr)).toContain(error(`Manager error: failed to start child process: ${problem}`))
  const words = await run('-version=false', '-command', '/bin/echo', '-config', '', 'a', '-b', 'c d', '--')
  expect(plain(words.stdout).split('\n')).toEqual(
    expect.arrayContaining(['a -b c d --', info('Starting child process: /bin/echo [a -b c d --]')]),
  )
})

test.each([
  ['-nope', 'flag provided but not defined: -nope'],
  ['-command', 'flag needs an argument: -command'],
  ['-version=maybe', 'invalid boolean value "maybe" for -version: parse error'],
  ['---x', 'bad flag syntax: ---x'],
  ['-=x', 'bad flag syntax: -=x'],
])('%s is a mistake, as Go words it', async (word, message) => {
  const usage = 'Usage of manager:\n  -command string\n'
  const { stderr, exitCode } = await setUp().run(word)
  expect(exitCode).toBe(2)
  expect(stderr.startsWith(`${message}\n${usage}`)).toBe(true)
})

test('-help shows the options', async () => {
  expect(await setUp().run('-help')).toMatchObject({
    exitCode: 0,
    stderr: `Usage of manager:
  -command string
    \tCommand to execute (default "/usr/local/bin/redis-exporter")
  -config string
    \tConfig file to watch for changes (default "/usr/local/bin/conf/exporter.conf")
  -version
    \tPrint version information
`,
  })
})

test.each([
  ['an empty command', ['-command', ''], 'command cannot be empty', ''],
  ['a link that leads nowhere', [], 'failed to resolve symlink link: lstat nowhere: no such file or directory', 'link'],
  ['a link to itself', [], 'failed to resolve symlink loop: EvalSymlinks: too many links', 'loop'],
  ['a path through a file', [], 'failed to stat file file/x: lstat file/x: not a directory', 'file/x'],
])('it is not started with %s', async (_what, words, message, config) => {
  const { folder, run } = setUp()
  symlinkSync('nowhere', join(folder, 'link'))
  symlinkSync('loop', join(folder, 'loop'))
  writeFileSync(join(folder, 'file'), '')
  const { exitCode, stderr } = await run(...words, ...(config === '' ? [] : ['-config', config]))
  expect(exitCode).toBe(1)
  const watcher = `${error(`Failed to create file watcher: ${message}`)}`
  const reason = config === '' ? message : `failed to create file watcher: ${message}`
  expect(plain(stderr)).toBe(`${config === '' ? '' : watcher}${error(`Failed to create manager: ${reason}`)}`)
})

test.each([
  ['./none', 'fork/exec ./none: no such file or directory'],
  ['kahi-no-such-command', 'exec: "kahi-no-such-command": executable file not found in $PATH'],
  ['./text', 'fork/exec ./text: permission denied'],
  ['./junk', 'fork/exec ./junk: exec format error'],
  ['./script', 'fork/exec ./script: no such file or directory'],
  ['/tmp', 'fork/exec /tmp: permission denied'],
])('the command %s cannot be started: exit code 1', async (command, problem) => {
  const { folder, run } = setUp()
  writeFileSync(join(folder, 'text'), '')
  writeFileSync(join(folder, 'junk'), 'junk\n', { mode: 0o755 })
  writeFileSync(join(folder, 'script'), '#!/no/interpreter\n', { mode: 0o755 })
  const { exitCode, stderr } = await run('-command', command, '-config', '')
  expect(exitCode).toBe(1)
  const lines = [
    `Failed to start process: ${problem}`,
    `Failed to start child process: failed to start process: ${problem}`,
    `Manager error: failed to start child process: failed to start process: ${problem}`,
  ]
  expect(plain(stderr)).toBe(lines.map(error).join(''))
})

test.each([
  ['exit 0', ''],
  ['exit 3', 'exit status 3'],
  ['kill -KILL $$', 'signal: killed'],
  ['kill -TERM $$', 'signal: terminated'],
  ['kill -USR1 $$', 'signal: user defined signal 1'],
  ['kill -35 $$', 'signal: signal 35'],
])('a command that ends by itself (%s) ends the manager with 0, as the original', async (end, reason) => {
  const script = `echo "$0 $1"; ${end}`
  const { stdout, stderr, exitCode } = await setUp().run(
    ...['--command=/bin/sh', '-config', '', '--', '-c', script, 'one', '-config'],
  )
  expect(exitCode).toBe(0)
  expect(plain(stderr)).toBe(reason === '' ? '' : error(`Child process exited with error: ${reason}`))
  const lines = plain(stdout).split('\n')
  expect(lines).toContain('one -config')
  const normally = info('Child process exited normally')
  expect(lines.filter((line) => line !== 'one -config')).toEqual([
    info('=== Flush Manager v1.0.0 starting ==='),
    info('PID: N'),
    info(`Configuration: command=/bin/sh, config_file=, args=[-c ${script} one -config]`),
    info('Initializing manager with command: /bin/sh'),
    debug('No config file path specified, using no-op watcher'),
    info('Manager initialized successfully'),
    info('Starting manager run loop...'),
    debug('Signal handlers registered for SIGINT and SIGTERM'),
    info(`Starting child process: /bin/sh [-c ${script} one -config]`),
    info('Child process started with PID: N'),
    info('Manager started, child process: /bin/sh'),
    info('Entering main event loop'),
    ...(reason === '' ? [normally, normally] : [info(`Child process exited abnormally: ${reason}`)]),
    info('Shutting down manager...'),
    debug('Context cancelled'),
    debug('File watcher closed'),
    info('Stopping child process (PID: N) with timeout: 10s'),
    debug('Process already finished'),
    info('Manager shutdown complete'),
    info('Manager exiting normally'),
    '',
  ])
})

test('the ConfigMap of the README: each update restarts the command, SIGTERM shuts down gracefully', async () => {
  const { folder, start } = setUp()
  const map = new ConfigMap(join(folder, 'conf'), { 'exporter.conf': 'one' })
  const file = join(folder, 'conf/exporter.conf')
  const script = `trap 'echo bye; exit 0' TERM; echo "got $(cat ${file})"; while :; do sleep 0.05; done`
  const manager = start('-command', '/bin/sh', '-config', file, '--', '-c', script)
  await manager.line('got one')
  for (const line of [
    'is a symlink pointing to',
    `Watching directory: ${folder}/conf`,
    `Starting file watcher for ${file}`,
    'polling',
  ])
    await manager.line(line)
  map.update({ 'exporter.conf': 'two' })
  await manager.line('got two')
  await manager.line(/INFO: .* File change detected: .*old_inode=\d+, new_inode=\d+$/)
  await manager.line('Fsnotify event')
  await manager.line('Config file change detected, restarting child process...')
  await manager.line('Child process restarted successfully after config change')
  expect(
    plain(manager.output())
      .split('\n')
      .filter((line) => line === 'bye'),
  ).toHaveLength(1)
  manager.signal('SIGTERM')
  expect((await manager.ended()).exitCode).toBe(0)
  const lines = plain(manager.output()).split('\n')
  expect(lines.slice(lines.indexOf(info('Received signal: terminated, shutting down gracefully...'))).sort()).toEqual(
    [
      info('Received signal: terminated, shutting down gracefully...'),
      info('Shutting down manager...'),
      debug('Context cancelled'),
      debug('Closing file watcher'),
      debug('Polling stopped due to context cancellation'),
      debug('Fsnotify watcher stopped due to context cancellation'),
      debug('File watcher closed'),
      info('Stopping child process (PID: N) with timeout: 10s'),
      debug('Sent SIGTERM to process (PID: N), waiting for graceful shutdown...'),
      'bye',
      info('Child process (PID: N) stopped gracefully'),
      info('Manager shutdown complete'),
      info('Manager exiting normally'),
    ].sort(),
  )
})

test('a plain file: rename-over restarts, removal does not, and a later return does', async () => {
  const { folder, start } = setUp()
  const file = join(folder, 'a.conf')
  writeFileSync(file, 'one')
  const script = 'echo "got $(cat a.conf)"; exec sleep 1000'
  const manager = start('-command', '/bin/sh', '-config', 'a.conf', '--', '-c', script)
  await manager.line('got one')
  writeFileSync(`${file}.new`, 'two')
  renameSync(`${file}.new`, file)
  await manager.line('got two')
  rmSync(file)
  await pauseBetweenChanges(1500) // three times the debounce
  writeFileSync(file, 'three')
  await manager.line('got three')
  expect(manager.output().match(/^got .*$/gm)).toEqual(['got one', 'got two', 'got three'])
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC`
  expect(manager.output()).toMatch(
    new RegExp(`File change detected: old_mtime=${time}, new_mtime=${time}, old_inode=\\d+, new_inode=\\d+\n`),
  )
  manager.signal('SIGINT')
  expect((await manager.ended()).exitCode).toBe(0)
  expect(manager.output()).toContain('Received signal: interrupt, shutting down gracefully...')
})

test('a command that ignores SIGTERM is killed after 10 seconds', async () => {
  const { folder, start } = setUp()
  const file = join(folder, 'a.conf')
  writeFileSync(file, 'one')
  const script = 'trap "" TERM; echo "got $(cat a.conf)"; while [ "$(cat a.conf)" != end ]; do sleep 0.1; done'
  const manager = start('-command', '/bin/sh', '-config', file, '--', '-c', script)
  await manager.line('got one')
  writeFileSync(file, 'two')
  await manager.line('Timeout waiting for graceful shutdown, sending SIGKILL to process (PID: ')
  await manager.line('got two')
  expect(manager.output()).not.toContain('stopped gracefully')
  expect(manager.output()).toContain('Restarting child process after stop')
  manager.signal('SIGTERM')
  await manager.line('Received signal')
  writeFileSync(file, 'end')
  expect((await manager.ended()).exitCode).toBe(0)
})

test('a command that is gone keeps running, and SIGTERM still ends it', async () => {
  const { folder, start } = setUp()
  writeFileSync(join(folder, 'a.conf'), 'one')
  const program = join(folder, 'program')
  writeFileSync(program, '#!/bin/sh\necho "got $(cat a.conf)"\nexec sleep 1000\n', { mode: 0o755 })
  const manager = start('-command', './program', '-config', 'a.conf')
  await manager.line('got one')
  rmSync(program)
  writeFileSync(join(folder, 'a.conf'), 'two')
  const problem = 'failed to start process: fork/exec ./program: no such file or directory'
  await manager.line(`Failed to restart process: ${problem}`)
  manager.signal('SIGTERM')
  const { exitCode, stdout } = await manager.ended()
  expect(exitCode).toBe(0)
  expect(stdout).toContain('stopped gracefully')
})
