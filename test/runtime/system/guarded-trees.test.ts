// Directories of another user: files are made, copied and removed only below these directories.

import {
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listenOnFile } from '../../../runtime/control/http/unix-socket.ts'
import { notifyListeners } from '../../../runtime/control/s6/fifodir.ts'
import { createAutoFile, removeStaleAutoFiles } from '../../../runtime/log/auto-file.ts'
import { compressRotated } from '../../../runtime/log/compress.ts'
import { writeGuarded } from '../../../runtime/system/guarded.ts'
import {
  copyGuarded,
  linkGuarded,
  makeDirectoriesGuarded,
  namesGuarded,
  removeGuarded,
} from '../../../runtime/system/guarded-trees.ts'

const OTHER = 12_345

let directory: string
const at = (...names: string[]): string => join(directory, ...names)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kahi-test-'))
  mkdirSync(at('theirs'))
  mkdirSync(at('ours'))
  writeFileSync(at('ours/file'), 'ours', { mode: 0o640 })
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('directories are made with those above them, and existing ones stay', () => {
  makeDirectoriesGuarded(at('a/b/c'), 0o700)
  makeDirectoriesGuarded(at('a/b'), 0o755)
  expect(statSync(at('a/b')).mode & 0o777).toBe(0o700)
  expect(() => makeDirectoriesGuarded(at('ours/file/x'))).toThrow('ENOTDIR')
})

test('a tree is copied with its modes and links, and removed without what its links lead to', () => {
  mkdirSync(at('from/sub'), { recursive: true, mode: 0o750 })
  writeFileSync(at('from/sub/file'), 'text', { mode: 0o710 })
  symlinkSync(at('ours'), at('from/link'))
  copyGuarded(at('from'), at('to'))
  expect(readFileSync(at('to/sub/file'), 'utf8')).toBe('text')
  expect(statSync(at('to/sub/file')).mode & 0o777).toBe(0o710)
  expect(readlinkSync(at('to/link'))).toBe(at('ours'))
  removeGuarded(at('to'))
  removeGuarded(at('to'))
  expect(existsSync(at('to'))).toBe(false)
  expect(readFileSync(at('ours/file'), 'utf8')).toBe('ours')
})

test('an event is written into the FIFO of a listener only, not into a file with such a name', () => {
  const name = `ftrig1:@${'0'.repeat(24)}:abcdef`
  mkdirSync(at('event'))
  linkSync(at('ours/file'), at('event', name))
  notifyListeners(at('event'), 'u')
  expect(readFileSync(at('ours/file'), 'utf8')).toBe('ours')
})

test('a link is replaced, a file is not', () => {
  linkGuarded('x', at('link'))
  linkGuarded('y', at('link'))
  linkGuarded('y', at('ours/file'))
  expect(readlinkSync(at('link'))).toBe('y')
  expect(readFileSync(at('ours/file'), 'utf8')).toBe('ours')
})

test('a rotated log that is too large is left alone, and the others are compressed', async () => {
  writeFileSync(at('out.log.2'), 'old')
  truncateSync(at('out.log.2'), 2 ** 40)
  writeFileSync(at('out.log.1'), 'new')
  const log = { path: at('out.log'), backups: 2, maxBytes: 1000 }
  await expect(compressRotated(log)).rejects.toThrow('is too large')
  expect(existsSync(at('out.log.1.gz'))).toBe(true)
  expect(existsSync(at('out.log.2.gz'))).toBe(false)
  expect(existsSync(at('out.log.gz.tmp'))).toBe(false)
})

describe.skipIf(process.getuid?.() !== 0)(
  'a directory that another user exchanged (skipped unless root runs it)',
  () => {
    beforeEach(() => {
      chownSync(at('theirs'), OTHER, OTHER)
      symlinkSync(at('ours'), at('theirs/dir'))
      lchownSync(at('theirs/dir'), OTHER, OTHER)
    })

    test.each<[string, () => unknown]>([
      ['make', () => makeDirectoriesGuarded(at('theirs/dir/new/deep'))],
      ['list', () => namesGuarded(at('theirs/dir'))],
      ['remove in', () => removeGuarded(at('theirs/dir/file'))],
      ['copy into', () => copyGuarded(at('ours/file'), at('theirs/dir/copy'))],
      ['link into', () => linkGuarded('x', at('theirs/dir/link'))],
      ['write', () => writeGuarded(at('theirs/dir/file'), 'x', 0o644)],
      [
        'log in',
        () => createAutoFile({ directory: at('theirs/dir'), name: 'web', stream: 'stdout', identifier: 'supervisor' }),
      ],
    ])('is not used to %s it', (_what, act) => {
      expect(act).toThrow('belongs to another user')
      expect(readFileSync(at('ours/file'), 'utf8')).toBe('ours')
      expect(namesGuarded(at('ours'))).toEqual(['file'])
    })

    test('is not listened in, and old logs are not removed there', async () => {
      const socket = { file: at('theirs/dir/s.sock'), chmod: 0o700, chown: { uid: -1, gid: -1 } }
      await expect(listenOnFile(createServer(), socket, () => {})).rejects.toThrow('Cannot open the socket')
      writeFileSync(at('ours/web-stdout---supervisor-abcdefgh.log'), '')
      expect(removeStaleAutoFiles(at('theirs/dir'), 'supervisor')).toEqual([])
      expect(removeStaleAutoFiles(at('ours'), 'supervisor')).toHaveLength(1)
    })

    test('removing it removes the link only', () => {
      removeGuarded(at('theirs'))
      expect(readFileSync(at('ours/file'), 'utf8')).toBe('ours')
      expect(existsSync(at('theirs'))).toBe(false)
    })

    test('a second name of a file of root is neither emptied nor written', () => {
      linkSync(at('ours/file'), at('theirs/second'))
      expect(() => writeGuarded(at('theirs/second'), 'x', 0o644)).toThrow('another user')
      expect(readFileSync(at('ours/file'), 'utf8')).toBe('ours')
    })
  },
)

test('a socket in a directory that others may write is bound, renamed and removed there', async () => {
  chownSync(at('theirs'), process.getuid?.() === 0 ? OTHER : -1, -1)
  const server = createServer()
  const remove = await listenOnFile(
    server,
    { file: at('theirs/s'), chmod: 0o700, chown: { uid: -1, gid: -1 } },
    () => {},
  )
  expect(namesGuarded(at('theirs'))).toEqual(['s'])
  remove()
  await new Promise((resolve) => server.close(resolve))
  expect(namesGuarded(at('theirs'))).toEqual([])
})
