// The archives of a release: the same tree gives the same bytes, and the usual tools can read them.
// test/image/release.test.ts runs `npm run release` as a whole.

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { debOf } from '../../tools/release/deb.ts'
import { manualPages } from '../../tools/release/man.ts'
import { layoutOf } from '../../tools/release/oci.ts'
import { gzip } from '../../tools/release/gzip.ts'
import { type Entry, tarOf, type Tree } from '../../tools/release/tree.ts'
import { scratch } from '../helpers/kahi.ts'

const SECONDS = 1_700_000_000
const LONG = `opt/${'long/'.repeat(40)}name`
const rows: [string, Entry][] = [
  ['usr/bin/kahi', { link: '../lib/kahi/kahi' }],
  ['usr/lib/kahi/kahi', { content: '#!/bin/sh\necho kahi\n', mode: 0o755 }],
  [LONG, { content: 'é', mode: 0o644 }],
  ['tmp', { mode: 0o1777, isDirectory: true }],
]
const [tree, reversed]: readonly Tree[] = [new Map(rows), new Map(rows.toReversed())]
const facts = {
  version: '1.2.3',
  architecture: 'amd64',
  description: 'a test',
  maintainer: 'A <a@b>',
  seconds: SECONDS,
}
const image = { processor: 'arm64', version: '1.2.3', seconds: SECONDS } as const

test('a tar has all entries, sorted, of one time and of root, whatever the order they came in', async () => {
  const bytes = await tarOf(tree ?? new Map(), SECONDS)
  expect(bytes.equals(await tarOf(reversed ?? new Map(), SECONDS))).toBe(true)
  const folder = scratch()
  writeFileSync(join(folder, 'a.tar.gz'), gzip(bytes))
  execFileSync('tar', ['xzf', 'a.tar.gz'], { cwd: folder })
  expect(execFileSync(join(folder, 'usr/bin/kahi'), { encoding: 'utf8' })).toBe('kahi\n')
  expect(readFileSync(join(folder, LONG), 'utf8')).toBe('é')
  const listed = execFileSync('tar', ['tzvf', 'a.tar.gz', '--numeric-owner'], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n')
  expect(listed.filter((line) => !line.includes(' 0/0 ') || !line.includes('2023-11-14'))).toEqual([])
  expect(listed.filter((line) => line.endsWith(' tmp/'))).toEqual([expect.stringMatching(/^drwxrwxrwt /)])
})

const hasDpkg = spawnSync('dpkg-deb', ['--version']).status === 0
test.skipIf(!hasDpkg)('dpkg-deb reads the Debian package (needs dpkg-deb)', async () => {
  const file = join(scratch(), 'kahi.deb')
  const bytes = await debOf(tree ?? new Map(), facts)
  expect(bytes.equals(await debOf(reversed ?? new Map(), facts))).toBe(true)
  writeFileSync(file, bytes)
  const fields = execFileSync('dpkg-deb', ['--field', file, 'Package', 'Version', 'Architecture', 'Recommends'], {
    encoding: 'utf8',
  })
  expect(fields).toBe('Package: kahi\nVersion: 1.2.3\nArchitecture: amd64\nRecommends: nodejs (>= 20.19)\n')
  expect(execFileSync('dpkg-deb', ['--contents', file], { encoding: 'utf8' })).toContain(
    './usr/bin/kahi -> ../lib/kahi/kahi',
  )
})

test('each blob of an image is named by its SHA-256, and the image runs kahi as no root', async () => {
  const layout = await layoutOf({ ...image, layers: [{ tree: tree ?? new Map(), seconds: 0 }] })
  expect([...layout]).toEqual([
    ...(await layoutOf({ ...image, layers: [{ tree: reversed ?? new Map(), seconds: 0 }] })),
  ])
  const textOf = (path: string): string => {
    const entry = layout.get(path)
    return entry !== undefined && 'content' in entry ? String(entry.content) : ''
  }
  const blob = (digest: string) => JSON.parse(textOf(`blobs/${digest.replace(':', '/')}`))
  for (const [path, entry] of layout)
    if (path.startsWith('blobs/') && 'content' in entry)
      expect(path).toBe(`blobs/sha256/${createHash('sha256').update(entry.content).digest('hex')}`)
  const [found] = JSON.parse(textOf('index.json')).manifests
  expect(found.platform).toEqual({ architecture: 'arm64', os: 'linux' })
  const config = blob(blob(found.digest).config.digest)
  expect(config.config).toMatchObject({ User: '65532:65532', Entrypoint: ['kahi'] })
  expect(config.created).toBe('2023-11-14T22:13:20.000Z')
})

describe('manual pages', () => {
  const pages = manualPages('1.2.3')
  const contentOf = (page: ReturnType<typeof pages.get>) =>
    page !== undefined && 'content' in page ? page.content : ''

  test('there is one for each command', () => {
    for (const name of ['kahi', 'kahi-daemon', 'kahi-ctl', 'kahi-ctl-restart', 'kahi-healthcheck'])
      expect([...pages.keys()]).toContain(`man1/${name}.1`)
    expect(String(contentOf(pages.get('man5/kahi.toml.5')))).toContain('.B max_memory (size)')
  })

  test.skipIf(spawnSync('groff', ['--version']).status !== 0)('groff finds no mistake in them (needs groff)', () => {
    for (const [name, page] of pages) {
      const { stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], {
        input: contentOf(page),
        encoding: 'utf8',
      })
      expect([name, stderr]).toEqual([name, ''])
    }
  })
})
