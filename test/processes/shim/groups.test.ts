// Groups that outlive their leaders, in the native helper. There may be many of them, and the kernel may give their numbers to other
// processes. The helper is built with watches of members, and without them, as on old kernels.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { fieldOf, type Field } from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'
import { buildForTest } from '../../helpers/build-native.ts'
import { scratch } from '../../helpers/kahi.ts'
import {
  afterName,
  inside,
  LEAVER,
  MOVER,
  namespace,
  noNamespace,
  reuse,
  strangerCommand,
  strangerState,
} from '../../helpers/pid-namespace.ts'
import { isRunning } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { open, request, temporaryDirectory } from './helpers.ts'
import { Wire } from './wire.ts'

const directory = temporaryDirectory()
afterAll(() => directory.remove())

function build(name: string, flags: readonly string[]): string | undefined {
  return buildForTest('kahi-shim', join(directory.path, name), { flags: ['-Werror', ...flags] })
}

const helpers = [
  { name: 'members are watched', path: build('watching', []) },
  { name: 'members are looked at before each signal', path: build('looking', ['-DMAX_ANCHOR_WATCHES=0']) },
]

test.skipIf(helpers[0]?.path === undefined)(
  '300 groups without leader take few descriptors of the helper',
  async () => {
    const harness = await open(helpers[0]?.path)
    const left: number[] = []
    const count = 300
    for (let index = 0; index < count; index++) {
      // The member has closed the pipe when its pid is read.
      const { out } = await harness.run(request('a', 'sleep 1000 >/dev/null 2>&1 & echo $!'))
      left.push(Number(out))
    }
    expect(left.filter(isRunning)).toHaveLength(count)
    const helper = afterName(`/proc/${left[0]}/stat`)[1]
    expect(readdirSync(`/proc/${helper}/fd`).length).toBeLessThan(160)
    const child = await harness.shim.spawn(request('b', 'exec sleep 1000'))
    expect(await harness.shim.kill(child.pid, 15, 'group')).toBe(true)
    expect(await harness.ended(child.pid)).toMatchObject({ signal: 15 })
    await harness.close()
    await eventually(() => expect(left.filter(isRunning)).toEqual([]))
  },
)

const missing = helpers.some(({ path }) => path === undefined) ? 'no C compiler' : noNamespace
if (missing !== undefined) console.warn(`numbers of groups that are given away again are not tested: ${missing}`)

describe.skipIf(missing !== undefined).each(helpers)('a number that was given away again: $name', ({ path = '' }) => {
  test.each([
    { stranger: 'leads a group', leads: true, asked: 'KILL' },
    { stranger: 'leads a group', leads: true, asked: 'QUIT' },
    { stranger: 'is in a group whose leader has ended', leads: false, asked: 'KILL' },
    { stranger: 'is in a group whose leader has ended', leads: false, asked: 'QUIT' },
  ])('a stranger that $stranger lives on after $asked', async ({ leads, asked }) => {
    const folder = scratch()
    execFileSync('mkfifo', [join(folder, 'go')])
    const init = await namespace()
    const wire = new Wire(path, inside(init))
    onTestFinished(() => void wire.socket.destroy())
    const group = await emptied(wire, LEAVER, folder)
    const state = await reuse(init, group, leads, folder)
    if (asked === 'KILL') {
      wire.send(OPCODES.kill, 2, killFields(group))
      expect(fieldOf(await wire.answer(2), 'step')).toBe('kill')
    }
    wire.send(OPCODES.quit, 3, [])
    await wire.gone
    expect(state()).toBe('S')
  })

  // The foreign process of these tests is a descendant of the helper too: it may belong to a service of another user.
  test.each([
    { member: 'has ended', program: LEAVER },
    { member: 'has left for a session of its own', program: MOVER },
  ])('a process of another service lives on when the last member $member', async ({ program }) => {
    const folder = scratch()
    execFileSync('mkfifo', [join(folder, 'go')])
    const init = await namespace()
    const wire = new Wire(path, inside(init))
    onTestFinished(() => void wire.socket.destroy())
    const group = await emptied(wire, program, folder)
    wire.send(OPCODES.spawn, 2, programFields('b', strangerCommand(group, false, folder)))
    await wire.answer(2)
    const state = await strangerState(init, group, folder)
    wire.send(OPCODES.kill, 3, killFields(group))
    expect(fieldOf(await wire.answer(3), 'step')).toBe('kill')
    expect(state()).toBe('S')
  })
})

/** Starts a service whose leader exits and leaves an empty group; gives the number of the group. */
async function emptied(wire: Wire, program: string, folder: string): Promise<string> {
  wire.send(OPCODES.spawn, 1, programFields('a', ['perl', '-e', program, folder]))
  const group = fieldOf(await wire.answer(1), 'pid') ?? ''
  await eventually(() => wire.frames.some(({ opcode }) => opcode === OPCODES.exited), 'the leader has ended')
  writeFileSync(join(folder, 'go'), 'go\n')
  await eventually(() => existsSync(join(folder, 'gone')), 'the last member has ended')
  return group
}

function programFields(id: string, words: readonly string[]): readonly Field[] {
  return [['id', id], ['file', '/usr/bin/perl'], ...words.map((word): Field => ['arg', word])]
}

function killFields(group: string): readonly Field[] {
  return [
    ['pid', group],
    ['signal', '9'],
    ['target', 'group'],
  ]
}
