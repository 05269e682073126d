// Signals to processes and groups, the end of the parent, FIFOs and locks.

import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { isRunning } from '../../helpers/processes.ts'
import { request } from './helpers.ts'
import { eventually } from '../../helpers/wait.ts'
import { everyShim } from './every-shim.ts'

everyShim((shim) => {
  test.runIf(shim.isNative)(
    'a FIFO has its mode, one that is there keeps its own, nothing else is touched',
    async () => {
      const path = join(shim.directory, `fifo-${process.hrtime.bigint()}`)
      await shim.harness.shim.makeFifo(path, 0o622)
      expect(statSync(path).isFIFO()).toBe(true)
      expect(statSync(path).mode & 0o7777).toBe(0o622)
      chmodSync(path, 0o600)
      await shim.harness.shim.makeFifo(path, 0o622)
      expect(statSync(path).mode & 0o7777).toBe(0o600)
      await expect(shim.harness.shim.makeFifo(shim.directory, 0o600)).rejects.toThrow('fifo: EEXIST')
      await expect(shim.harness.shim.makeFifo('fifo', 0o600)).rejects.toThrow('request: EINVAL')
    },
  )

  test.runIf(shim.isNative)('a lock is seen by others until it is given up', async () => {
    const path = join(shim.directory, `lock-${process.hrtime.bigint()}`)
    const other = await shim.another()
    try {
      await shim.harness.shim.lock(path)
      await shim.harness.shim.lock(path)
      await expect(other.shim.lock(path)).rejects.toThrow(/lock: E(?:AGAIN|WOULDBLOCK)/)
      await shim.harness.run(request('a', 'exit 0'))
      await expect(other.shim.lock(path)).rejects.toThrow('lock:')
      shim.harness.shim.unlock(path)
      await shim.harness.shim.makeFifo(`${path}.done`, 0o600)
      await other.shim.lock(path)
    } finally {
      await other.close()
    }
  })

  test.runIf(!shim.isNative)('FIFOs and locks for others are refused', async () => {
    await expect(shim.harness.shim.makeFifo(join(shim.directory, 'f'), 0o600)).rejects.toThrow('fifo: ENOSYS')
    await expect(shim.harness.shim.lock(join(shim.directory, 'l'))).rejects.toThrow('lock: ENOSYS')
    shim.harness.shim.unlock(join(shim.directory, 'l'))
  })

  test('a signal reaches the process alone or its whole group', async () => {
    const script = 'sh -c "trap \'echo child; exit\' TERM; echo ready; while :; do read x || sleep 60 & wait; done" & '
    const child = await shim.harness.shim.spawn(request('a', `trap 'echo parent' TERM; ${script} wait; wait; wait`))
    const reader = shim.harness.read(child.stdout)
    await reader.has('ready')
    expect(await shim.harness.shim.kill(child.pid, 15, 'process')).toBe(true)
    await reader.has('parent')
    expect(reader.text).not.toContain('child')
    expect(await shim.harness.shim.kill(child.pid, 15, 'group')).toBe(true)
    await reader.has('child')
    await shim.harness.shim.kill(child.pid, 9, 'group')
    expect((await shim.harness.ended(child.pid)).coreDumped).toBe(false)
  })

  test('members that outlive their leader can still be killed, strangers never', async () => {
    const child = await shim.harness.shim.spawn(
      request('a', 'sh -c "trap \'\' TERM; echo $$ left; exec sleep 60" & read x < /dev/zero'),
    )
    const reader = shim.harness.read(child.stdout)
    await reader.has('left')
    await shim.harness.shim.kill(child.pid, 9, 'process')
    await shim.harness.ended(child.pid)
    expect(await shim.harness.shim.kill(child.pid, 0, 'process')).toBe(false)
    expect(await shim.harness.shim.kill(child.pid, 0, 'group')).toBe(true)
    expect(await shim.harness.shim.kill(child.pid, 9, 'group')).toBe(true)
    let there = true
    while (there) there = await shim.harness.shim.kill(child.pid, 0, 'group')
    expect(await shim.harness.shim.kill(process.pid, 0, 'process')).toBe(false)
    expect(await shim.harness.shim.kill(process.ppid, 0, 'group')).toBe(false)
  })

  test('an impossible signal is an error, not an answer', async () => {
    const child = await shim.harness.shim.spawn(request('a', 'exec sleep 60'))
    await expect(shim.harness.shim.kill(child.pid, 99, 'process')).rejects.toMatchObject({ code: 'EINVAL' })
  })

  test('closing kills what is left, and afterwards nothing can be started', async () => {
    const child = await shim.harness.shim.spawn(request('a', 'trap "" TERM; sleep 60 & echo $!; wait'))
    const reader = shim.harness.read(child.stdout)
    await reader.has('\n')
    await shim.harness.shim.close()
    await eventually(() => !isRunning(child.pid) && !isRunning(Number(reader.text)), 'both are dead')
    expect(shim.harness.lostReason).toBeUndefined()
    expect(await shim.harness.shim.kill(child.pid, 9, 'group')).toBe(false)
    await expect(shim.harness.shim.spawn(request('b', 'true'))).rejects.toMatchObject({ step: 'shim' })
  })
})
