// One table of behaviour, run against every parent of services there is: the native helper as shipped, the same
// built with sanitizers, and the fallback.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readlinkSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpawnError, type SpawnRequest } from '../../../runtime/shim/shim.ts'
import { isRunning } from '../../helpers/processes.ts'
import { buildHelpers, closeSync, drain, type Harness, open, request, temporaryDirectory } from './helpers.ts'
import { eventually } from '../../helpers/wait.ts'

process.env.ASAN_OPTIONS = 'detect_leaks=0'
const directory = temporaryDirectory()
const { native, sanitized } = buildHelpers(directory.path)
afterAll(() => directory.remove())
chmodSync(directory.path, 0o755)

const isRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534, groups: [65534, 12, 34] }
const shims = [
  { name: 'native', path: native, isNative: true, missing: native === undefined },
  { name: 'native, sanitized', path: sanitized, isNative: true, missing: sanitized === undefined },
  { name: 'fallback', path: undefined, isNative: false, missing: false },
]
if (native === undefined) console.warn('no C compiler: the native helper is not tested')
if (sanitized === undefined) console.warn('no sanitizers: the native helper is not tested with them')
if (!isRoot) console.warn('not root: users and groups are not tested')

describe.each(shims.filter((shim) => !shim.missing))('$name', ({ path, isNative }) => {
  let harness: Harness
  beforeEach(async () => {
    harness = await open(path)
  })
  afterEach(() => harness.close())

  test.each([0, 1, 127, 255])('exit status %i is reported', async (code) => {
    const { status } = await harness.run(request('a', `exit ${code}`))
    expect(status).toEqual({ code, signal: undefined, coreDumped: false })
  })

  test('death by a signal is reported', async () => {
    const { status } = await harness.run(request('a', 'kill -TERM $$'))
    expect(status).toEqual({ code: undefined, signal: 15, coreDumped: false })
  })

  test.runIf(isNative)('death by a real-time signal is reported', async () => {
    const { status } = await harness.run(request('a', 'kill -40 $$'))
    expect(status.signal).toBe(40)
  })

  test.runIf(isNative)('a FIFO has its mode, one that is there keeps its own, nothing else is touched', async () => {
    const path = join(directory.path, `fifo-${process.hrtime.bigint()}`)
    await harness.shim.makeFifo(path, 0o622)
    expect(statSync(path).isFIFO()).toBe(true)
    expect(statSync(path).mode & 0o7777).toBe(0o622)
    chmodSync(path, 0o600)
    await harness.shim.makeFifo(path, 0o622)
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    await expect(harness.shim.makeFifo(directory.path, 0o600)).rejects.toThrow('fifo: EEXIST')
    await expect(harness.shim.makeFifo('fifo', 0o600)).rejects.toThrow('request: EINVAL')
  })

  test.runIf(isNative)('a lock is seen by others until it is given up', async () => {
    const path = join(directory.path, `lock-${process.hrtime.bigint()}`)
    const other = await open(native)
    try {
      await harness.shim.lock(path)
      await harness.shim.lock(path)
      await expect(other.shim.lock(path)).rejects.toThrow(/lock: E(?:AGAIN|WOULDBLOCK)/)
      await harness.run(request('a', 'exit 0'))
      await expect(other.shim.lock(path)).rejects.toThrow('lock:')
      harness.shim.unlock(path)
      await harness.shim.makeFifo(`${path}.done`, 0o600)
      await other.shim.lock(path)
    } finally {
      await other.close()
    }
  })

  test.runIf(!isNative)('FIFOs and locks for others are refused', async () => {
    await expect(harness.shim.makeFifo(join(directory.path, 'f'), 0o600)).rejects.toThrow('fifo: ENOSYS')
    await expect(harness.shim.lock(join(directory.path, 'l'))).rejects.toThrow('lock: ENOSYS')
    harness.shim.unlock(join(directory.path, 'l'))
  })

  test('arguments and environment arrive as they are, nothing is added', async () => {
    const argv = ['other name', '-c', 'printf "%s|" "$0" "$@"; tr "\\0" "|" < /proc/self/environ', 'a b', '', '$(x)\n"']
    const { out } = await harness.run(request('a', '', { argv, environment: { A: 'b=c\nd', PATH: '/usr/bin:/bin' } }))
    const added = process.env.NODE_V8_COVERAGE
    expect(out.replace(`NODE_V8_COVERAGE=${added}|`, '')).toBe('a b||$(x)\n"|A=b=c\nd|PATH=/usr/bin:/bin|')
  })

  test.each([3, 5, 6, 7, 8, 64, 300])('descriptor %i is the pipe for readiness', async (notify) => {
    const argv = ['bash', '-c', `echo ready >&${notify}`]
    const { child, status } = await harness.run(request('a', '', { file: '/bin/bash', argv, notify }))
    expect([drain(child.notify ?? -1), status.code]).toEqual(['ready\n', 0])
    closeSync(child.notify ?? -1)
  })

  test('a conduit outlives its writers and its reader, and a writer harms no other with flags of its own', async () => {
    const writes = (id: string, script: string) =>
      harness.shim.spawn(request(id, script, { writes: 'c', stdout: 'null', stderr: 'stdout' }))
    const one = await writes('one', 'echo 1; echo 2 >&2')
    await harness.ended(one.pid)
    const reader = request('reader', 'read a; read b; echo "<$a $b>"', { reads: 'c' })
    const first = await harness.shim.spawn(reader)
    const out = harness.read(first.stdout)
    await harness.ended(first.pid)
    await out.has('<1 2>')
    const two = await writes('two', 'echo 3')
    await harness.ended(two.pid)
    for (const id of ['one', 'two']) harness.shim.forget(id)
    const again = await writes('one', 'echo 4')
    await harness.ended(again.pid)
    await harness.shim.spawn(reader)
    await out.has('<3 4>')
  })

  test('a reader comes to its end on request; what it leaves and what comes later is for the next one', async () => {
    const spawn = (id: string, script: string, more: Partial<SpawnRequest>) =>
      harness.shim.spawn(request(id, script, { stderr: 'null', ...more }))
    const first = await spawn('reader', 'read a; echo "<$a>"; cat; echo end', { reads: 'c' })
    const out = harness.read(first.stdout)
    const writer = await spawn('writer', 'echo 1; echo 2; read x', { writes: 'c', stdin: 'pipe', stdout: 'null' })
    harness.shim.endInput('reader')
    await out.has('<1>\n2\n')
    writeSync(writer.stdin as number, '\n')
    await harness.ended(first.pid)
    await out.has('2\nend\n')
    await harness.ended(writer.pid)

    const late = await spawn('writer', 'echo 3; echo 4', { writes: 'c', stdout: 'null' })
    await harness.ended(late.pid)
    const second = await spawn('reader', 'read a; echo "<$a>"', { reads: 'c' })
    harness.shim.endInput('reader')
    await harness.ended(second.pid)
    await spawn('reader', 'cat', { reads: 'c' })
    await out.has('<3>\n4\n')
    harness.shim.endInput('nobody')
    closeSync(writer.stdin as number)
  })

  test('the directory and the umask are set, and only there', async () => {
    const before = process.umask()
    const { out } = await harness.run(request('a', 'pwd; umask', { directory: '/usr', umask: 0o137 }))
    expect(out).toBe('/usr\n0137\n')
    expect(process.umask()).toBe(before)
  })

  test('a relative program is looked for in the directory', async () => {
    const { out } = await harness.run(request('a', 'echo here', { directory: '/bin', file: 'sh' }))
    expect(out).toBe('here\n')
  })

  test.runIf(isNative)('limits and rights are set, and what cannot be set is named', async () => {
    const attributes = {
      nice: 3,
      oomScoreAdj: 900,
      resources: { nofile: { soft: 20, hard: 30 }, core: { soft: 0, hard: 'unlimited' } },
      group: undefined,
      capabilities: isRoot ? [10] : undefined,
      noNewPrivs: true,
      deathSignal: 15,
    } as const
    const script =
      'echo $(nice) $(cat /proc/self/oom_score_adj) $(ulimit -Sn) $(ulimit -Hn); grep NoNew /proc/self/status'
    const { out } = await harness.run(request('a', script, { attributes }))
    expect(out).toBe('3 900 20 30\nNoNewPrivs:\t1\n')
    const bad = { ...attributes, capabilities: [62] }
    await expect(harness.shim.spawn(request('a', 'true', { attributes: bad }))).rejects.toMatchObject({
      step: 'capability',
    })
    const low = { ...attributes, resources: { nofile: { soft: 1, hard: 1 } } }
    expect((await harness.run(request('a', 'exit 3', { attributes: low }))).status.code).not.toBe(0)
  })

  test.runIf(!isNative)('limits and rights are refused where they cannot be given', async () => {
    const attributes = {
      nice: 5,
      oomScoreAdj: undefined,
      resources: {},
      group: undefined,
      capabilities: undefined,
      noNewPrivs: false,
      deathSignal: undefined,
    }
    const refused = harness.shim.spawn(request('a', 'true', { attributes }))
    await expect(refused).rejects.toMatchObject({ step: 'attributes', code: 'ENOTSUP' })
    expect(harness.shim.limits.join()).toContain('Programs with nice, oom_score_adj, limits')
  })

  test.each(['process-group', 'session'] as const)('it leads its own %s', async (isolation) => {
    const { out, child } = await harness.run(request('a', 'cut -d" " -f5,6 /proc/$$/stat', { isolation }))
    const [group, session] = out.trim().split(' ').map(Number)
    expect(group).toBe(child.pid)
    expect(session === child.pid).toBe(isolation === 'session' || !isNative)
  })

  test('signals are neither blocked nor ignored', async () => {
    const { out } = await harness.run(request('a', 'grep -E "^Sig(Blk|Ign)" /proc/self/status'))
    expect(out.match(/\w+$/gm)).toEqual(['0000000000000000', '0000000000000000'])
  })

  test('only descriptors 0, 1 and 2 are open', async () => {
    const { out, child } = await harness.run(request('a', 'ls /proc/$$/fd', { stdin: 'pipe' }))
    const inherited = execFileSync('/bin/sh', ['-c', 'ls /proc/$$/fd'], { encoding: 'utf8' })
    expect(out).toBe(isNative ? '0\n1\n2\n' : inherited)
    closeSync(child.stdin as number)
  })

  test('stdin stays open until its end is closed, and is new with each start', async () => {
    for (const word of ['first', 'second']) {
      const child = await harness.shim.spawn(request('a', 'read line; echo "got $line"; cat', { stdin: 'pipe' }))
      const reader = child.stdout === undefined ? harness.readers[0] : harness.read(child.stdout)
      writeSync(child.stdin as number, `${word}\nmore ${word}\n`)
      await reader?.has(`got ${word}\nmore ${word}\n`)
      await harness.shim.kill(child.pid, 9, 'group')
      await harness.ended(child.pid)
      closeSync(child.stdin as number)
    }
  })

  test('without a pipe stdin is empty and output goes nowhere', async () => {
    const asked = request('a', 'cat; echo x; echo y >&2', { stdout: 'null', stderr: 'null' })
    const child = await harness.shim.spawn(asked)
    expect(child).toEqual({ pid: child.pid, stdin: undefined, stdout: undefined, stderr: undefined })
    expect((await harness.ended(child.pid)).code).toBe(0)
  })

  test('inherited descriptors are those that the shim was started with', async () => {
    const script = 'readlink /proc/$$/fd/0 /proc/$$/fd/2'
    const asked = request('a', script, { stdin: 'inherit', stderr: 'inherit' })
    const { out, child } = await harness.run(asked)
    expect(out.trim().split('\n')).toEqual([0, 2].map((fd) => readlinkSync(`/proc/self/fd/${fd}`)))
    expect(child).toMatchObject({ stdin: undefined, stderr: undefined })
  })

  test('pipes are real: /dev/stdout and /dev/stderr can be opened', async () => {
    const script = 'test -p /dev/stdout && test -p /dev/stderr && echo 1 > /dev/stdout; echo 2 > /dev/stderr'
    const { out } = await harness.run(request('a', script, { stderr: 'stdout' }))
    expect(out).toBe('1\n2\n')
  })

  test('stdout and stderr have pipes of their own, slots too', async () => {
    const one = await harness.shim.spawn(request('a', 'echo one; echo err >&2'))
    const two = await harness.shim.spawn(request('b', 'echo two'))
    await Promise.all([harness.ended(one.pid), harness.ended(two.pid)])
    const ends = [one.stdout, one.stderr, two.stdout, two.stderr] as number[]
    expect(ends.map(drain)).toEqual(['one\n', 'err\n', 'two\n', ''])
    ends.forEach(closeSync)
  })

  test('pipes are kept over a restart and nothing is lost; what a process wrote is there when it ended', async () => {
    const first = await harness.shim.spawn(request('a', 'for i in 1 2 3; do echo $i; done'))
    await harness.ended(first.pid)
    const second = await harness.shim.spawn(request('a', 'for i in 4 5 6; do echo $i; done'))
    expect([second.stdout, second.stderr]).toEqual([undefined, undefined])
    await harness.ended(second.pid)
    expect(drain(first.stdout as number)).toBe('1\n2\n3\n4\n5\n6\n')
    closeSync(first.stdout as number)
    closeSync(first.stderr as number)
  })

  test('a process cannot make the pipe non-blocking for the next one', async () => {
    const node = { file: process.execPath, argv: ['node', '-e', 'process.stdout.write("x")'] }
    const first = await harness.shim.spawn(request('a', '', node))
    await harness.ended(first.pid)
    const second = await harness.shim.spawn(request('a', 'head -c 300000 /dev/zero'))
    const reader = harness.read(first.stdout)
    expect((await harness.ended(second.pid)).code).toBe(0)
    harness.shim.forget('a')
    await reader.end
    expect(reader.text.length).toBe(300_001)
    closeSync(first.stderr as number)
  })

  test('a forgotten slot starts with new pipes, and a busy one cannot start twice', async () => {
    await harness.run(request('a', 'exit 0'))
    const child = await harness.shim.spawn(request('a', 'sleep 60'))
    expect(child.stdout).toBeTypeOf('number')
    await expect(harness.shim.spawn(request('a', 'exit 0'))).rejects.toMatchObject({ step: 'slot', code: 'EBUSY' })
  })

  describe('a start that fails says where and why, and leaves nothing', () => {
    const file = (name: string, text: string, mode: number) => {
      const name_ = join(directory.path, name)
      writeFileSync(name_, text)
      chmodSync(name_, mode)
      return name_
    }
    mkdirSync(join(directory.path, 'folder'), { recursive: true })
    const badUser = { uid: 0xffffffff, gid: 65534, groups: [] }
    const rows = [
      ['a missing program', { file: '/no/such' }, 'exec', 'ENOENT'],
      ['a program that may not be executed', { file: file('plain', '#!/bin/sh\n', 0o644) }, 'exec', 'EACCES'],
      ['a directory as program', { file: join(directory.path, 'folder') }, 'exec', 'EACCES'],
      ['a program in no known format', { file: file('text', 'echo hello\n', 0o755) }, 'exec', 'ENOEXEC'],
      ['a script without interpreter', { file: file('bad', '#!/no/such\n', 0o755) }, 'exec', 'ENOENT'],
      ['a missing directory', { directory: '/no/such' }, 'chdir', 'ENOENT'],
      ['a file as directory', { directory: '/etc/passwd' }, 'chdir', 'ENOTDIR'],
      ['a NUL in an argument', { argv: ['sh', 'a\0b'] }, 'request', 'EINVAL'],
      ['no argument at all', { argv: [] }, 'request', 'EINVAL'],
      ...(isRoot ? [['a bad user', { user: badUser }, 'setuid', 'EINVAL'] as const] : []),
    ] as const
    test.each(rows)('%s', async (_sentence, more, step, code) => {
      const failure = harness.shim.spawn(request('a', 'true', more))
      await expect(failure).rejects.toBeInstanceOf(SpawnError)
      await expect(failure).rejects.toMatchObject({ step, code })
      const { out } = await harness.run(request('a', 'echo again'))
      expect(out).toBe('again\n')
    })
  })

  describe.runIf(isRoot)('another user', () => {
    test('gets its ids', async () => {
      const { out } = await harness.run(request('a', 'id -u; id -g; id -G', { user: nobody }))
      const [uid, gid, groups] = out.split('\n')
      expect([uid, gid]).toEqual(['65534', '65534'])
      expect(groups?.split(' ').sort()).toEqual(isNative ? ['12', '34', '65534'] : ['65534'])
    })

    test('may open /dev/stdin, /dev/stdout and /dev/stderr', async () => {
      const script = 'echo 1 > /dev/stdout; echo 2 > /dev/stderr; read x < /dev/stdin; echo "$x"'
      const asked = request('a', script, { user: nobody, stdin: 'pipe', stderr: 'stdout' })
      const child = await harness.shim.spawn(asked)
      writeSync(child.stdin as number, 'hello\n')
      closeSync(child.stdin as number)
      await harness.read(child.stdout).has('1\n2\nhello\n')
    })

    test('that we already are changes nothing', async () => {
      const { out } = await harness.run(request('a', 'id -G', { user: { uid: 0, gid: 0, groups: [0, 12] } }))
      expect(out.trim().split(' ')).toEqual((process.getgroups?.() ?? []).map(String))
    })
  })

  test('a signal reaches the process alone or its whole group', async () => {
    const script = 'sh -c "trap \'echo child; exit\' TERM; echo ready; while :; do read x || sleep 60 & wait; done" & '
    const child = await harness.shim.spawn(request('a', `trap 'echo parent' TERM; ${script} wait; wait; wait`))
    const reader = harness.read(child.stdout)
    await reader.has('ready')
    expect(await harness.shim.kill(child.pid, 15, 'process')).toBe(true)
    await reader.has('parent')
    expect(reader.text).not.toContain('child')
    expect(await harness.shim.kill(child.pid, 15, 'group')).toBe(true)
    await reader.has('child')
    await harness.shim.kill(child.pid, 9, 'group')
    expect((await harness.ended(child.pid)).coreDumped).toBe(false)
  })

  test('members that outlive their leader can still be killed, strangers never', async () => {
    const child = await harness.shim.spawn(
      request('a', 'sh -c "trap \'\' TERM; echo $$ left; exec sleep 60" & read x < /dev/zero'),
    )
    const reader = harness.read(child.stdout)
    await reader.has('left')
    await harness.shim.kill(child.pid, 9, 'process')
    await harness.ended(child.pid)
    expect(await harness.shim.kill(child.pid, 0, 'process')).toBe(false)
    expect(await harness.shim.kill(child.pid, 0, 'group')).toBe(true)
    expect(await harness.shim.kill(child.pid, 9, 'group')).toBe(true)
    let there = true
    while (there) there = await harness.shim.kill(child.pid, 0, 'group')
    expect(await harness.shim.kill(process.pid, 0, 'process')).toBe(false)
    expect(await harness.shim.kill(process.ppid, 0, 'group')).toBe(false)
  })

  test('an impossible signal is an error, not an answer', async () => {
    const child = await harness.shim.spawn(request('a', 'exec sleep 60'))
    await expect(harness.shim.kill(child.pid, 99, 'process')).rejects.toMatchObject({ code: 'EINVAL' })
  })

  test('a hundred at once all start and end', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `many:${index}`)
    const children = await Promise.all(ids.map((id) => harness.shim.spawn(request(id, 'exit 7', { stdin: 'pipe' }))))
    const ends = await Promise.all(children.map((child) => harness.ended(child.pid)))
    expect(ends.every((end) => end.code === 7)).toBe(true)
    for (const fd of children.flatMap((child) => [child.stdin, child.stdout, child.stderr])) closeSync(fd as number)
  })

  test('closing kills what is left, and afterwards nothing can be started', async () => {
    const child = await harness.shim.spawn(request('a', 'trap "" TERM; sleep 60 & echo $!; wait'))
    const reader = harness.read(child.stdout)
    await reader.has('\n')
    await harness.shim.close()
    await eventually(() => !isRunning(child.pid) && !isRunning(Number(reader.text)), 'both are dead')
    expect(harness.lostReason).toBeUndefined()
    expect(await harness.shim.kill(child.pid, 9, 'group')).toBe(false)
    await expect(harness.shim.spawn(request('b', 'true'))).rejects.toMatchObject({ step: 'shim' })
  })
})
