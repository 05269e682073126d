// Behaviour of the native helper only: it reaps orphans, its sudden end is reported, and kahi reports why it cannot be used. Also
// the choice between the helper and the fallback. Uses the build with sanitizers if there is one.

import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { openNativeShim } from '../../../runtime/shim/client/client.ts'
import { Connection } from '../../../runtime/shim/client/connection.ts'
import { encodeFields, encodeFrame } from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'
import { openShim } from '../../../runtime/shim/open.ts'
import { SpawnError } from '../../../runtime/shim/shim.ts'
import { buildNative } from '../../../tools/build-native.ts'
import { root } from '../../helpers/kahi.ts'
import { processState } from '../../helpers/processes.ts'
import { buildHelpers } from '../../helpers/build-native.ts'
import { Harness, open, request, temporaryDirectory } from './helpers.ts'
import { eventually } from '../../helpers/wait.ts'

process.env.ASAN_OPTIONS = 'detect_leaks=0'
const directory = temporaryDirectory()
const helpers = buildHelpers(directory.path)
const helper = helpers.sanitized ?? helpers.native
afterAll(() => directory.remove())

describe.runIf(helper !== undefined)('the native helper', () => {
  const path = helper as string

  test('300 double forks leave no zombie', async () => {
    const harness = await open(path)
    const script = 'i=0; while [ $i -lt 300 ]; do (sh -c "exit 3" &) ; i=$((i+1)); done'
    await harness.run(request('a', script))
    await harness.until(() => harness.orphans.length === 300)
    expect(harness.orphans.map(processState).filter((state) => state === 'Z')).toEqual([])
    await harness.close()
  })

  test('its sudden end is reported, and ends the services too', async () => {
    const harness = await open(path)
    const child = await harness.shim.spawn(request('a', 'exec sleep 60'))
    const parent = Number((await readStat(child.pid))[3])
    process.kill(parent, 'SIGKILL')
    await harness.until(() => harness.lostReason !== undefined)
    expect(harness.lostReason).toContain('it was killed by SIGKILL')
    await eventually(() => [undefined, 'Z'].includes(processState(child.pid)), 'the service is dead')
    await expect(harness.shim.spawn(request('b', 'true'))).rejects.toMatchObject({ step: 'shim' })
    await harness.close()
  })

  test('a process whose pipes cannot be opened is killed and never mentioned, and its slot is free again', async () => {
    const harness = await open(path)
    const pids: (number | undefined)[] = []
    vi.spyOn(Connection.prototype, 'openEnd').mockImplementationOnce(() => {
      throw new SpawnError('open', 'EMFILE')
    })
    await expect(harness.shim.spawn(request('a', 'exec sleep 60'))).rejects.toMatchObject({
      step: 'open',
      code: 'EMFILE',
    })
    while (pids.length === 0) {
      await harness.shim.spawn(request('a', 'exec sleep 60')).then(
        (child) => pids.push(child.pid, child.stdout, child.stderr),
        (error) => expect(error.step).toBe('slot'),
      )
    }
    expect(pids.every((number) => typeof number === 'number')).toBe(true)
    await harness.close()
  })

  test.each(['unix:448:-1:-1:5', 'unix:x:0:0:5:/a', 'tcp:5:80:no.address', 'tcp:5:80', 'udp:1:2:3', ':'])(
    'a socket %s makes no sense, and leaves nothing behind',
    async (listen) => {
      const harness = await open(path)
      const asked = request('a', 'exec sleep 60', { listen })
      await expect(harness.shim.spawn(asked)).rejects.toMatchObject({ step: 'listen', code: 'EINVAL' })
      expect((await harness.run(request('a', 'echo fine'))).out).toBe('fine\n')
      await harness.close()
    },
  )

  test('a failed start leaves its socket; a socket lives as long as a slot uses it', async () => {
    const harness = await open(path)
    const file = join(directory.path, 'listener.sock')
    const listen = `unix:${0o640}:-1:-1:5:${file}`
    const broken = request('a', 'true', { listen, file: '/nonexistent' })
    await expect(harness.shim.spawn(broken)).rejects.toMatchObject({ step: 'exec' })
    expect(existsSync(file)).toBe(false)
    const first = await harness.shim.spawn(request('a', 'exec sleep 60', { listen }))
    const second = await harness.shim.spawn(request('b', 'exec sleep 60', { listen }))
    for (const [child, isThere] of [
      [first, true],
      [second, false],
    ] as const) {
      await harness.shim.kill(child.pid, 9, 'process')
      await harness.ended(child.pid)
      expect(existsSync(file)).toBe(isThere)
    }
    await harness.close()
  })

  test('signals meant for the daemon process do not end it', async () => {
    const harness = await open(path)
    const child = await harness.shim.spawn(request('a', 'exec sleep 60'))
    const parent = Number((await readStat(child.pid))[3])
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)
      process.kill(parent, signal)
    expect(await harness.shim.kill(child.pid, 0, 'process')).toBe(true)
    await harness.close()
    expect(harness.lostReason).toBeUndefined()
  })

  test('with a working helper openShim takes it, whatever else is inherited', async () => {
    const shim = await openShim({ path, events: new Harness().events })
    expect([shim.kind, shim.limits]).toEqual(['native', []])
    await shim.close()
  })

  test('KAHI_SHIM=none and KAHI_SHIM=/path choose', async () => {
    const events = new Harness().events
    process.env.KAHI_SHIM = 'none'
    const none = await openShim({ path, events })
    process.env.KAHI_SHIM = path
    const other = await openShim({ path: '/no/such', events })
    delete process.env.KAHI_SHIM
    expect([none.kind, other.kind]).toEqual(['fallback', 'native'])
    await Promise.all([none.close(), other.close()])
  })
})

