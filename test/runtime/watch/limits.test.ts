// A watched directory belongs to the user of a service. Whatever that user makes there, a check and the events of the kernel
// need only a limited time of the daemon process.

import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Contents } from '../../../runtime/watch/contents.ts'
import { Directories } from '../../../runtime/watch/directories.ts'
import { compareSnapshots, MOST_FILES, takeSnapshot } from '../../../runtime/watch/snapshot.ts'
import { makeFolder } from '../../helpers/test-folder.ts'
import { eventually } from '../../helpers/wait.ts'

const MIB = 1024 ** 2

/** Reads contents as if no file had changed just before. */
function newContents(): Contents {
  return new Contents(() => Date.UTC(2100))
}

function look(paths: readonly string[], contents = newContents()) {
  return takeSnapshot(paths, contents)
}

test('of many big files a part is read, and changes of all are noticed', () => {
  const folder = makeFolder()
  const names = Array.from({ length: 40 }, (_, index) => join(folder, `big${index}`))
  for (const name of names) {
    writeFileSync(name, 'a')
    truncateSync(name, 8 * MIB)
  }
  const contents = newContents()
  const before = look([folder], contents)
  const read = [...before.entries.values()].filter(({ content }) => content.digest !== undefined)
  expect(read.length).toBe(4)
  expect(compareSnapshots(before, look([folder], contents))).toEqual([])
  const changed = names.filter((_, index) => index % 13 === 0)
  for (const name of changed) writeFileSync(name, 'b')
  expect(compareSnapshots(before, look([folder], contents)).map(({ path }) => path)).toEqual(changed.sort())
})

test('more names than are watched, links that lead through links, and long paths end a look', () => {
  const folder = makeFolder()
  const many = join(folder, 'many')
  const chain = join(folder, 'chain')
  const deep = join(folder, 'deep')
  mkdirSync(many)
  writeFileSync(join(folder, 'file'), '')
  for (let index = 0; index <= MOST_FILES; index += 1) linkSync(join(folder, 'file'), join(many, `f${index}`))
  const cut = look([many])
  expect(cut.isCut).toBe(true)
  expect(cut.entries.size).toBe(MOST_FILES)

  mkdirSync(chain)
  for (let index = 0; index < 38; index += 1) symlinkSync(`l${index + 1}`, join(chain, `l${index}`))
  for (let index = 0; index < 2000; index += 1) symlinkSync('l0', join(chain, `n${index}`))
  expect(look([chain])).toMatchObject({ isCut: true, entries: { size: 1 } })

  const long = join(deep, ...Array<string>(15).fill('d'.repeat(250)))
  mkdirSync(long, { recursive: true })
  for (let index = 0; index < 4000; index += 1) symlinkSync('/nowhere', join(long, `${index}`))
  expect(look([deep])).toMatchObject({ isCut: true, entries: { size: 16 } })
})

test('a pattern reads no more names than a look may', () => {
  const folder = makeFolder()
  writeFileSync(join(folder, 'file'), '')
  const names = Array.from({ length: 300 }, (_, index) => join(folder, `d${index}`))
  for (const [index, name] of names.entries())
    if (index === 0) {
      mkdirSync(name)
      for (let number = 0; number < 200; number += 1) writeFileSync(join(name, `f${number}`), '')
    } else symlinkSync('d0', name)
  expect(look([join(folder, '*', '*.conf')])).toMatchObject({ isCut: true, entries: { size: 0 } })
  expect(look([join(folder, 'd1', '*9')])).toMatchObject({ isCut: false, entries: { size: 20 } })
})

test('a watch ends after many events, its reader looks, and the watch begins again', async () => {
  const folder = makeFolder()
  const directories = new Directories(() => {})
  const interests = new Map([[folder, new Set([''])]])
  let called = 0
  const reader = (): void => void (called += 1)
  const files = ['a', 'b'].map((name) => openSync(join(folder, name), 'w'))
  directories.follow(reader, interests)
  for (let round = 0; round < 600; round += 1) for (const file of files) writeSync(file, 'x')
  await eventually(() => expect(called).toBe(1000))
  expect(directories.follow(reader, interests)).toBe(true)
  for (const file of files) closeSync(file)
  writeFileSync(join(folder, 'a'), 'again')
  await eventually(() => expect(called).toBeGreaterThan(1000))
  directories.close()
})
