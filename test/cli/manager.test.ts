// `manager`, the program of flush-manager: what its README says, one line after the other. The image calls the program by
// its name, so kahi is called through a link.

import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigMap } from '../helpers/config-map.ts'
import { type Daemon, kahi, kahiPath, type Result, scratch, startDaemon } from '../helpers/kahi.ts'

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
/** Without the times, and with N for numbers of processes. */
const plain = (text: string): string => text.replaceAll(STAMP, '').replaceAll(/PID: \d+/g, 'PID: N')
const info = (text: string) => `[flush-manager] INFO: ${text}`

test('options: -version, -command, -config, arguments; defaults; mistakes as Go words them', async () => {
  const { run } = setUp()
  expect(await run('-version')).toMatchObject({ exitCode: 0, stdout: 'flush-manager version 1.0.0\n' })
  const usage = expect.stringContaining('Usage of manager:\n  -command string\n')
  expect(await run('-nope')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('flag provided but not defined: -nope\nUsage of manager:'),
  })
  expect(await run('-command')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('flag needs an argument: -command'),
  })
  expect(await run('--help')).toMatchObject({ exitCode: 0, stderr: usage })
  const defaults = await run()
  expect(defaults.exitCode).toBe(1)
  expect(defaults.stdout).toMatch(STAMP)
  expect(plain(defaults.stdout)).toContain(
    info(
      'Configuration: command=/usr/local/bin/redis-exporter, config_file=/usr/local/bin/conf/exporter.conf, args=[]',
    ),
  )
  expect(plain(defaults.stdout)).toContain('exporter.conf does not exist, using no-op watcher')
  expect(plain(defaults.stderr)).toContain('[flush-manager] ERROR: Manager error: failed to start child process: ')
})

test('a command that ends by itself ends the manager with 0, as the original', async () => {
  const { run } = setUp()
  const { stdout, stderr, exitCode } = await run(
    '--command=/bin/sh',
    '-config',
    '',
    '--',
    '-c',
    'echo "$0 $1"; exit 3',
    'one',
    '-config',
  )
  expect(exitCode).toBe(0)
  expect(plain(stderr)).toBe('[flush-manager] ERROR: Child process exited with error: exit status 3\n')
  const lines = plain(stdout).split('\n')
  expect(lines).toContain('one -config')
  expect(lines.filter((line) => line !== 'one -config')).toEqual([
    info('=== Flush Manager v1.0.0 starting ==='),
    info('PID: N'),
    info('Configuration: command=/bin/sh, config_file=, args=[-c echo "$0 $1"; exit 3 one -config]'),
    info('Initializing manager with command: /bin/sh'),
    '[flush-manager] DEBUG: No config file path specified, using no-op watcher',
    info('Manager initialized successfully'),
    info('Starting manager run loop...'),
    info('Starting child process: /bin/sh [-c echo "$0 $1"; exit 3 one -config]'),
    info('Child process started with PID: N'),
    info('Manager started, child process: /bin/sh'),
    info('Entering main event loop'),
    info('Child process exited abnormally: exit status 3'),
    info('Shutting down manager...'),
    info('Manager shutdown complete'),
    info('Manager exiting normally'),
    '',
  ])
})

test('the ConfigMap of the README: each update restarts the command, SIGTERM shuts down gracefully', async () => {
  const { folder, start } = setUp()
  const map = new ConfigMap(join(folder, 'conf'), { 'exporter.conf': 'one' })
  const file = join(folder, 'conf/exporter.conf')
  const script = `echo "got $(cat ${file})"; trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done`
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
      info('Stopping child process (PID: N) with timeout: 10s'),
      'bye',
      info('Child process (PID: N) stopped gracefully'),
      info('Manager shutdown complete'),
      info('Manager exiting normally'),
    ].sort(),
  )
})

test('a plain file: rename-over, and removal with a later return', async () => {
  const { folder, start } = setUp()
  const file = join(folder, 'a.conf')
  writeFileSync(file, 'one')
  const manager = start(
    '-command',
    '/bin/sh',
    '-config',
    'a.conf',
    '--',
    '-c',
    'echo "got $(cat a.conf)"; exec sleep 1000',
  )
  await manager.line('got one')
  writeFileSync(`${file}.new`, 'two')
  renameSync(`${file}.new`, file)
  await manager.line('got two')
  rmSync(file)
  writeFileSync(file, 'three')
  await manager.line('got three')
  manager.signal('SIGINT')
  expect((await manager.ended()).exitCode).toBe(0)
  expect(manager.output()).toContain('Received signal: interrupt, shutting down gracefully...')
})
