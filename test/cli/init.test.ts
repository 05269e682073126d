// `kahi init`, seen through dist/kahi: what it writes is valid, and runs.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'

test('the short file has two programs, runs, and is never replaced without --force', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  expect(await kahi(['init'], { cwd: folder })).toMatchObject({ exitCode: 0, stderr: '' })
  expect(readFileSync(file, 'utf8').trim().split('\n').length).toBeLessThanOrEqual(15)
  expect(await kahi(['check', 'kahi.toml'], { cwd: folder })).toMatchObject({
    exitCode: 0,
    stdout: 'kahi.toml is valid: 2 processes (clock, web)\n',
    stderr: '',
  })
  expect(await kahi(['init'], { cwd: folder })).toMatchObject({ exitCode: 2 })
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${readFileSync(file, 'utf8')}`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('listening on port 8000')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('--full explains every key', async () => {
  const folder = scratch()
  expect((await kahi(['init', '--full'], { cwd: folder })).exitCode).toBe(0)
  expect((await kahi(['check', 'kahi.toml'], { cwd: folder })).stdout).toContain('2 processes (clock, reader)')
})

test('a Procfile becomes a program for each line', async () => {
  const folder = scratch()
  writeFileSync(
    join(folder, 'Procfile'),
    '# comment\nweb: sh serve.sh -p $PORT\nplain: sleep 1000\nboth: true && RAILS=1 sleep 1\nset: A=1 sleep 1\n',
  )
  const { stdout, exitCode } = await kahi(['init', '--from', 'Procfile', '--stdout'], { cwd: folder })
  expect({ exitCode, lines: stdout.match(/^command = .*$/gm) }).toEqual({
    exitCode: 0,
    lines: [
      'command = ["/bin/sh", "-c", "exec sh serve.sh -p $PORT"]',
      'command = ["sleep", "1000"]',
      'command = ["/bin/sh", "-c", "true && RAILS=1 sleep 1"]',
      'command = ["/bin/sh", "-c", "A=1 sleep 1"]',
    ],
  })
  writeFileSync(join(folder, 'Procfile'), 'web sleep\nworker: a\nworker: b\n')
  const wrong = await kahi(['init', '--from', 'Procfile'], { cwd: folder })
  expect(wrong).toMatchObject({
    exitCode: 2,
    stderr: 'Procfile:1:1: error: This line is not NAME: COMMAND\nProcfile:3:1: error: "worker" is defined twice\n',
  })
  expect(existsSync(join(folder, 'kahi.toml'))).toBe(false)
  expect((await kahi(['init', '--from', 'no-such'], { cwd: folder })).exitCode).toBe(2)
})
