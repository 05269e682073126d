// Watched files while a new daemon process replaces the old one: no change is lost, whether it comes before, during or after.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../helpers/wait.ts'
import { end, shim, survivor } from './survivor.ts'

const READER = `[programs.p]
command = ["/bin/sh", "-c", "cat DIR/conf >>DIR/seen; exec sleep 1000"]
startsecs = 0
watch = { paths = ["DIR/conf"], debounce = 0.05 }
[programs.hup]
command = ["/bin/sh", "-c", "trap 'cat DIR/conf >>DIR/heard' HUP; : >DIR/up; while :; do sleep 0.05; done"]
startsecs = 0
watch = { paths = ["DIR/conf"], debounce = 0.05, action = "signal:HUP" }
`

describe.skipIf(!existsSync(shim))('watch (needs the native helper)', () => {
  async function setUp() {
    const run = await survivor(READER)
    const linesOf = (name: string) => {
      const file = join(run.folder, name)
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    }
    const write = (text: string) => writeFileSync(join(run.folder, 'conf'), `${text}\n`)
    const reaches = (text: string) =>
      eventually(() => expect([linesOf('seen').at(-1), linesOf('heard').at(-1)]).toEqual([text, text]))
    await eventually(() => existsSync(join(run.folder, 'up')))
    write('one')
    await reaches('one')
    return { run, linesOf, write, reaches }
  }

  test('kahi ctl upgrade: files are watched after it as before', async () => {
    const { run, linesOf, write, reaches } = await setUp()
    const { hup } = await run.status()
    expect((await run.ctl('upgrade')).stdout).toContain('2 processes kept\n')
    const starts = linesOf('seen').length
    write('two')
    await reaches('two')
    expect(linesOf('seen')).toHaveLength(starts + 1)
    expect((await run.status()).hup?.pid).toBe(hup?.pid)
    await end(run)
  })

  test('a change while no daemon process is there is noticed by the next one', async () => {
    const { run, write, reaches } = await setUp()
    process.kill(run.nodePid(), 'SIGKILL')
    write('two')
    await reaches('two')
    await run.crash()
    write('three')
    await reaches('three')
    await end(run)
  })
})
