// Log files on a real file system: rotation as in supervisord, targets that are not files, errors that must not end the daemon,
// AUTO names, and the files that the next start may delete.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAutoFile, removeStaleAutoFiles } from '../../../runtime/log/auto-file.ts'
import { readFileTail } from '../../../runtime/log/readable.ts'
import { RotatingFile } from '../../../runtime/log/rotating-file.ts'
import { temporaryDirectory } from '../../helpers/pipes.ts'

let directory: string
let problems: string[]

beforeEach(() => {
  directory = temporaryDirectory()
  problems = []
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

function open(name: string, maxBytes = 0, backups = 2): RotatingFile {
  return new RotatingFile({
    path: name.startsWith('/') ? name : join(directory, name),
    maxBytes,
    backups,
    report: (message) => problems.push(message),
  })
}

const content = (name: string): string => readFileSync(join(directory, name), 'utf8')
const write = (file: RotatingFile, text: string): void => file.write(Buffer.from(text))

describe('a rotating file', () => {
  test('appends to what is there', () => {
    writeFileSync(join(directory, 'a.log'), 'old\n')
    const file = open('a.log')
    write(file, 'new\n')
    file.close()
    expect(content('a.log')).toBe('old\nnew\n')
  })

  test('rotates after the chunk that reaches the limit, and existing content counts', () => {
    writeFileSync(join(directory, 'a.log'), '12345')
    const file = open('a.log', 10)
    for (const text of ['6789', '0abc', 'second round', 'third']) write(file, text)
    expect(readdirSync(directory).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2'])
    expect([content('a.log.2'), content('a.log.1'), content('a.log')]).toEqual([
      '1234567890abc',
      'second round',
      'third',
    ])
    write(file, '!!!!!')
    expect([content('a.log.2'), content('a.log.1'), content('a.log')]).toEqual(['second round', 'third!!!!!', ''])
  })

  test('without backups it is emptied', () => {
    const file = open('a.log', 4, 0)
    write(file, '12345')
    write(file, 'x')
    expect([content('a.log'), readdirSync(directory)]).toEqual(['x', ['a.log']])
  })

  test.each([0, -5])('a limit of %i never rotates', (maxBytes) => {
    const file = open('a.log', maxBytes)
    write(file, 'x'.repeat(100_000))
    expect(readdirSync(directory)).toEqual(['a.log'])
  })

  test('a file that someone else emptied is not rotated early', () => {
    const file = open('a.log', 10)
    write(file, '12345678')
    truncateSync(join(directory, 'a.log'))
    write(file, 'abcd')
    expect([content('a.log'), readdirSync(directory)]).toEqual(['abcd', ['a.log']])
  })

  test('reopen follows a file that was moved', () => {
    const file = open('a.log')
    write(file, 'one')
    renameSync(join(directory, 'a.log'), join(directory, 'moved'))
    write(file, ' two')
    file.reopen()
    write(file, 'three')
    expect([content('moved'), content('a.log')]).toEqual(['one two', 'three'])
  })

  test('a missing directory is an error for the caller', () => {
    expect(() => open('gone/a.log')).toThrow('ENOENT')
  })

  test('a file that cannot be opened again drops output until it can', () => {
    mkdirSync(join(directory, 'd'))
    const file = open('d/a.log')
    rmSync(join(directory, 'd'), { recursive: true })
    file.reopen()
    write(file, 'lost')
    expect(file.droppedBytes).toBe(4)
    mkdirSync(join(directory, 'd'))
    write(file, 'kept')
    expect(content('d/a.log')).toBe('kept')
    expect(problems).toEqual([
      `cannot open ${directory}/d/a.log: ENOENT`,
      `${directory}/d/a.log can be written again; 4 bytes were dropped`,
    ])
  })

  test('a full device is said once and ends nothing', () => {
    const file = open('/dev/full', 10)
    write(file, 'one')
    write(file, 'two')
    expect(file.droppedBytes).toBe(6)
    expect(problems).toEqual(['cannot write to /dev/full: ENOSPC; output is dropped'])
  })

  test('/dev/null with rotation is just /dev/null', () => {
    const file = open('/dev/null', 10)
    for (let count = 0; count < 5; count++) write(file, 'x'.repeat(100))
    expect([problems, file.droppedBytes]).toEqual([[], 0])
    expect(existsSync('/dev/null.1')).toBe(false)
  })

  test('a directory that forbids renaming keeps the log going', () => {
    const file = open('a.log', 4, 1)
    mkdirSync(join(directory, 'a.log.1'))
    write(file, '12345')
    write(file, 'x')
    expect(content('a.log')).toBe('12345x')
    expect(problems).toEqual([expect.stringMatching(/^cannot rotate .*: E/)])
  })
})

describe('the end of a file', () => {
  test('gives the last bytes', () => {
    writeFileSync(join(directory, 'a'), 'hello')
    expect(readFileTail(join(directory, 'a'), 3).toString()).toBe('llo')
    expect(readFileTail(join(directory, 'a'), 99).toString()).toBe('hello')
    expect(readFileTail(join(directory, 'a'), -1)).toHaveLength(0)
  })

  test('nothing for what is missing or no file', () => {
    for (const path of ['gone', 'fifo', '.']) expect(readFileTail(join(directory, path), 9)).toHaveLength(0)
  })
})

describe('AUTO files', () => {
  const parts = { name: 'web', stream: 'stdout', identifier: 'supervisor' } as const

  test('are empty, private and unique', () => {
    const paths = [createAutoFile({ ...parts, directory }), createAutoFile({ ...parts, directory })]
    expect(new Set(paths).size).toBe(2)
    for (const path of paths) {
      expect(path).toMatch(/\/web-stdout---supervisor-[a-z0-9_]{8}\.log$/)
      expect(statSync(path).mode & 0o777).toBe(0o600)
    }
  })

  test('of the same identifier are removed, and nothing else', () => {
    const stale = [
      'web-stdout---supervisor-abcd_123.log',
      'web-stderr---supervisor-abcd_123.log.10',
      'a-stdout---b-stdout---supervisor-abcd_123.log',
    ]
    const kept = [
      'notes---supervisor-important.logbook',
      'y---supervisor-abcd_123.log',
      'web-stdout---supervisor-abcd_123.log.gz',
      'web-stdout---supervisor-abcd_1234.log',
      'web-stdout---supervisor-ABCD_123.log',
      'web-stdout---other-abcd_123.log',
      '-stdout---supervisor-abcd_123.log',
    ]
    for (const name of [...stale, ...kept]) writeFileSync(join(directory, name), '')
    mkdirSync(join(directory, 'dir-stdout---supervisor-abcd_123.log'))
    symlinkSync('/etc/passwd', join(directory, 'link-stdout---supervisor-abcd_123.log'))
    const removed = removeStaleAutoFiles(directory, 'supervisor')
    expect(removed.sort()).toEqual(stale.map((name) => join(directory, name)).sort())
    expect(readdirSync(directory)).toHaveLength(kept.length + 2)
  })

  test('an identifier is no pattern, and a missing directory no trouble', () => {
    writeFileSync(join(directory, 'web-stdout---super-abcd_123.log'), '')
    expect(removeStaleAutoFiles(directory, 's.*r')).toEqual([])
    expect(removeStaleAutoFiles(join(directory, 'gone'), 'super')).toEqual([])
  })

  test('cannot be made where nothing can be written', () => {
    chmodSync(directory, 0o500)
    const gone = join(directory, 'gone')
    expect(() => createAutoFile({ ...parts, directory: gone })).toThrow('ENOENT')
  })
})