describe('a helper that cannot be used', () => {
  const program = (name: string, text: string, mode = 0o755) => {
    const file = join(directory.path, name)
    writeFileSync(file, text)
    chmodSync(file, mode)
    return file
  }
  const hello = Buffer.from(encodeFrame(OPCODES.hello, 0, encodeFields([['protocol', '9']]))).toString('base64')
  test.each([
    ['is missing', '/no/such/kahi-shim', /ENOENT/],
    ['may not be executed', program('plain', '#!/bin/sh\n', 0o644), /EACCES/],
    ['ends at once', program('ends', '#!/bin/sh\nexit 5\n'), /exit status 5/],
    ['is killed', program('dies', '#!/bin/sh\nkill -9 $$\n'), /killed by SIGKILL/],
    ['speaks another version', program('old', `#!/bin/sh\necho ${hello} | base64 -d >&3\nread x <&3\n`), /protocol 9/],
    [
      'sends invalid data',
      program('noise', '#!/bin/sh\nhead -c 100 /dev/urandom | tr "\\000" x >&3\nread x <&3\n'),
      /invalid data|protocol/,
    ],
  ])('that %s is refused with the reason, and openShim falls back', async (_sentence, path, reason) => {
    const { events } = new Harness()
    await expect(openNativeShim(path, events)).rejects.toThrow(reason)
    const shim = await openShim({ path, events })
    expect(shim.kind).toBe('fallback')
    expect(shim.limits[0]).toMatch(reason)
    await shim.close()
  })
})

test('without a compiler the build says so and leaves no stale helper', () => {
  const stale = join(directory.path, 'stale')
  writeFileSync(stale, 'old')
  expect(buildNative(root, 'kahi-shim', stale, { compilers: [['/no/such/cc']] })).toBeUndefined()
  expect(existsSync(stale)).toBe(false)
})

async function readStat(pid: number): Promise<string[]> {
  const { readFile } = await import('node:fs/promises')
  return (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')
}
