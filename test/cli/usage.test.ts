// Memory and CPU of processes: `kahi ctl status --wide`, `kahi ctl top`, REST; and the limits max_memory and max_cpu.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const hasScript = spawnSync('script', ['--version']).status === 0
if (!hasScript) console.warn('no script(1): the screen of kahi ctl top is not tested')

async function setUp(programs: string) {
  const folder = scratch()
  const socket = join(folder, 's')
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${socket}"\n${programs}`)
  const daemon = await startReady(file)
  const ctl = (...words: readonly string[]) => kahi(['ctl', '-s', socket, ...words])
  return { folder, socket, daemon, ctl }
}

const SERVER = `
const held = Buffer.alloc(60 * 1024 * 1024, 1)
require('net').createServer().listen(0, '127.0.0.1', () => console.log('listens', held.length))
require('child_process').spawn('sleep', ['1000'])`

const PROGRAMS = `
[programs.big]
command = ['${process.execPath}', '-e', '''${SERVER}''']
startsecs = 0
[programs.busy]
command = "sh -c 'while :; do :; done'"
startsecs = 0
nice = 19
[programs.off]
command = "true"
autostart = false
`

test('status --wide, top and REST: cpu, memory, files, threads, sockets, children', async () => {
  const { ctl, daemon, socket } = await setUp(PROGRAMS)
  await daemon.line('listens')
  const [big, busy, off] = JSON.parse((await ctl('status', '--wide', '--json')).stdout) as Record<string, never>[]
  expect(big?.usage).toMatchObject({ pid: big?.pid, processes: 2, sockets: { listen: 1 } })
  expect(big?.usage).toHaveProperty('memory_kind', 'pss')
  const { memory_bytes: bytes, threads, open_files: files, pids } = (big?.usage ?? {}) as Record<string, never>
  expect(Number(bytes)).toBeGreaterThan(60 * 1024 * 1024)
  expect(Number(threads)).toBeGreaterThan(5)
  expect(Number(files)).toBeGreaterThan(10)
  expect(pids).toHaveLength(2)
  expect(off?.usage).toMatchObject({ pid: 0, memory_bytes: 0 })
  await eventually(async () => {
    const [first] = JSON.parse((await ctl('top', '--json', '--interval', '0.3')).stdout) as Record<string, never>[]
    expect(first).toMatchObject({ name: 'busy' })
    expect(Number(first?.cpu_percent)).toBeGreaterThan(0)
  })
  expect(busy).toHaveProperty('usage.processes', 1)
  const wide = (await ctl('status', '--wide')).stdout.split('\n')
  expect(wide[0]?.trim().split(/\s+/)).toEqual([
    'NAME',
    'STATE',
    'CPU%',
    'MEM',
    'PID',
    'FDS',
    'THR',
    'PROCS',
    'UPTIME',
    'SOCKETS',
  ])
  expect(wide[1]).toMatch(/^big +RUNNING +[\d.]+ +\d+M +\d+ +\d+ +\d+ +2 +0:\d\d:\d\d .*listen:1/)
  const sorted = (await ctl('top', '--once', '--interval', '0.1', '--sort', 'mem')).stdout.split('\n')
  expect(sorted[1]).toMatch(/^big /)
  expect(await ctl('top', '--interval', '0')).toMatchObject({ exitCode: 2 })
  const one = await kahi(['ctl', '-s', socket, 'top', '--once', '--interval', '0.1', 'off'])
  expect(one.stdout.split('\n')[1]).toMatch(/^off +STOPPED +- +-/)
})

test.skipIf(!hasScript)('top on a narrow terminal: live, sorted by keys, ends with q', async () => {
  const { daemon, socket } = await setUp(PROGRAMS.replace('nice = 19', 'autostart = false'))
  await daemon.line('listens')
  const command = `stty cols 50 rows 10; exec ${kahiPath} ctl -s ${socket} top --interval 0.2`
  const top = startDaemon(['-qfc', command, '/dev/null'], { program: 'script', stdin: 'pipe' })
  await top.line(/NAME .*STATE .*CPU%/)
  top.stdin?.write('m')
  await top.line('sorted by mem')
  expect(top.output()).not.toContain('SOCKETS')
  top.stdin?.write('q')
  expect((await top.ended()).exitCode).toBe(0)
})

test('max_memory and max_cpu: restart or notify', async () => {
  const { ctl, daemon } = await setUp(`
[programs.fat]
command = ['${process.execPath}', '-e', '''const held = Buffer.alloc(60 * 1024 * 1024, 1); setInterval(() => held, 1000)''']
startsecs = 0
max_memory = "50MB"
limit_interval = 0.2
[programs.spin]
command = "sh -c 'while :; do :; done'"
startsecs = 0
nice = 19
max_cpu = 1
on_limit = "notify"
limit_interval = 0.3
[programs.small]
command = "sleep 1000"
startsecs = 0
max_memory = "50MB"
max_cpu = 50
limit_interval = 0.1
`)
  await daemon.line(/fat uses \d+ bytes of memory, more than 52428800 \(max_memory\): restarting/)
  await daemon.line(/spin uses \d+ % CPU, more than 1 % \(max_cpu\)/)
  await eventually(() => daemon.output().split("spawned: 'fat'").length > 2)
  const { events } = JSON.parse((await ctl('events', '--json', '--types', 'limit-exceeded')).stdout) as {
    events: readonly object[]
  }
  expect(events).toContainEqual(
    expect.objectContaining({ name: 'fat', what: 'memory', limit: 52428800, action: 'restart' }),
  )
  expect(events.filter((event) => 'name' in event && event.name === 'spin')).toHaveLength(1)
  expect(daemon.output()).not.toContain('small uses')
  expect(daemon.output().split("spawned: 'spin'")).toHaveLength(2)
})
