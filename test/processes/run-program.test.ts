// runProgram with programs that do not end, write without end, or cannot be run.

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from '../../runtime/system/run-program.ts'
import { scratch } from '../helpers/kahi.ts'
import { isRunning } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

test('a program that ignores SIGTERM does not outlive the limit, nor does what it started', async () => {
  const folder = scratch()
  const pids = join(folder, 'pids')
  const script = `trap '' TERM; sleep 1000 & echo $$ $! > ${pids}; while :; do wait; done`
  const { code, stderr } = await runProgram(['/bin/sh', '-c', script], 1000)
  expect([code, stderr]).toEqual([-1, 'no end within 1 seconds'])
  const both = readFileSync(pids, 'utf8').trim().split(' ').map(Number)
  expect(both).toHaveLength(2)
  await eventually(() => expect(both.filter(isRunning)).toEqual([]))
})

test('a process that left the group and holds the output does not hold up the result', async () => {
  const file = join(scratch(), 'pid')
  const script = `setsid sh -c 'echo $$ > ${file}; exec sleep 1000' & while [ ! -s ${file} ]; do sleep 0.1; done; echo done`
  expect(await runProgram(['/bin/sh', '-c', script], 2000)).toMatchObject({ code: -1 })
  process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL')
})

test('a program that writes without end is ended', async () => {
  expect(await runProgram(['/bin/sh', '-c', 'exec yes'])).toEqual({
    code: -1,
    stdout: expect.any(String),
    stderr: 'more than 1048576 characters of output',
  })
})

test('what cannot be run is a result too: no program, a directory, a ring of links, a file as a directory', async () => {
  const folder = scratch()
  const [ring, text] = [join(folder, 'ring'), join(folder, 'text')]
  symlinkSync('ring', ring)
  writeFileSync(text, '')
  for (const [path, reason] of [
    [join(folder, 'none'), 'ENOENT'],
    [folder, 'EACCES'],
    [ring, 'ELOOP'],
    [join(text, 'below'), 'ENOTDIR'],
  ] as const)
    expect(await runProgram([path])).toEqual({ code: -1, stdout: '', stderr: expect.stringContaining(reason) })
})

test('output and exit code of a program that ends; it has no input', async () => {
  expect(await runProgram(['/bin/sh', '-c', 'cat; echo a; echo b >&2; exit 3'])).toEqual({
    code: 3,
    stdout: 'a\n',
    stderr: 'b\n',
  })
})
