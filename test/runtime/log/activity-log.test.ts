// The daemon's own log: exactly supervisord's lines, JSON with fields, levels, and the outputs for each level.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ActivityLog } from '../../../runtime/log/activity-log.ts'
import { openDaemonLogs } from '../../../runtime/log/open.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { temporaryDirectory } from '../../helpers/pipes.ts'
import { RecordedSink } from '../../helpers/recorder.ts'
import { config } from '../../helpers/settings.ts'

const NOON = Date.UTC(2026, 0, 2, 3, 4, 5, 67)
let directory: string

beforeEach(() => {
  vi.stubEnv('TZ', 'UTC')
  directory = temporaryDirectory()
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

function logTo(format: 'text' | 'json', level: 'info' | 'blather' = 'blather') {
  const sink = new RecordedSink()
  const log = new ActivityLog({ clock: new FakeClock(NOON), level, outputs: [{ sink, format }] })
  return { sink, log }
}

describe('lines', () => {
  test.each([
    ['critical', 'CRIT'],
    ['error', 'ERRO'],
    ['warn', 'WARN'],
    ['info', 'INFO'],
    ['debug', 'DEBG'],
    ['trace', 'TRAC'],
    ['blather', 'BLAT'],
  ] as const)('%s in text is %s', (level, word) => {
    const { sink, log } = logTo('text')
    log.log(level, 'hello', { process: 'web' })
    expect(sink.text).toBe(`2026-01-02 03:04:05,067 ${word} hello\n`)
  })

  test('JSON carries the facts', () => {
    const { sink, log } = logTo('json')
    log.log('warn', 'hello', { process: 'web', pid: 3 })
    expect(sink.text).toBe(
      '{"time":"2026-01-02T03:04:05.067Z","level":"warn","message":"hello","process":"web","pid":3}\n',
    )
  })

  test('below its level nothing is written', () => {
    const { sink, log } = logTo('text', 'info')
    log.log('debug', 'no')
    log.log('info', 'yes')
    expect(sink.text).toMatch(/^[^\n]* INFO yes\n$/)
  })
})

describe('opening', () => {
  const { supervisor } = config([])
  const options = { clock: new FakeClock(NOON), identity: 'kahi' }

  test('a file gets text, whatever stdout is', () => {
    const logfile = join(directory, 'd.log')
    const { log } = openDaemonLogs({ ...supervisor, logfile, silent: true }, options)
    log.log('info', 'hello')
    log.close()
    expect(readFileSync(logfile, 'utf8')).toBe('2026-01-02 03:04:05,067 INFO hello\n')
  })

  test('the format of the command line wins', () => {
    const logfile = join(directory, 'd.log')
    const { log } = openDaemonLogs({ ...supervisor, logfile, silent: true }, { ...options, format: 'json' })
    log.log('info', 'hello')
    log.reopen()
    expect(JSON.parse(readFileSync(logfile, 'utf8'))).toMatchObject({ message: 'hello' })
  })

  test('a log file that cannot be opened is reported', () => {
    const logfile = join(directory, 'gone', 'd.log')
    expect(() => openDaemonLogs({ ...supervisor, logfile }, options)).toThrow('ENOENT')
  })

  test('/dev/stdout is no file of its own, and silent is silent', () => {
    const { log } = openDaemonLogs({ ...supervisor, logfile: undefined, silent: true }, options)
    log.log('info', 'this must not appear in the output of the tests')
  })
})
