// limits = { memory, cpu, pids }: in the kernel's cgroups, if this machine allows it, and in a usual directory with the files of
// version 2. That directory shows the written values, but not their effect in the kernel.

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hierarchies } from '../../runtime/shim/client/cgroup-mounts.ts'
import { Cgroups } from '../../runtime/shim/client/cgroups.ts'
import { eventually } from '../helpers/wait.ts'
import { isRunning } from '../helpers/processes.ts'
import { hasHelper, kahi, kahiPath, scratch, startDaemon } from '../helpers/kahi.ts'

function placeOf(controller: string): string | undefined {
  try {
    const directory = hierarchies('/proc/self').find(({ controllers }) => controllers.includes(controller))?.directory
    accessSync(directory ?? '', constants.W_OK)
    return process.getuid?.() === 0 ? directory : undefined
  } catch {
    return undefined
  }
}

const places = { memory: placeOf('memory'), cpu: placeOf('cpu'), pids: placeOf('pids') }
const canWrite = Object.values(places).every((place) => place !== undefined)
if (!canWrite) console.warn('no writable cgroups for memory, cpu and pids: not tested with the kernel')

describe.runIf(canWrite && hasHelper)('with the kernel (needs the native helper)', () => {
  test('a program is in cgroups with its limits from its first moment; they are gone after it', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const program = `command = "/bin/sh -c 'cat /proc/self/cgroup; exec sleep 1000'"\nstdout_logfile = "${folder}/p.log"`
    const limits = 'limits = { memory = "64MB", cpu = 1.5, pids = 7 }'
    writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n[programs.p]\n${program}\n${limits}\n`)
    const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
    await daemon.line('success: p entered RUNNING')
    const own = Object.values(places).map((place) => join(place ?? '', `kahi-${daemon.pid}`))
    const [memory = '', cpu = '', pids = ''] = own.map((directory) => join(directory, 'p:p'))
    const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined)
    expect(read(`${memory}/memory.max`) ?? read(`${memory}/memory.limit_in_bytes`)).toBe(`${64 * 1024 ** 2}`)
    expect(read(`${cpu}/cpu.max`) ?? `${read(`${cpu}/cpu.cfs_quota_us`)} ${read(`${cpu}/cpu.cfs_period_us`)}`).toBe(
      '150000 100000',
    )
    expect(read(`${pids}/pids.max`)).toBe('7')
    const pid = (await kahi(['ctl', '-c', file, 'pid', 'p'])).stdout.trim()
    for (const directory of [memory, cpu, pids]) expect(read(`${directory}/cgroup.procs`)).toBe(pid)
    expect(readFileSync(join(folder, 'p.log'), 'utf8').match(/kahi-\d+\/p:p$/gm)?.length).toBeGreaterThan(0)
    await kahi(['ctl', '-c', file, 'stop', 'p'])
    expect([memory, cpu, pids].filter(existsSync)).toEqual([])
    await kahi(['ctl', '-c', file, 'start', 'p'])
    expect([memory, cpu, pids].filter((directory) => !existsSync(directory))).toEqual([])
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(own.filter(existsSync)).toEqual([])
  })

  test('pids stops a program from forking without end', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const script = 'i=0; while [ $i -lt 50 ]; do sleep 1000 & i=$((i+1)); done; echo no end'
    writeFileSync(
      file,
      `[server.unix]\nfile = "${folder}/k.sock"\n[programs.p]\ncommand = ["/bin/sh", "-c", "${script}"]\nstartsecs = 0\nautorestart = false\nlimits = { pids = 10 }\n`,
    )
    const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
    await daemon.line(/Cannot fork|Resource temporarily unavailable/)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(daemon.output()).not.toMatch(/"message":"no end"/)
  })

  test('a stop and a restart kill what left the group and the session', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const script = 'setsid sleep 1000 & echo $! >> pids; exec sleep 1000'
    const text = (keys: string) => `[server.unix]
file = "${folder}/k.sock"
[programs.p]
command = ["/bin/sh", "-c", "${script}"]
directory = "${folder}"
limits = { pids = 10 }
${keys}`
    const escaped = () => readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number)
    for (const keys of ['', 'stopasgroup = true', 'finish = "true"']) {
      writeFileSync(join(folder, 'pids'), '')
      writeFileSync(file, text(keys))
      const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
      await daemon.line('success: p entered RUNNING')
      const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder })
      expect(escaped().filter(isRunning)).toHaveLength(1)
      await ctl('restart', 'p')
      await eventually(() => expect(escaped().filter(isRunning)).toEqual(escaped().slice(1)))
      const place = join(places.pids ?? '', `kahi-${daemon.pid}`, 'p:p')
      const pid = (await ctl('pid', 'p')).stdout.trim()
      expect(readFileSync(join(place, 'cgroup.procs'), 'utf8').split('\n')).toContain(pid)
      await ctl('stop', 'p')
      await eventually(() => expect([escaped().filter(isRunning), existsSync(place)]).toEqual([[], false]))
      daemon.signal('SIGTERM')
      expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    }
  })

  test('what a killed daemon left behind is removed by the next one', async () => {
    const left = join(places.pids ?? '', 'kahi-999999999/x:x')
    mkdirSync(left, { recursive: true })
    const cgroups = new Cgroups(process.pid)
    expect(cgroups.join('a:a', { memory: undefined, cpu: undefined, pids: 5 }).notice).toBeUndefined()
    expect(existsSync(left)).toBe(false)
    cgroups.close()
    expect(existsSync(join(places.pids ?? '', `kahi-${process.pid}`))).toBe(false)
  })
})

/** The text of /proc/PID/cgroup for a process in `cgroup` of a version 2 tree at a usual directory. */
function fakeKernel(controllers: string): { proc: string; own: string } {
  const folder = scratch()
  const own = join(folder, 'cgroup/box')
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'cgroup.controllers'), controllers)
  const proc = join(folder, 'proc')
  mkdirSync(proc)
  writeFileSync(join(proc, 'cgroup'), '0::/outer/box\n')
  writeFileSync(join(proc, 'mountinfo'), `30 1 0:26 /outer ${folder}/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n`)
  return { proc, own }
}

describe('with a directory in place of version 2', () => {
  test('the limits are written in its words', () => {
    const { proc, own } = fakeKernel('cpuset cpu io memory pids\n')
    const cgroups = new Cgroups(7, proc)
    const { procs, notice } = cgroups.join('g:web', { memory: 512 * 1024 ** 2, cpu: 0.5, pids: 100 })
    expect(notice).toBeUndefined()
    expect(procs).toEqual([join(own, 'kahi-7/g:web/cgroup.procs')])
    const files = readdirSync(join(own, 'kahi-7/g:web')).sort()
    expect(files.map((name) => [name, readFileSync(join(own, 'kahi-7/g:web', name), 'utf8')])).toEqual([
      ['cpu.max', '50000 100000'],
      ['memory.max', '536870912'],
      ['pids.max', '100'],
    ])
  })

  test('what cannot be set is reported once, the rest is done', () => {
    const { proc, own } = fakeKernel('pids\n')
    const cgroups = new Cgroups(7, proc)
    const asked = { memory: 1024 ** 2, cpu: undefined, pids: 3 }
    expect(cgroups.join('a:a', asked)).toEqual({
      procs: [join(own, 'kahi-7/a:a/cgroup.procs')],
      notice: 'limits without effect, no cgroup can be written: memory (no such controller)',
    })
    expect(cgroups.join('b:b', asked).notice).toBeUndefined()
  })
})

const hide = ['--mount', '--', '/bin/sh', '-c', 'umount -l -R /sys/fs/cgroup; exec "$@"', 'sh']
const canHide = spawnSync('unshare', [...hide, 'true']).status === 0
if (!canHide) console.warn('not root, or no unshare: a machine without cgroups is not tested')

test.runIf(canHide && hasHelper)(
  'without any cgroup the programs run, with one notice in the log (needs the native helper)',
  async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const program = (name: string) =>
      `[programs.${name}]\ncommand = "/bin/sleep 1000"\nlimits = { memory = "64MB", nofile = 99 }\n`
    writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${program('p')}${program('q')}`)
    const daemon = startDaemon([...hide, kahiPath, 'daemon', '-c', file], { cwd: folder, program: 'unshare' })
    await daemon.line('success: p entered RUNNING')
    await daemon.line('success: q entered RUNNING')
    expect(daemon.output().match(/limits without effect, no cgroup can be written: memory/g)).toHaveLength(1)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  },
)
