// The next daemon process continues a journal correctly, no matter at which step the previous process was killed.

import {
  appendFileSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { JournalReader } from '../../../runtime/log/journal.ts'
import { LineSplitter } from '../../../runtime/log/lines.ts'
import { RotatingFile } from '../../../runtime/log/rotating-file.ts'
import { AnsiStripper } from '../../../runtime/log/strip-ansi.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { scratch } from '../../helpers/kahi.ts'

const START = 4096
const OUTPUT = 'one\ntwo\nthree\nfour\nun'
/** The output that the killed process had to write after `before`. */
const WHOLE = '>one\n>two\n>three\n>four\n'
const BEFORE = 'before\n'

interface Scene {
  readonly folder: string
  readonly log: string
  readonly journal: string
}

/** A journal with this output, and with a note about finished output or about a write. */
function scene(text: string, write: boolean, done = 0): Scene {
  const folder = scratch()
  const [log, journal] = [join(folder, 'p.log'), join(folder, 'journal')]
  writeFileSync(log, BEFORE)
  writeFileSync(journal, Buffer.concat([Buffer.alloc(START), Buffer.from(text)]))
  const end = START + text.lastIndexOf('\n') + 1
  const notes = write
    ? [START + done, end, statSync(log).ino, BEFORE.length, WHOLE.length]
    : [START + done, START + done, 0, 0, 0]
  const bytes = Buffer.alloc(40)
  for (const [index, number] of notes.entries()) bytes.writeDoubleLE(number, index * 8)
  const fd = openSync(journal, constants.O_WRONLY)
  writeSync(fd, bytes, 0, bytes.length, 0)
  closeSync(fd)
  return { folder, log, journal }
}

/** Reads the journal to its end as the next daemon process does. May end its last line. */
function takeOver({ log, journal }: Scene, isEnd = true): string {
  const file = new RotatingFile({ path: log, maxBytes: 0, backups: 3, report: () => {} })
  const lines = (region: Buffer): void => {
    const text = region.toString().slice(0, -1).replaceAll('\n', '\n>')
    reader.write(Buffer.from(`>${text}\n`), file)
  }
  const splitter = new LineSplitter({
    lines,
    piece: (bytes) => reader.write(Buffer.from(`${bytes.toString()}+\n`), file),
  })
  const reader: JournalReader = new JournalReader(openSync(journal, constants.O_RDWR), {
    clock: new FakeClock(),
    take: (chunk) => splitter.push(chunk),
    waiting: () => splitter.rest,
    file: () => file,
    collect: () => {},
    onBusy: () => {},
  })
  onTestFinished(() => {
    reader.close()
    file.close()
  })
  if (isEnd) {
    reader.drain()
    splitter.flush()
  }
  return readFileSync(log, 'utf8')
}

test('nothing was being written: what is done with is not written again', () => {
  expect(takeOver(scene(OUTPUT, false))).toBe(`${BEFORE}${WHOLE}>un\n`)
  expect(takeOver(scene(OUTPUT, false, 'one\ntwo\n'.length))).toBe(`${BEFORE}>three\n>four\n>un\n`)
})

test('a write that was cut anywhere is completed, with whole lines only and each once', () => {
  for (let written = 0; written <= WHOLE.length; written++) {
    const cut = scene(OUTPUT, true)
    appendFileSync(cut.log, WHOLE.slice(0, written))
    expect({ written, log: takeOver(cut) }).toEqual({ written, log: `${BEFORE}${WHOLE}>un\n` })
  }
})

test('a file that was rotated after the write is left alone', () => {
  const rotated = scene(OUTPUT, true)
  appendFileSync(rotated.log, WHOLE)
  renameSync(rotated.log, `${rotated.log}.1`)
  expect(takeOver(rotated)).toBe('>un\n')
  expect(readFileSync(`${rotated.log}.1`, 'utf8')).toBe(`${BEFORE}${WHOLE}`)
})

test('another death right after the recovery, or after each write, changes nothing', () => {
  const twice = scene(OUTPUT, true)
  appendFileSync(twice.log, WHOLE.slice(0, 12))
  takeOver(twice, false)
  takeOver(twice, false)
  expect(takeOver(twice)).toBe(`${BEFORE}${WHOLE}>un\n`)
  expect(takeOver(twice)).toBe(`${BEFORE}${WHOLE}>un\n`)
})

test('lines of any length, and none at the end', () => {
  const long = 'x'.repeat(200_000)
  const text = `a\n${long}\nb\n${'line\n'.repeat(50_000)}`
  const log = takeOver(scene(text, false)).slice(BEFORE.length)
  expect(log.replaceAll('+\n', '').replaceAll('>', '')).toBe(text)
})

/** Reads the journal of a log without a format, whose control sequences are removed. */
function takeOverRaw({ log, journal }: Scene): string {
  const file = new RotatingFile({ path: log, maxBytes: 0, backups: 3, report: () => {} })
  const stripper = new AnsiStripper()
  const reader: JournalReader = new JournalReader(openSync(journal, constants.O_RDWR), {
    clock: new FakeClock(),
    take: (chunk) => reader.write(stripper.strip(chunk), file),
    waiting: () => stripper.waiting,
    written: (output) => new AnsiStripper().strip(output),
    file: () => file,
    collect: () => {},
    onBusy: () => {},
  })
  reader.drain()
  reader.close()
  file.close()
  return readFileSync(log, 'utf8')
}

test('without a format a write that was cut anywhere is completed to the byte, and the rest follows', () => {
  const [first, rest] = ['one\ntw\u001B[1mo\u001B[0m\n', 'an unfinished \u001B[2Kline']
  for (let written = 0; written <= 'one\ntwo\n'.length; written++) {
    const cut = scene(first, true)
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE('one\ntwo\n'.length)
    const fd = openSync(cut.journal, constants.O_WRONLY)
    writeSync(fd, bytes, 0, bytes.length, 32)
    closeSync(fd)
    appendFileSync(cut.journal, rest)
    appendFileSync(cut.log, 'one\ntwo\n'.slice(0, written))
    expect({ written, log: takeOverRaw(cut) }).toEqual({ written, log: `${BEFORE}one\ntwo\nan unfinished line` })
  }
})
