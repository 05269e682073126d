// `kahi ctl clear` and DELETE /api/v1/processes/{name}/log: logs become empty, rotated ones stay, the process keeps running.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

async function start() {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const program = (name: string): string =>
    `[programs.${name}]\ncommand = ["sh", "-c", "echo out; echo err >&2; exec sleep 999"]\nstartsecs = 0\n` +
    `stdout_logfile = "${folder}/${name}.out"\nstderr_logfile = "${folder}/${name}.err"\n`
  const group = '[groups.g]\nprograms = ["b", "c"]\n'
  writeFileSync(file, `[server.unix]\nfile = "${folder}/s"\n${program('a')}${program('b')}${program('c')}${group}`)
  await startReady(file)
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8')
  await eventually(() =>
    expect(['a', 'b', 'c'].map((name) => text(`${name}.out`) + text(`${name}.err`))).toEqual(
      Array(3).fill('out\nerr\n'),
    ),
  )
  writeFileSync(join(folder, 'a.out.1'), 'old\n')
  return { folder, text, ctl: (...args: string[]) => kahi(['ctl', '-c', file, ...args]) }
}

test('one process: both streams; rotated logs and others stay', async () => {
  const { folder, text, ctl } = await start()
  const before = (await ctl('pid', 'a')).stdout
  expect(await ctl('clear', 'a')).toMatchObject({ stdout: 'a: cleared\n', exitCode: 0 })
  expect([text('a.out'), text('a.err'), existsSync(join(folder, 'a.out.1')), text('b.out')]).toEqual([
    '',
    '',
    true,
    'out\n',
  ])
  expect((await ctl('pid', 'a')).stdout).toBe(before)
})

test('a group, all, and names that are none', async () => {
  const { text, ctl } = await start()
  expect(await ctl('clear', 'g:*', 'nix')).toMatchObject({
    stdout: 'g:b: cleared\ng:c: cleared\nnix: ERROR (no such process: nix)\n',
    exitCode: 1,
  })
  expect([text('b.out'), text('c.err'), text('a.out')]).toEqual(['', '', 'out\n'])
  expect(await ctl('clear', '--all')).toMatchObject({ stdout: 'a: cleared\ng:b: cleared\ng:c: cleared\n', exitCode: 0 })
  expect(text('a.out')).toBe('')
  expect((await ctl('clear')).exitCode).toBe(2)
})
