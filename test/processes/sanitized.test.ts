// The helper, built with sanitizers: it gets random and changed frames, and runs as child and as parent of a daemon. Wrong uses
// of memory and undefined behaviour fail the test. test/processes/shim runs its tests with such a build too.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { pieces, tryPieces } from '../../fuzz/targets/helper.ts'
import { buildSanitized } from '../helpers/sanitizers.ts'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually, withinLimit } from '../helpers/wait.ts'

const SEED = 1
const STREAMS = 600

const built = buildSanitized({ helper: true })
const helper = built.helper ?? ''
afterAll(() => built.remove())
afterEach(() => expect(built.takeReports()).toEqual([]))

if (built.helper === undefined) console.log('the helper is not run with sanitizers: no C compiler here has them')

describe.skipIf(built.helper === undefined)('with sanitizers', () => {
  test(`${STREAMS} streams of random and changed frames`, async () => {
    const property = fc.asyncProperty(pieces, async (sent) => {
      await withinLimit(tryPieces(helper, sent), () => `the helper answers and ends: ${JSON.stringify(sent)}`)
    })
    await fc.assert(property, { seed: SEED, numRuns: STREAMS, endOnFailure: true })
  })

  test.each([
    ['below the daemon process', []],
    ['above the daemon process', ['--survive']],
  ])('a daemon starts, restarts, stops, reloads and shuts down with the helper %s', async (_, options) => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const env = { KAHI_SHIM: helper }
    const programs = (more: string) => `
      [server.unix]
      file = "kahi.sock"
      [programs.web]
      command = ["/bin/sh", "-c", "trap 'exit 0' TERM; echo up; (sleep 1000 &); while :; do sleep 0.1; done"]
      stdout_logfile = "${folder}/web.log"
      [programs.job]
      command = "sh -c 'cat >/dev/null; exit 3'"
      restart = { delay = 0.05, factor = 1 }
      ${more}`
    writeFileSync(file, programs(''))
    const daemon = startDaemon(['daemon', '-c', file, ...options], { env, cwd: folder })
    await daemon.line('kahi started with pid')
    const ctl = async (...words: string[]) => {
      const result = await kahi(['ctl', '-c', file, ...words], { cwd: folder })
      expect({ words, ...result }).toMatchObject({ exitCode: 0 })
      return result.stdout
    }
    await ctl('restart', 'web')
    await ctl('stop', 'web')
    await ctl('start', 'web')
    await ctl('signal', 'USR1', 'web')
    writeFileSync(file, programs('[programs.more]\ncommand = "sleep 1000"'))
    await ctl('apply')
    expect(await ctl('status')).toContain('more')
    await eventually(
      () => existsSync(join(folder, 'web.log')) && readFileSync(join(folder, 'web.log'), 'utf8').includes('up'),
      'web has written',
    )
    daemon.signal('SIGTERM')
    expect((await daemon.ended()).exitCode).toBe(0)
  })
})
