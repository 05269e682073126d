// The pipes of processes: standard descriptors, readiness, conduits between processes.

import { readlinkSync, writeSync } from 'node:fs'

import { expect, test } from 'vitest'
import { type SpawnRequest } from '../../../runtime/shim/shim.ts'

import { closeSync, drain, request } from './helpers.ts'

import { everyShim } from './every-shim.ts'

everyShim((shim) => {
  test.each([3, 5, 6, 7, 8, 64, 300])('descriptor %i is the pipe for readiness', async (notify) => {
    const argv = ['bash', '-c', `echo ready >&${notify}`]
    const { child, status } = await shim.harness.run(request('a', '', { file: '/bin/bash', argv, notify }))
    expect([drain(child.notify ?? -1), status.code]).toEqual(['ready\n', 0])
    closeSync(child.notify ?? -1)
  })

  test('a conduit outlives its writers and its reader, and a writer harms no other with flags of its own', async () => {
    const writes = (id: string, script: string) =>
      shim.harness.shim.spawn(request(id, script, { writes: 'c', stdout: 'null', stderr: 'stdout' }))
    const one = await writes('one', 'echo 1; echo 2 >&2')
    await shim.harness.ended(one.pid)
    const reader = request('reader', 'read a; read b; echo "<$a $b>"', { reads: 'c' })
    const first = await shim.harness.shim.spawn(reader)
    const out = shim.harness.read(first.stdout)
    await shim.harness.ended(first.pid)
    await out.has('<1 2>')
    const two = await writes('two', 'echo 3')
    await shim.harness.ended(two.pid)
    for (const id of ['one', 'two']) shim.harness.shim.forget(id)
    const again = await writes('one', 'echo 4')
    await shim.harness.ended(again.pid)
    await shim.harness.shim.spawn(reader)
    await out.has('<3 4>')
  })

  test('a reader comes to its end on request; what it leaves and what comes later is for the next one', async () => {
    const spawn = (id: string, script: string, more: Partial<SpawnRequest>) =>
      shim.harness.shim.spawn(request(id, script, { stderr: 'null', ...more }))
    const first = await spawn('reader', 'read a; echo "<$a>"; cat; echo end', { reads: 'c' })
    const out = shim.harness.read(first.stdout)
    const writer = await spawn('writer', 'echo 1; echo 2; read x', { writes: 'c', stdin: 'pipe', stdout: 'null' })
    shim.harness.shim.endInput('reader')
    await out.has('<1>\n2\n')
    writeSync(writer.stdin as number, '\n')
    await shim.harness.ended(first.pid)
    await out.has('2\nend\n')
    await shim.harness.ended(writer.pid)

    const late = await spawn('writer', 'echo 3; echo 4', { writes: 'c', stdout: 'null' })
    await shim.harness.ended(late.pid)
    const second = await spawn('reader', 'read a; echo "<$a>"', { reads: 'c' })
    shim.harness.shim.endInput('reader')
    await shim.harness.ended(second.pid)
    await spawn('reader', 'cat', { reads: 'c' })
    await out.has('<3>\n4\n')
    shim.harness.shim.endInput('nobody')
    closeSync(writer.stdin as number)
  })

  test('stdin stays open until its end is closed, and is new with each start', async () => {
    for (const word of ['first', 'second']) {
      const child = await shim.harness.shim.spawn(request('a', 'read line; echo "got $line"; cat', { stdin: 'pipe' }))
      const reader = child.stdout === undefined ? shim.harness.readers[0] : shim.harness.read(child.stdout)
      writeSync(child.stdin as number, `${word}\nmore ${word}\n`)
      await reader?.has(`got ${word}\nmore ${word}\n`)
      await shim.harness.shim.kill(child.pid, 9, 'group')
      await shim.harness.ended(child.pid)
      closeSync(child.stdin as number)
    }
  })

  test('without a pipe stdin is empty and output goes nowhere', async () => {
    const asked = request('a', 'cat; echo x; echo y >&2', { stdout: 'null', stderr: 'null' })
    const child = await shim.harness.shim.spawn(asked)
    expect(child).toEqual({ pid: child.pid, stdin: undefined, stdout: undefined, stderr: undefined })
    expect((await shim.harness.ended(child.pid)).code).toBe(0)
  })

  test('inherited descriptors are those that the shim was started with', async () => {
    const script = 'readlink /proc/$$/fd/0 /proc/$$/fd/2'
    const asked = request('a', script, { stdin: 'inherit', stderr: 'inherit' })
    const { out, child } = await shim.harness.run(asked)
    expect(out.trim().split('\n')).toEqual([0, 2].map((fd) => readlinkSync(`/proc/self/fd/${fd}`)))
    expect(child).toMatchObject({ stdin: undefined, stderr: undefined })
  })

  test('pipes are real: /dev/stdout and /dev/stderr can be opened', async () => {
    const script = 'test -p /dev/stdout && test -p /dev/stderr && echo 1 > /dev/stdout; echo 2 > /dev/stderr'
    const { out } = await shim.harness.run(request('a', script, { stderr: 'stdout' }))
    expect(out).toBe('1\n2\n')
  })

  test('stdout and stderr have pipes of their own, slots too', async () => {
    const one = await shim.harness.shim.spawn(request('a', 'echo one; echo err >&2'))
    const two = await shim.harness.shim.spawn(request('b', 'echo two'))
    await Promise.all([shim.harness.ended(one.pid), shim.harness.ended(two.pid)])
    const ends = [one.stdout, one.stderr, two.stdout, two.stderr] as number[]
    expect(ends.map(drain)).toEqual(['one\n', 'err\n', 'two\n', ''])
    ends.forEach(closeSync)
  })

  test('pipes are kept over a restart and nothing is lost; what a process wrote is there when it ended', async () => {
    const first = await shim.harness.shim.spawn(request('a', 'for i in 1 2 3; do echo $i; done'))
    await shim.harness.ended(first.pid)
    const second = await shim.harness.shim.spawn(request('a', 'for i in 4 5 6; do echo $i; done'))
    expect([second.stdout, second.stderr]).toEqual([undefined, undefined])
    await shim.harness.ended(second.pid)
    expect(drain(first.stdout as number)).toBe('1\n2\n3\n4\n5\n6\n')
    closeSync(first.stdout as number)
    closeSync(first.stderr as number)
  })

  test('a process cannot make the pipe non-blocking for the next one', async () => {
    const node = { file: process.execPath, argv: ['node', '-e', 'process.stdout.write("x")'] }
    const first = await shim.harness.shim.spawn(request('a', '', node))
    await shim.harness.ended(first.pid)
    const second = await shim.harness.shim.spawn(request('a', 'head -c 300000 /dev/zero'))
    const reader = shim.harness.read(first.stdout)
    expect((await shim.harness.ended(second.pid)).code).toBe(0)
    shim.harness.shim.forget('a')
    await reader.end
    expect(reader.text.length).toBe(300_001)
    closeSync(first.stderr as number)
  })

  test('a forgotten slot starts with new pipes, and a busy one cannot start twice', async () => {
    await shim.harness.run(request('a', 'exit 0'))
    const child = await shim.harness.shim.spawn(request('a', 'sleep 60'))
    expect(child.stdout).toBeTypeOf('number')
    await expect(shim.harness.shim.spawn(request('a', 'exit 0'))).rejects.toMatchObject({ step: 'slot', code: 'EBUSY' })
  })
})
