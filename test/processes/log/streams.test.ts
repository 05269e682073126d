// The way of output from a pipe to the logs: real pipes, ring buffers, the daemon's own stdout with a reader that stops reading
// or closes it, control sequences that are split between two chunks, and the whole stream of a process.

import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogFile } from '../../../config/model/output.ts'
import { PipeReader } from '../../../runtime/log/pipe.ts'
import { RingBuffer } from '../../../runtime/log/ring-buffer.ts'
import { openStandardStream } from '../../../runtime/log/stdout.ts'
import { ProcessStream } from '../../../runtime/log/stream-log.ts'
import { AnsiStripper } from '../../../runtime/log/strip-ansi.ts'
import { systemClock } from '../../../runtime/system/clock.ts'
import { settle } from '../../helpers/fake-clock.ts'
import { openPipe, readAvailable, temporaryDirectory } from '../../helpers/pipes.ts'
import { RecordedSink } from '../../helpers/recorder.ts'
import { NO_STREAM } from '../../helpers/settings.ts'
import { eventually } from '../../helpers/wait.ts'

describe('a pipe reader', () => {
  test('hands over what comes, and the rest when it is drained', async () => {
    const { read, write } = openPipe()
    let text = ''
    const told = new EventTarget()
    const reader = new PipeReader(
      read,
      (chunk) => {
        text += chunk.toString()
        told.dispatchEvent(new Event('chunk'))
      },
      { clock: systemClock() },
    )
    const got = once(told, 'chunk')
    writeSync(write, 'one ')
    await got
    writeSync(write, 'two')
    reader.drain()
    expect(text).toBe('one two')
    reader.close()
    reader.drain()
    closeSync(write)
  })

  test('leaves everything in the pipe during a pause', async () => {
    const [paused, other] = [openPipe(), openPipe()]
    const texts = { paused: '', other: '' }
    const read = (fd: number, name: keyof typeof texts) =>
      new PipeReader(fd, (chunk) => void (texts[name] += chunk.toString()), { clock: systemClock() })
    const readers = { paused: read(paused.read, 'paused'), other: read(other.read, 'other') }
    readers.paused.pause()
    writeSync(paused.write, 'later')
    for (const text of ['one ', 'two ']) {
      writeSync(other.write, text)
      await eventually(() => texts.other.endsWith(text))
    }
    expect(texts.paused).toBe('')
    readers.paused.resume()
    await eventually(() => texts.paused === 'later')
    for (const reader of Object.values(readers)) reader.close()
    for (const { write } of [paused, other]) closeSync(write)
  })

  test('many readers share one buffer without mixing', async () => {
    const pipes = Array.from({ length: 20 }, openPipe)
    const texts = pipes.map(() => '')
    const readers = pipes.map(
      ({ read }, index) =>
        new PipeReader(
          read,
          (chunk) => {
            texts[index] += chunk.toString()
          },
          { clock: systemClock() },
        ),
    )
    for (let round = 0; round < 5; round++) {
      for (const [index, { write }] of pipes.entries()) writeSync(write, `${index};`)
      await settle()
    }
    for (const reader of readers) reader.drain()
    expect(texts).toEqual(pipes.map((_, index) => `${index};`.repeat(5)))
    for (const reader of readers) reader.close()
    for (const { write } of pipes) closeSync(write)
  })
})

describe('a ring buffer', () => {
  test('keeps the last bytes of any sequence of writes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 }), fc.nat(5000), (chunks, count) => {
        const ring = new RingBuffer(4096)
        const all = Buffer.concat(chunks)
        for (const chunk of chunks) ring.write(Buffer.from(chunk))
        const kept = Math.min(count, 4096, all.length)
        expect(ring.tail(count).equals(all.subarray(all.length - kept))).toBe(true)
      }),
    )
  })
})

describe('taking sequences out', () => {
  test.each([
    ['colours', '\x1b[31mred\x1b[0m', 'red'],
    ['any final byte', '\x1b[5Ghello', 'hello'],
    ['parameters and intermediates', 'a\x1b[?25 qb', 'ab'],
    ['other escapes stay', 'a\x1b]0;title\x07b\x1b(B', 'a\x1b]0;title\x07b\x1b(B'],
    ['an escape before an escape', '\x1b\x1b[1mx', '\x1bx'],
    ['a line feed ends what is no sequence', '\x1b[12\nx', '\x1b[12\nx'],
  ])('%s', (_, text, stripped) => {
    expect(new AnsiStripper().strip(Buffer.from(text)).toString()).toBe(stripped)
  })

  test('however it is cut', () => {
    const text = 'x\x1b[1;31mred\x1b[0m \x1b[2Kdone'
    for (let cut = 0; cut <= text.length; cut++) {
      const stripper = new AnsiStripper()
      const parts = [text.slice(0, cut), text.slice(cut)].map((part) => stripper.strip(Buffer.from(part)).toString())
      expect(parts.join('')).toBe('xred done')
    }
  })
})

