// Starts by each parent of services: arguments, directory, rights, limits, users, and starts that fail.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SpawnError } from '../../../runtime/shim/shim.ts'

import { closeSync, request } from './helpers.ts'

import { everyShim, isRoot, nobody } from './every-shim.ts'

everyShim((shim) => {
  test.each([0, 1, 127, 255])('exit status %i is reported', async (code) => {
    const { status } = await shim.harness.run(request('a', `exit ${code}`))
    expect(status).toEqual({ code, signal: undefined, coreDumped: false })
  })

  test('death by a signal is reported', async () => {
    const { status } = await shim.harness.run(request('a', 'kill -TERM $$'))
    expect(status).toEqual({ code: undefined, signal: 15, coreDumped: false })
  })

  test.runIf(shim.isNative)('death by a real-time signal is reported', async () => {
    const { status } = await shim.harness.run(request('a', 'kill -40 $$'))
    expect(status.signal).toBe(40)
  })

  test('arguments and environment arrive as they are, nothing is added', async () => {
    const argv = ['other name', '-c', 'printf "%s|" "$0" "$@"; tr "\\0" "|" < /proc/self/environ', 'a b', '', '$(x)\n"']
    const { out } = await shim.harness.run(
      request('a', '', { argv, environment: { A: 'b=c\nd', PATH: '/usr/bin:/bin' } }),
    )
    const added = process.env.NODE_V8_COVERAGE
    expect(out.replace(`NODE_V8_COVERAGE=${added}|`, '')).toBe('a b||$(x)\n"|A=b=c\nd|PATH=/usr/bin:/bin|')
  })

  test('the directory and the umask are set, and only there', async () => {
    const before = process.umask()
    const { out } = await shim.harness.run(request('a', 'pwd; umask', { directory: '/usr', umask: 0o137 }))
    expect(out).toBe('/usr\n0137\n')
    expect(process.umask()).toBe(before)
  })

  test('a relative program is looked for in the directory', async () => {
    const { out } = await shim.harness.run(request('a', 'echo here', { directory: '/bin', file: 'sh' }))
    expect(out).toBe('here\n')
  })

  test.runIf(shim.isNative)('limits and rights are set, and what cannot be set is named', async () => {
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
    const { out } = await shim.harness.run(request('a', script, { attributes }))
    expect(out).toBe('3 900 20 30\nNoNewPrivs:\t1\n')
    const bad = { ...attributes, capabilities: [62] }
    await expect(shim.harness.shim.spawn(request('a', 'true', { attributes: bad }))).rejects.toMatchObject({
      step: 'capability',
    })
    const low = { ...attributes, resources: { nofile: { soft: 1, hard: 1 } } }
    expect((await shim.harness.run(request('a', 'exit 3', { attributes: low }))).status.code).not.toBe(0)
  })

  test.runIf(!shim.isNative)('limits and rights are refused where they cannot be given', async () => {
    const attributes = {
      nice: 5,
      oomScoreAdj: undefined,
      resources: {},
      group: undefined,
      capabilities: undefined,
      noNewPrivs: false,
      deathSignal: undefined,
    }
    const refused = shim.harness.shim.spawn(request('a', 'true', { attributes }))
    await expect(refused).rejects.toMatchObject({ step: 'attributes', code: 'ENOTSUP' })
    expect(shim.harness.shim.limits.join()).toContain('Programs with nice, oom_score_adj, limits')
  })

  test.each(['process-group', 'session'] as const)('it leads its own %s', async (isolation) => {
    const { out, child } = await shim.harness.run(request('a', 'cut -d" " -f5,6 /proc/$$/stat', { isolation }))
    const [group, session] = out.trim().split(' ').map(Number)
    expect(group).toBe(child.pid)
    expect(session === child.pid).toBe(isolation === 'session' || !shim.isNative)
  })

  test('signals are neither blocked nor ignored', async () => {
    const { out } = await shim.harness.run(request('a', 'grep -E "^Sig(Blk|Ign)" /proc/self/status'))
    expect(out.match(/\w+$/gm)).toEqual(['0000000000000000', '0000000000000000'])
  })

  test('only descriptors 0, 1 and 2 are open', async () => {
    const { out, child } = await shim.harness.run(request('a', 'ls /proc/$$/fd', { stdin: 'pipe' }))
    const inherited = execFileSync('/bin/sh', ['-c', 'ls /proc/$$/fd'], { encoding: 'utf8' })
    expect(out).toBe(shim.isNative ? '0\n1\n2\n' : inherited)
    closeSync(child.stdin as number)
  })

  describe('a start that fails says where and why, and leaves nothing', () => {
    const file = (name: string, text: string, mode: number) => {
      const name_ = join(shim.directory, name)
      writeFileSync(name_, text)
      chmodSync(name_, mode)
      return name_
    }
    mkdirSync(join(shim.directory, 'folder'), { recursive: true })
    const badUser = { uid: 0xffffffff, gid: 65534, groups: [] }
    const rows = [
      ['a missing program', { file: '/no/such' }, 'exec', 'ENOENT'],
      ['a program that may not be executed', { file: file('plain', '#!/bin/sh\n', 0o644) }, 'exec', 'EACCES'],
      ['a directory as program', { file: join(shim.directory, 'folder') }, 'exec', 'EACCES'],
      ['a program in no known format', { file: file('text', 'echo hello\n', 0o755) }, 'exec', 'ENOEXEC'],
      ['a script without interpreter', { file: file('bad', '#!/no/such\n', 0o755) }, 'exec', 'ENOENT'],
      ['a missing directory', { directory: '/no/such' }, 'chdir', 'ENOENT'],
      ['a file as directory', { directory: '/etc/passwd' }, 'chdir', 'ENOTDIR'],
      ['a NUL in an argument', { argv: ['sh', 'a\0b'] }, 'request', 'EINVAL'],
      ['no argument at all', { argv: [] }, 'request', 'EINVAL'],
      ...(isRoot ? [['a bad user', { user: badUser }, 'setuid', 'EINVAL'] as const] : []),
    ] as const
    test.each(rows)('%s', async (_sentence, more, step, code) => {
      const failure = shim.harness.shim.spawn(request('a', 'true', more))
      await expect(failure).rejects.toBeInstanceOf(SpawnError)
      await expect(failure).rejects.toMatchObject({ step, code })
      const { out } = await shim.harness.run(request('a', 'echo again'))
      expect(out).toBe('again\n')
    })
  })

  describe.runIf(isRoot)('another user', () => {
    test('gets its ids', async () => {
      const { out } = await shim.harness.run(request('a', 'id -u; id -g; id -G', { user: nobody }))
      const [uid, gid, groups] = out.split('\n')
      expect([uid, gid]).toEqual(['65534', '65534'])
      expect(groups?.split(' ').sort()).toEqual(shim.isNative ? ['12', '34', '65534'] : ['65534'])
    })

    test('may open /dev/stdin, /dev/stdout and /dev/stderr', async () => {
      const script = 'echo 1 > /dev/stdout; echo 2 > /dev/stderr; read x < /dev/stdin; echo "$x"'
      const asked = request('a', script, { user: nobody, stdin: 'pipe', stderr: 'stdout' })
      const child = await shim.harness.shim.spawn(asked)
      writeSync(child.stdin as number, 'hello\n')
      closeSync(child.stdin as number)
      await shim.harness.read(child.stdout).has('1\n2\nhello\n')
    })

    test('that we already are changes nothing', async () => {
      const { out } = await shim.harness.run(request('a', 'id -G', { user: { uid: 0, gid: 0, groups: [0, 12] } }))
      expect(out.trim().split(' ')).toEqual((process.getgroups?.() ?? []).map(String))
    })
  })

  test('a hundred at once all start and end', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `many:${index}`)
    const children = await Promise.all(
      ids.map((id) => shim.harness.shim.spawn(request(id, 'exit 7', { stdin: 'pipe' }))),
    )
    const ends = await Promise.all(children.map((child) => shim.harness.ended(child.pid)))
    expect(ends.every((end) => end.code === 7)).toBe(true)
    for (const fd of children.flatMap((child) => [child.stdin, child.stdout, child.stderr])) closeSync(fd as number)
  })
})
