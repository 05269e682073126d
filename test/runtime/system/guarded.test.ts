// Files in directories of another user: whatever that user puts there, kahi opens or changes no file elsewhere, nor its owner.

import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
} from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compressRotated } from '../../../runtime/log/compress.ts'
import { giveSocket, openGuarded, replaceGuarded } from '../../../runtime/system/guarded.ts'
import { writePidfile } from '../../../runtime/system/pidfile.ts'

const OTHER = 12_345
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT

let directory: string
let secret: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kahi-test-'))
  mkdirSync(join(directory, 'theirs'))
  mkdirSync(join(directory, 'ours'))
  secret = join(directory, 'ours/secret')
  writeFileSync(secret, 'secret', { mode: 0o600 })
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

/** A path in a directory of another user. */
function theirs(name: string): string {
  return join(directory, 'theirs', name)
}

function theirLink(target: string, name: string): void {
  symlinkSync(target, theirs(name))
  lchownSync(theirs(name), OTHER, OTHER)
}

const rotated = (name: string, backups: number) => ({ path: theirs(name), backups, maxBytes: 1000 })
const open = (path: string): void => closeSync(openGuarded(path, APPEND))
const untouched = (): unknown => {
  const { uid, mode } = statSync(secret)
  return { text: readFileSync(secret, 'utf8'), uid, mode: mode & 0o777 }
}
const UNTOUCHED = { text: 'secret', uid: 0, mode: 0o600 }

describe.skipIf(process.getuid?.() !== 0)('what another user made (skipped unless root runs it)', () => {
  beforeEach(() => chownSync(join(directory, 'theirs'), OTHER, OTHER))

  test('a link to a file is not followed', () => {
    theirLink(secret, 'out.log')
    expect(() => open(theirs('out.log'))).toThrow('belongs to another user (uid 12345)')
  })

  test('a link to a directory is not followed', () => {
    theirLink(join(directory, 'ours'), 'logs')
    expect(() => open(theirs('logs/new'))).toThrow('belongs to another user')
    expect(() => statSync(join(directory, 'ours/new'))).toThrow('ENOENT')
  })

  test('a second name of a file of root is not opened', () => {
    linkSync(secret, theirs('out.log'))
    expect(() => open(theirs('out.log'))).toThrow('belongs to another user (uid 0)')
  })

  test('a link of root is followed, and so are those of the kernel', () => {
    symlinkSync(join(directory, 'ours/log'), theirs('out.log'))
    open(theirs('out.log'))
    expect(statSync(join(directory, 'ours/log')).size).toBe(0)
    symlinkSync('/dev/null', theirs('null'))
    open(theirs('null'))
    const fd = openSync('/dev/null', 'a')
    open(`/proc/self/fd/${fd}`)
    closeSync(fd)
  })

  test('a file of their own is opened', () => {
    writeFileSync(theirs('out.log'), 'theirs')
    chownSync(theirs('out.log'), OTHER, OTHER)
    open(theirs('out.log'))
  })

  test('compression does not write through a link, nor read one', async () => {
    theirLink(secret, 'out.log.gz.tmp')
    writeFileSync(theirs('out.log.1'), 'old')
    chownSync(theirs('out.log.1'), OTHER, OTHER)
    theirLink(secret, 'out.log.2')
    await compressRotated(rotated('out.log', 2))
    expect(untouched()).toEqual(UNTOUCHED)
    expect(statSync(theirs('out.log.1.gz'))).toMatchObject({ uid: OTHER })
    expect(() => statSync(theirs('out.log.2.gz'))).toThrow('ENOENT')
  })

  test('a directory in place of the unfinished file is left alone: what is in it could be exchanged', async () => {
    mkdirSync(theirs('out.log.gz.tmp'))
    symlinkSync(join(directory, 'ours'), theirs('out.log.gz.tmp/ours'))
    writeFileSync(theirs('out.log.1'), 'old')
    await expect(compressRotated(rotated('out.log', 2))).rejects.toThrow('EEXIST')
    expect(untouched()).toEqual(UNTOUCHED)
    expect(readdirSync(theirs('out.log.gz.tmp'))).toEqual(['ours'])
  })

  test('a file of root under a second name is not compressed for them', async () => {
    linkSync(secret, theirs('out.log.1'))
    await expect(compressRotated(rotated('out.log', 1))).rejects.toThrow('has other names')
    expect(() => statSync(theirs('out.log.1.gz'))).toThrow('ENOENT')
  })

  test('a control socket that was exchanged is not given away, and neither its mode nor its owner reaches another file', async () => {
    const server = createServer().listen(theirs('s.sock'))
    await once(server, 'listening')
    giveSocket(theirs('s.sock'), 0o660, { uid: OTHER, gid: OTHER })
    const { uid, mode } = statSync(theirs('s.sock'))
    expect([uid, mode & 0o777]).toEqual([OTHER, 0o660])
    theirLink(secret, 'link')
    linkSync(secret, theirs('hard'))
    linkSync(theirs('s.sock'), theirs('second'))
    for (const name of ['link', 'hard', 's.sock'])
      expect(() => giveSocket(theirs(name), 0o666, { uid: OTHER, gid: OTHER })).toThrow()
    expect(untouched()).toEqual(UNTOUCHED)
    await new Promise((resolve) => server.close(resolve))
  })

  test('a pidfile is written beside its place, not through a link that waits there', () => {
    theirLink(secret, `pid.${process.pid}`)
    expect(writePidfile(theirs('pid'), process.pid).error).toBeUndefined()
    expect(readFileSync(theirs('pid'), 'utf8')).toBe(`${process.pid}\n`)
    expect(untouched()).toEqual(UNTOUCHED)
  })

  test('a file is replaced, not written through', () => {
    theirLink(secret, 'status')
    theirLink(secret, 'status.new')
    replaceGuarded(theirs('status'), 'new', 0o644)
    expect(readFileSync(theirs('status'), 'utf8')).toBe('new')
    expect(untouched()).toEqual(UNTOUCHED)
  })
})

test('a pidfile that cannot be written again, after a crash on a full disk, is removed at the end if it is ours', () => {
  const place = (pid: number) => join(directory, `ours/${pid}.pid`)
  for (const [written, own] of [
    [7, 7],
    [8, 9],
  ] as const) {
    writeFileSync(place(written), `${written}\n`)
    mkdirSync(`${place(written)}.${own}/stands/here`, { recursive: true })
    const { error, remove } = writePidfile(place(written), own)
    expect(error).toBeDefined()
    remove()
  }
  expect(readdirSync(join(directory, 'ours')).filter((name) => name.endsWith('.pid'))).toEqual(['8.pid'])
})

test('a directory that a group may write is walked, not refused', () => {
  chmodSync(join(directory, 'theirs'), 0o777)
  open(theirs('../theirs/a.log'))
  expect(statSync(theirs('a.log')).size).toBe(0)
})
