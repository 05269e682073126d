// How dist/kahi handles the processes that programs start.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, type Daemon, kahi, scratch, startReady } from '../helpers/kahi.ts'
import { isRunning } from '../helpers/processes.ts'

/** A program with a child that ignores TERM; starts the daemon, gives the pid of the child. */
async function start(more: string, daemonKeys = ''): Promise<{ daemon: Daemon; child: number; file: string }> {
  const directory = scratch()
  const file = join(directory, 'kahi.toml')
  const deaf = `sh -c 'trap "" TERM; echo child $$$$; exec sleep 1000' &`
  const web = `[programs.web]\ncommand = ["/bin/sh", "-c", '''${deaf} exec sleep 1000''']\nstartsecs = 0\n${more}\n`
  writeFileSync(file, `[supervisor]\n${daemonKeys}\n[server.unix]\nfile = "${directory}/k.sock"\n${web}`)
  const daemon = await startReady(file)
  return { daemon, child: Number(/child (\d+)"/.exec(await daemon.line(/"message":"child \d+"/))?.[1]), file }
}

async function survivors(file: string): Promise<unknown> {
  const { stdout } = await kahi(['ctl', '-c', file, 'status', '--json'])
  return JSON.parse(stdout)[0].survivors
}

test.each(['stopasgroup = true', 'killasgroup = true'])('%s: ctl stop waits for the whole group', async (key) => {
  const { daemon, child, file } = await start(`${key}\nstopwaitsecs = 1`)
  expect(await kahi(['ctl', '-c', file, 'stop', 'web'])).toMatchObject({ stdout: 'web: stopped\n', exitCode: 0 })
  expect([isRunning(child), await survivors(file)]).toEqual([false, []])
  await daemon.line("killing what is left of the group of 'web'")
})

test('otherwise the process alone is stopped; processes that are left are named, and killed when the daemon ends', async () => {
  const { daemon, child, file } = await start('', 'kill_grace = 0.1')
  expect(await survivors(file)).toEqual([])
  expect(await kahi(['ctl', '-c', file, 'stop', 'web'])).toMatchObject({ stdout: 'web: stopped\n', exitCode: 0 })
  expect([isRunning(child), await survivors(file)]).toEqual([true, [child]])
  await daemon.line(`process ${child} of 'web' is still running after 'web' exited; stopasgroup = true stops them too`)
  daemon.signal('SIGTERM')
  const { exitCode, stdout } = await daemon.ended()
  expect(stdout).toContain(`killing process ${child} of 'web', left over from its group, with SIGKILL`)
  expect([exitCode, isRunning(child)]).toEqual([0, false])
})

test.skipIf(!hasHelper)('a survivor that ends is no longer shown (needs the native helper)', async () => {
  const { daemon, child, file } = await start('')
  await kahi(['ctl', '-c', file, 'stop', 'web'])
  process.kill(child, 'SIGKILL')
  await daemon.line(`reaped unknown pid ${child}`)
  expect(await survivors(file)).toEqual([])
})