describe("the daemon's own stdout", () => {
  function stream(queueLimitBytes: number) {
    const pipe = openPipe()
    const problems: string[] = []
    const report = (message: string): void => void problems.push(message)
    const output = openStandardStream({ fd: pipe.write, clock: systemClock(), report, queueLimitBytes })
    return { ...pipe, problems, output }
  }

  test('arrives in order', async () => {
    const { read, output } = stream(1000)
    output.write(Buffer.from('one '))
    output.write(Buffer.from('two'))
    await output.flush(1000)
    expect(readAvailable(read).toString()).toBe('one two')
    expect(output.isTerminal).toBe(false)
  })

  test('a reader that stalls costs output, not time, and the loss is reported when it is back', async () => {
    const { read, output, problems } = stream(200_000)
    for (let count = 0; count < 50; count++) output.write(Buffer.alloc(10_000, 'x'))
    expect(output.droppedBytes).toBeGreaterThan(200_000)
    let arrived = 0
    while (arrived + output.droppedBytes < 500_000) {
      arrived += readAvailable(read).length
      await settle()
    }
    await output.flush(1000)
    const dropped = output.droppedBytes
    expect(problems).toEqual([`standard output did not accept output for a while: ${dropped} bytes were dropped`])
    output.write(Buffer.from('back'))
    await output.flush(1000)
    expect(readAvailable(read).toString()).toBe('back')
  })

  test('a reader that leaves is reported once', async () => {
    const { read, output, problems } = stream(1_000_000)
    output.write(Buffer.alloc(500_000))
    closeSync(read)
    await output.flush(10_000)
    output.write(Buffer.from('x'))
    expect(problems).toEqual(['standard output cannot be written any more: EPIPE; output to it is dropped'])
  })

  test('flush gives up after its limit', async () => {
    const { output } = stream(1_000_000)
    output.write(Buffer.alloc(500_000))
    await output.flush(20)
    expect(output.droppedBytes).toBe(0)
  })

  test('a file is written at once', () => {
    const directory = temporaryDirectory()
    const fd = openSync(join(directory, 'out'), 'a')
    const output = openStandardStream({ fd, clock: systemClock(), report: () => {} })
    output.write(Buffer.from('now'))
    expect(readFileSync(join(directory, 'out'), 'utf8')).toBe('now')
    rmSync(directory, { recursive: true })
  })
})

describe('the stream of a process', () => {
  let directory: string
  const stdout = new RecordedSink()
  const stderr = new RecordedSink()

  beforeEach(() => {
    directory = temporaryDirectory()
    stdout.text = ''
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  function open(logfile: LogFile, stripAnsi = false) {
    const createAutoFile = (): string => join(directory, 'auto.log')
    const settings = { ...NO_STREAM, logfile, logfile_maxbytes: 10 }
    const clock = systemClock()
    const enlargePipe = () => Promise.reject(new Error('not here'))
    const report = () => {}
    const stream = new ProcessStream({
      settings,
      stripAnsi,
      stdout,
      stderr,
      collect: () => {},
      createAutoFile,
      clock,
      enlargePipe,
      report,
      program: 'web',
      stream: 'stdout',
      format: 'raw',
      ringBytes: 1024,
      onOutput: () => {},
      onCaptured: () => {},
    })
    const pipe = openPipe()
    stream.open()
    stream.attach(pipe.read)
    const say = (text: string): void => {
      writeSync(pipe.write, text)
      stream.drain()
    }
    return { stream, say }
  }

  test('to a file: tail reads it back, followers hear over a rotation', () => {
    const { stream, say } = open({ kind: 'file', path: join(directory, 'a.log') })
    const heard: string[] = []
    const stop = stream.follow((chunk) => heard.push(chunk.toString()))
    say('0123456789abc')
    say('new')
    expect(heard.join('')).toBe('0123456789abcnew')
    expect(stream.tail(100).toString()).toBe('new')
    stop()
    say('!')
    expect(heard).toHaveLength(2)
    expect(stream.path).toBe(join(directory, 'a.log'))
    stream.close()
  })

  test("to the daemon's stdout: tail reads the ring buffer", () => {
    const { stream, say } = open({ kind: 'stdout', path: '/dev/stdout' }, true)
    say('\x1b[1mhello\x1b[0m')
    expect([stdout.text, stream.tail(3).toString(), stream.path]).toEqual(['hello', 'llo', '/dev/stdout'])
    stream.close()
  })

  test('AUTO gets its name before the first start', () => {
    const { stream, say } = open({ kind: 'auto' })
    say('x')
    expect(readFileSync(stream.path, 'utf8')).toBe('x')
    stream.close()
  })

  test('nowhere: nothing is kept', () => {
    const { stream, say } = open({ kind: 'none' })
    say('x')
    expect([stream.captured, stream.path, stream.tail(9).length]).toEqual([false, '', 0])
    stream.close()
  })

  test('a log file is opened anew at each start and on request', () => {
    const path = join(directory, 'a.log')
    const { stream, say } = open({ kind: 'file', path })
    rmSync(path)
    stream.open()
    say('one')
    expect(readFileSync(path, 'utf8')).toBe('one')
    rmSync(path)
    stream.reopen()
    say('two')
    expect(readFileSync(path, 'utf8')).toBe('two')
    stream.close()
  })
})
